"""One sample of a run, as a request names it."""

import numpy as np

from deepvid.pipeline.students import require_sample
from deepvid.store import Run


def image_of(run: Run, sample: int) -> np.ndarray:
    """uint8 (y, x, channel). Raises ConfigError where the run has no such sample."""
    require_sample(run, sample)
    return np.asarray(run.stages["dataset"].open("image")["image"][sample].to_numpy())
