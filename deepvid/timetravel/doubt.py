"""Doubt in a landscape: where no sample lies, and away from all that the classifier was seen to decide."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import label

from deepvid.timetravel.contract import Model
from deepvid.timetravel.graph import among
from deepvid.timetravel.landscape import FULL, Landscape, cells, centers

CONFIDENT = 0.3  # the margin from which a cell has its class's color


class Phantom(NamedTuple):
    """Regions of a class that a landscape invents: how much of it to disbelieve."""

    share: float  # of the confident cells; nan where there are none
    cells: Bool[np.ndarray, "y x"]  # which they are


def phantom(landscape: Landscape, position: Float[np.ndarray, "sample 2"]) -> Phantom:
    """Confident cells in connected regions of one class in which no point of `position` lies.

    A high PPR does not exclude them, for it looks only where samples are.
    """
    confident = landscape.margin > CONFIDENT * FULL
    occupied = np.zeros(confident.shape, bool)
    occupied[tuple(cells(position, landscape.box, len(confident)).T)] = True
    invented = np.zeros(confident.shape, bool)
    for name in np.unique(landscape.predicted[confident]):
        regions, _ = label(confident & (landscape.predicted == name))
        inhabited = np.unique(regions[occupied])
        invented |= (regions > 0) & ~np.isin(regions, inhabited)
    share = float(invented.sum() / confident.sum()) if confident.any() else np.nan
    return Phantom(share, invented)


USUAL = 0.99  # of the samples themselves are within the bounds that cells are held to


def doubtful(
    model: Model,
    landscape: Landscape,
    invented: Phantom,
    features: Float[np.ndarray, "sample feature"],
    position: Float[np.ndarray, "sample 2"],
) -> Bool[np.ndarray, "y x"]:
    """Cells that are invented, or whose decoded features are far from all of the samples', or do not return.

    A cell is far where the nearest sample's features are farther from its own than the nearest other sample's
    from what is decoded at 99 % of the samples' positions; it does not return where features that are decoded
    there are projected farther from it than at 99 % of the samples.
    """
    at = centers(landscape.box, len(landscape.predicted))
    decoded, again = model.invert(at), model.invert(position)
    far, usually_far = among(features, decoded, 1).distance[:, 0], _to_others(features, again)
    apart, usually_apart = (
        np.linalg.norm(model.project(found) - there, axis=1)
        for found, there in ((decoded, at), (again, position))
    )
    strange = (far > np.quantile(usually_far, USUAL)) | (apart > np.quantile(usually_apart, USUAL))
    return invented.cells | strange.reshape(invented.cells.shape)


def _to_others(
    features: Float[np.ndarray, "sample feature"], decoded: Float[np.ndarray, "sample feature"]
) -> Float[np.ndarray, " sample"]:
    """How far what is decoded at each sample's position is from the nearest other sample's features."""
    near = among(features, decoded, 2)
    own = near.point[:, 0] == np.arange(len(features))
    return np.where(own, near.distance[:, 1], near.distance[:, 0])
