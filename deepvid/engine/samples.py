"""One sample of a run, as a request names it."""

import numpy as np

from deepvid.errors import ConfigError
from deepvid.store import Run


def image_of(run: Run, sample: int) -> np.ndarray:
    """uint8 (y, x, channel). Raises ConfigError where the run has no such sample."""
    require_sample(run, sample)
    return np.asarray(run.stages["dataset"].open("image")["image"][sample].to_numpy())


def require_sample(run: Run, sample: int) -> None:
    """Raises ConfigError where the run has no such sample."""
    samples = run.stages["dataset"].open("label").sizes["sample"] if "dataset" in run.stages else 0
    if not 0 <= sample < samples:
        raise ConfigError(
            f"Samples of {run.id} are numbered from 0 and below {samples}", f"{sample}", "Ask for one of them"
        )
