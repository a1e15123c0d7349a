"""DeepVID: why is my image classifier wrong, and can I believe the explanation?"""

import importlib
import importlib.metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepvid.explaining import explain
    from deepvid.logger import log_run
    from deepvid.serving import serve
    from deepvid.store import open_run

    __version__: str

_MODULES = {
    "explain": "deepvid.explaining",
    "log_run": "deepvid.logger",
    "open_run": "deepvid.store",
    "serve": "deepvid.serving",
}
__all__ = ["explain", "log_run", "open_run", "serve"]


def __getattr__(name: str) -> Any:
    """Imports the store when it is first asked for: the command line starts without xarray."""
    if name == "__version__":
        return importlib.metadata.version("deepvid")
    if name not in _MODULES:
        raise AttributeError(f"module 'deepvid' has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """Names that a person may use, also before they are imported: prompts complete them."""
    return [*__all__, "__version__"]
