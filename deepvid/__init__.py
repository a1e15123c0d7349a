"""DeepVID: why is my image classifier wrong, and can I believe the explanation?"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepvid.explaining import explain, serve
    from deepvid.logger import log_run
    from deepvid.store import open_run

__all__ = ["explain", "log_run", "open_run", "serve"]


def __getattr__(name: str) -> Any:
    """Imports the store when it is first asked for: the command line starts without xarray."""
    if name == "open_run":
        from deepvid.store import open_run

        return open_run
    if name in ("explain", "serve"):
        from deepvid import explaining

        return getattr(explaining, name)
    if name == "log_run":
        from deepvid.logger import log_run

        return log_run
    raise AttributeError(f"module 'deepvid' has no attribute {name!r}")
