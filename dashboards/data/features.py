"""The teacher's features of one image, as every gesture asks for them again."""

import numpy as np

from deepvid.caching import newest_per_owner
from deepvid.store import Run


def features_of(run: Run, sample: int) -> np.ndarray:
    """f32 (feature,) of the penultimate layer; those of the last image that was asked for are kept."""
    return _read(run, (run.stages["teacher"].key, sample))


@newest_per_owner
def _read(run: Run, asked: tuple[str, int]) -> np.ndarray:
    return run.stages["teacher"].open("features")["features"].isel(sample=asked[1]).to_numpy()
