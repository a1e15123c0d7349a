"""Where a landscape is not to be believed: away from all that the classifier was seen to decide."""

import numpy as np
from jaxtyping import Bool, Float

from deepvid.timetravel.contract import Model
from deepvid.timetravel.landscape import Landscape, centers
from deepvid.timetravel.measures.phantom import Phantom
from deepvid.timetravel.neighbors import among

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
