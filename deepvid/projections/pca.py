"""Principal components: a map of its own, and the first step of the others on wide data."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from sklearn.decomposition import PCA

from deepvid import config
from deepvid.progress import Progress

WIDE = 100  # columns: more are reduced before neighbors are searched
COMPONENTS = 50  # as openTSNE's guide; van der Maaten and Hinton (2008), section 4.2, kept 30


def pca(
    settings: config.Projection,
    data: Float[np.ndarray, "sample feature"],
    *,
    seed: int,
    progress: Progress,
) -> Float[np.ndarray, "sample dimension"]:
    """The first principal components; of each, the largest loading is positive.

    n samples have n - 1 of them: the others are zero.
    """
    progress.update(0, 1, "principal components")
    found = components(data, min(settings.dimensions, len(data) - 1), seed=seed)
    position = np.pad(found, ((0, 0), (0, settings.dimensions - found.shape[1])))
    progress.update(1, 1, "principal components")
    return position


def reduced(data: Float[np.ndarray, "sample feature"], *, seed: int) -> Float[np.ndarray, "sample component"]:
    """`data` itself, or its first `COMPONENTS` principal components where it has more than `WIDE` columns.

    One sample has none.
    """
    samples, columns = data.shape
    return data if columns <= WIDE or samples == 1 else components(data, min(COMPONENTS, samples), seed=seed)


def reducer(
    data: Float[np.ndarray, "sample feature"], *, seed: int
) -> Callable[[Float[np.ndarray, "new feature"]], Float[np.ndarray, "new component"]]:
    """The function of any samples that does what `reduced` does to `data`, but for signs."""
    samples, columns = data.shape
    if columns <= WIDE or samples == 1:
        return lambda other: other
    model = PCA(min(COMPONENTS, samples), random_state=seed).fit(data)
    return lambda other: np.asarray(model.transform(other))


def components(
    data: Float[np.ndarray, "sample feature"], number: int, *, seed: int
) -> Float[np.ndarray, "sample component"]:
    """Coordinates along the first principal components, with signs fixed by the data alone."""
    if number == 0:
        return np.zeros((len(data), 0), np.float32)
    model = PCA(number, random_state=seed)
    scores = model.fit_transform(data)
    largest = np.abs(model.components_).argmax(axis=1)
    return scores * np.sign(model.components_[np.arange(number), largest])
