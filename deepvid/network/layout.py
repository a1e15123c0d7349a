"""Maps of layers: their codes in the plane, and each map turned onto that of the layer before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.alignment import procrustes
from deepvid.neighbors import nearest
from deepvid.statistics import Interval, bootstrap_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jaxtyping import Float, Int

NEIGHBORS = 10  # neighbors by which a map is measured
MEASURED = 1000  # samples that it is measured with, at most


class Aligned(NamedTuple):
    """A map, centered and of root-mean-square radius 1, turned onto another."""

    position: Float[np.ndarray, "sample dimension"]
    residual: float  # root mean square distance to the other map, in its radii: 0 to √2
    mirrored: bool  # turning alone would have left it farther away


class Preservation(NamedTuple):
    """How many of the nearest in the codes are nearest on the map."""

    share: Interval
    chance: float


def principal(data: Float[np.ndarray, "sample component"]) -> Float[np.ndarray, "sample dimension"]:
    """The first two principal components; of each, the largest loading is positive."""
    centered = np.asarray(data, np.float64) - np.mean(data, axis=0, dtype=np.float64)
    _, vectors = np.linalg.eigh(centered.T @ centered)
    axes = vectors[:, ::-1][:, :2]
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1, 1)
    return np.asarray(_in_the_plane(centered @ axes))


def farthest(data: Float[np.ndarray, "sample component"], k: int) -> Int[np.ndarray, " pivot"]:
    """`k` rows, each the farthest from those before it; the first is the farthest from the mean.

    Source: max–min selection, Brandes and Pich (2007), Eigensolver methods for progressive multidimensional
    scaling of large data, section 3.
    """
    chosen: list[int] = []
    distances = _squared(data, data.mean(axis=0))
    for _ in range(min(k, len(data))):
        chosen.append(int(distances.argmax()))
        new = _squared(data, data[chosen[-1]])
        distances = np.minimum(distances, new) if len(chosen) > 1 else new
        distances[chosen] = -1  # equal rows are chosen one by one, none twice
    return np.array(chosen)


def pivot_mds(
    data: Float[np.ndarray, "sample component"], pivots: Int[np.ndarray, " pivot"]
) -> Float[np.ndarray, "sample dimension"]:
    """Coordinates √s v by the two largest singular values s of C, v over the samples, where

    C_ki = −½ (D²_ki − row mean − column mean + mean),  D_ki = ‖pivot k − sample i‖

    With every sample a pivot it is classical scaling, which by Euclidean distances is `principal`.

    Source: Brandes and Pich (2007), as above; zeros where C has a lower rank.
    """
    data = np.asarray(data, np.float64)
    squares = np.stack([_squared(data, data[pivot]) for pivot in pivots])
    squares -= squares.mean(axis=0)
    centered = -0.5 * (squares - squares.mean(axis=1, keepdims=True))
    values, vectors = np.linalg.eigh(centered @ centered.T)
    first = np.argsort(-values)[:2]
    known = values[first] > 1e-24 * values.max(initial=0) if len(values) else np.zeros(0, bool)
    along = centered.T @ vectors[:, first]  # s v
    scale = np.where(known, values[first], 1) ** -0.25  # 1 / √s
    return np.asarray(_in_the_plane(np.where(known, along * scale, 0)))


def aligned(
    points: Float[np.ndarray, "sample dimension"], onto: Float[np.ndarray, "sample dimension"]
) -> Aligned:
    """`points` turned, and mirrored where that brings them nearer, onto `onto`; both at radius 1.

    Orthogonal Procrustes, which the test of the angle θ = atan2(Σ a_x b_y − a_y b_x, Σ a_x b_x + a_y b_y) of
    the points and of their mirror image equals.
    """
    first, second = normalized(points), normalized(onto)
    rotation = procrustes(first, second).rotation
    position = first @ rotation
    residual = float(np.sqrt(_mean((position - second) ** 2)))
    return Aligned(position, residual, bool(np.linalg.det(rotation) < 0))


def walked(layouts: Iterable[Float[np.ndarray, "sample dimension"]]) -> Iterator[Aligned]:
    """Every map turned onto the one before, as that one lies; the first lies as it is, its residual nan."""
    before: np.ndarray | None = None
    for layout in layouts:
        one = Aligned(normalized(layout), np.nan, False) if before is None else aligned(layout, before)
        yield one
        before = one.position


def normalized(points: Float[np.ndarray, "sample dimension"]) -> Float[np.ndarray, "sample dimension"]:
    """Centered, with root-mean-square radius 1; points that all lie in one place stay there, at 0."""
    centered = np.asarray(points, np.float64) - np.mean(points, axis=0, dtype=np.float64)
    radius = np.sqrt(_mean(centered**2))
    return centered / radius if radius else centered


def preservation(
    data: Float[np.ndarray, "sample component"],
    position: Float[np.ndarray, "sample dimension"],
    *,
    seed: int,
) -> Preservation:
    """The share of each sample's ten nearest in the codes that are among its ten nearest on the map.

    Of some of the samples, among themselves. With one sample it is nan.
    """
    rows = np.random.default_rng(seed).permutation(len(data))[:MEASURED]
    k = min(NEIGHBORS, len(rows) - 1)
    if k < 1:
        return Preservation(Interval(np.nan, np.nan, np.nan), np.nan)
    own = np.arange(len(rows))
    spaces = (np.asarray(each[rows], np.float64) for each in (data, position))
    first, second = (nearest(points, points, k, own=own) for points in spaces)
    both = (first[:, :, None] == second[:, None, :]).sum(axis=(1, 2)) / k
    return Preservation(bootstrap_mean(both, seed=seed), k / (len(rows) - 1))


def _squared(data: np.ndarray, point: np.ndarray) -> np.ndarray:
    """‖x_i − point‖² of each row."""
    return np.asarray(((data - point) ** 2).sum(axis=1), np.float64)


def _mean(squares: np.ndarray) -> float:
    """Over samples, of the sum over dimensions."""
    return float(squares.sum() / max(1, len(squares)))


def _in_the_plane(position: np.ndarray) -> np.ndarray:
    """With a second column of zeros where there is but one."""
    return np.pad(position, ((0, 0), (0, 2 - position.shape[1])))


LAYOUTS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "pca": lambda data, pivots: principal(data),
    "pivot_mds": lambda data, pivots: pivot_mds(data, farthest(data, pivots)),
}
"""Name -> of codes (sample, component) and a number of pivots, the positions (sample, 2)."""
