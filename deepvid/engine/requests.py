"""What can be asked of an engine: frozen, light, comparable.

Adding one is a dataclass here, and in `deepvid.engine.handlers` a function that answers it and its line.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from deepvid import config
from deepvid.config import names


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


@dataclass(frozen=True)
class EditLatents(Request):
    """What becomes of one sample where its latent is moved by `shift`. The answer is `Edited`."""

    sample: int
    shift: tuple[float, ...]  # of each latent
    neighborhood: names.Neighborhood = "residual"


class Edited(NamedTuple):
    """An image as its autoencoder changes it, and what the teacher says of that."""

    sample: int
    image: np.ndarray  # uint8 (y, x, channel)
    logits: np.ndarray  # f32 (class,)
