"""DeepVID: why is my image classifier wrong, and can I believe the explanation?"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepvid.store import open_run

__all__ = ["open_run"]


def __getattr__(name: str) -> Any:
    """Imports the store when it is first asked for: the command line starts without xarray."""
    if name == "open_run":
        from deepvid.store import open_run

        return open_run
    raise AttributeError(f"module 'deepvid' has no attribute {name!r}")
