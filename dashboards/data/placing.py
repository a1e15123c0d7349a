"""Where images that no map was made of belong on maps: beside those that the teacher sees as most alike."""

import numpy as np

from dashboards.data.spreading import evenly
from deepvid.neighbors import nearest
from deepvid.store import Run

ALIKE = 3  # images whose middle is the place of another
MOST_KNOWN = 4_000  # images of the map that are compared, at most; they are spread evenly
MOST_PLACED = 50_000  # images that are placed, at most; the others have no place


def alike(run: Run, samples: np.ndarray, known: np.ndarray) -> np.ndarray | None:
    """Those of `known` whose features are nearest to each of `samples`: intp (sample, `ALIKE`), -1: none is
    known. None of a teacher without features.
    """
    teacher = run.stages["teacher"].open() if "teacher" in run.stages else {}
    if "features" not in teacher or not len(samples) or not len(known):
        return None
    features = teacher["features"]
    known, placed = known[evenly(len(known), MOST_KNOWN)], evenly(len(samples), MOST_PLACED)
    points, queries = (features.isel(sample=of).to_numpy() for of in (known, samples[placed]))
    seen, asked = (~np.isnan(of).any(axis=1) for of in (points, queries))  # a logged training may lack some
    if not seen.any():
        return None
    found = known[seen][nearest(points[seen], queries[asked], ALIKE)]
    like = np.full((len(samples), found.shape[1]), -1, np.intp)
    like[placed[asked]] = found
    return like


def at_middle(position: np.ndarray, like: np.ndarray) -> np.ndarray:
    """f32 (row, dimension): mean position (sample, dimension) of the images `like` each row; NaN where
    none of them has one.
    """
    places = position[like]
    known = (like >= 0) & ~np.isnan(places).any(axis=2)
    counts = known.sum(axis=1)[:, None]
    sums = np.where(known[..., None], places, 0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan).astype(np.float32)
