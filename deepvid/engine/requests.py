"""What can be asked of an engine: frozen, light, comparable.

Adding one is a dataclass here, and in `deepvid.engine.handlers` a function that answers it and its line.
"""

from dataclasses import dataclass
from pathlib import Path

from deepvid import config


@dataclass(frozen=True)
class Request:
    """What is asked about a run. A newer one of the same class from the same session cancels the older."""

    run: str | Path  # as `deepvid.open_run` takes it: a folder, an archive or a URL


@dataclass(frozen=True)
class FitStudent(Request):
    """One student around one sample. The answer is an `xr.Dataset` with the variables of a students batch."""

    sample: int
    settings: config.Students
    seed: int = 0
