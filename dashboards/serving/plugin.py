"""What a server gets with `--plugins dashboards.serving.plugin`: a guard at its door, and routes for files.

`deepvid serve` adds it; `panel serve dashboards/app.py` needs it named.
"""

from typing import Any

from dashboards.serving import transfer
from dashboards.serving.components import import_nothing
from dashboards.serving.guard import guard_servers
from dashboards.serving.scratch import collect
from dashboards.serving.stopping import stop_on_interrupt
from dashboards.serving.turns import take_turns


def __getattr__(name: str) -> Any:
    """`ROUTES` is what Panel asks its plug-ins for, before it makes the server."""
    if name != "ROUTES":
        raise AttributeError(name)
    import_nothing()
    take_turns()
    guard_servers()
    collect()
    stop_on_interrupt()
    return transfer.ROUTES
