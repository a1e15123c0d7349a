"""Regions of a class that the landscape invents: no sample lies in them."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import label

from deepvid.timetravel.landscape import FULL, Landscape, cells

CONFIDENT = 0.3  # the margin from which a cell has its class's color


class Phantom(NamedTuple):
    """How much of a landscape to disbelieve."""

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
