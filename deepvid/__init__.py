"""DeepVID: why is my image classifier wrong, and can I believe the explanation?"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepvid.logger import log_run
    from deepvid.store import open_run

__all__ = ["log_run", "open_run"]


def __getattr__(name: str) -> Any:
    """Imports the store when it is first asked for: the command line starts without xarray."""
    if name == "open_run":
        from deepvid.store import open_run

        return open_run
    if name == "log_run":
        from deepvid.logger import log_run

        return log_run
    raise AttributeError(f"module 'deepvid' has no attribute {name!r}")
