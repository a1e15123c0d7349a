"""UMAP through umap-learn, on one thread: its parallel layout differs from run to run."""

import io
import re

import numpy as np
from jaxtyping import Float

from deepvid import config
from deepvid.errors import DataError
from deepvid.progress import Progress


def umap(
    settings: config.Projection,
    data: Float[np.ndarray, "sample feature"],
    *,
    seed: int,
    progress: Progress,
) -> Float[np.ndarray, "sample dimension"]:
    """Source: McInnes et al. (2018), arXiv 1802.03426. `progress` may cancel at every epoch of the layout.

    Raises `DataError` where it is to look at more neighbors than there are other samples.
    """
    _check(settings.neighbors, len(data))
    progress.update(0, 1, "finding neighbors")
    from umap import UMAP  # compiles for seconds when imported: only those who use it should wait

    model = UMAP(
        n_components=settings.dimensions,
        n_neighbors=settings.neighbors,
        min_dist=settings.min_distance,
        random_state=seed,
        n_jobs=1,
        tqdm_kwds={
            "disable": False,
            "file": Report(progress),
            "bar_format": "{n}/{total}",
            "mininterval": 0.2,
        },
    )
    return np.asarray(model.fit_transform(data))


class Report(io.StringIO):
    """The file UMAP's progress bar writes to: umap-learn has no callback, so the bar's text is read.

    An exception raised while the bar is drawn ends the layout.
    """

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def write(self, text: str) -> int:
        if counted := re.search(r"(\d+)/(\d+)", text):
            self._progress.update(int(counted[1]), int(counted[2]), "layout")
        return len(text)


def _check(neighbors: int, samples: int) -> None:
    if neighbors > samples - 1:
        raise DataError(
            "UMAP looks at fewer neighbors than there are samples",
            f"{neighbors} neighbors with {samples} samples",
            f"Set the projection's neighbors to at most {samples - 1}, or use more samples",
        )
