"""Every projection method behind one function."""

from typing import Protocol

import numpy as np
from jaxtyping import Float

from deepvid import config
from deepvid.config import names
from deepvid.errors import DataError
from deepvid.progress import SILENT, Progress
from deepvid.projections.pca import pca, reduced
from deepvid.projections.tsne import tsne
from deepvid.projections.umap import umap
from deepvid.wording import quantity


class Method(Protocol):
    """Gives (sample, dimension), float32; the same seed gives the same bytes on one machine."""

    def __call__(
        self,
        settings: config.Projection,
        data: Float[np.ndarray, "sample feature"],
        *,
        seed: int,
        progress: Progress,
    ) -> Float[np.ndarray, "sample dimension"]: ...


PROJECTIONS: dict[names.ProjectionMethod, Method] = {"tsne": tsne, "pca": pca, "umap": umap}
"""Name -> method. Adding one is adding a line."""


def project(
    settings: config.Projection,
    data: Float[np.ndarray, "sample feature"],
    *,
    seed: int,
    progress: Progress = SILENT,
) -> Float[np.ndarray, "sample dimension"]:
    """The map of `data`, centered.

    Data of more than `pca.WIDE` columns is first reduced to its `pca.KEPT` principal components: neighbors
    are found in those. Raises `DataError` for data that has no map, or too few samples for settings that are
    not `feasible`.
    """
    data = np.ascontiguousarray(data, np.float32)
    _check(settings, data)
    position = PROJECTIONS[settings.method](settings, reduced(data, seed=seed), seed=seed, progress=progress)
    return np.ascontiguousarray(position - position.mean(axis=0), np.float32)


def _check(settings: config.Projection, data: np.ndarray) -> None:
    samples, columns = data.shape
    if samples < 1 or columns < settings.dimensions:
        raise DataError(
            f"A map of {settings.dimensions} dimensions needs at least as many columns, and a sample",
            f"{quantity(samples, 'sample')} of {quantity(columns, 'column')} in {settings.name}",
            "Use fewer dimensions, more samples or another input",
        )
    if not np.isfinite(data).all():
        raise DataError(
            "The data of a projection are finite",
            f"{np.count_nonzero(~np.isfinite(data).all(axis=1))} of {samples} samples with NaN or infinity "
            f"in {settings.name}",
            "Check the training that made them: a lower learning rate keeps it from diverging",
        )
    if samples > 1 and (data == data[0]).all():
        raise DataError(
            "A map needs samples that differ",
            f"{samples} equal samples in {settings.name}",
            "Check what made them: a trained teacher or VAE tells images apart",
        )
