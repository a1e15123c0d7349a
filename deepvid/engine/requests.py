"""What can be asked of an engine: frozen, light, comparable."""

from dataclasses import dataclass
from pathlib import Path

from deepvid import config


@dataclass(frozen=True)
class FitStudent:
    """One student around one sample. The answer is an `xr.Dataset` with the variables of a students batch."""

    run: str | Path  # as `deepvid.open_run` takes it: a folder, an archive or a URL
    sample: int
    settings: config.Students
    seed: int = 0


Request = FitStudent
"""Every kind of request; `deepvid.engine.handlers.HANDLERS` has an entry for each."""
