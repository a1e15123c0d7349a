"""A linear teacher loses with a place the weights there, times how far the fill is from the image."""

import jax
import jax.numpy as jnp
import numpy as np
from linear import drawn

from deepvid.attribution import drops_by_place
from deepvid.attribution.judges import fills_of
from deepvid.attribution.place_drops import PlaceDrops
from deepvid.attribution.windows import Windows

SHAPE = (8, 8, 1)


def by_hand(lost: np.ndarray) -> np.ndarray:
    """Sums over windows, by rows of them."""
    windows = Windows.over(SHAPE, 4)
    return np.array(
        [[lost[y : y + windows.side, x : x + windows.side].sum() for x in windows.left] for y in windows.top]
    ).ravel()


def test_the_least_over_the_fills_is_lost() -> None:
    teacher, one = drawn(SHAPE)
    one = one._replace(neighbor=jnp.full(SHAPE, 0.7))
    many = jax.tree.map(lambda leaf: leaf[None], one)
    fills = np.asarray(fills_of(PlaceDrops().judges, one).fills)
    assert len(fills) == 4  # two colors, the mean color, a neighbor
    of_each = [by_hand(np.asarray(teacher.weight * (one.image - fill)).sum(axis=-1)) for fill in fills]
    np.testing.assert_allclose(drops_by_place(teacher, many)[0], np.min(of_each, axis=0), atol=1e-5)


def test_an_unknown_neighbor_fills_nothing() -> None:
    teacher, one = drawn(SHAPE)
    many = jax.tree.map(lambda leaf: leaf[None], one)
    without = drops_by_place(teacher, many, PlaceDrops(judges=("colors", "mean_color")))
    np.testing.assert_array_equal(drops_by_place(teacher, many), without)
    assert np.isfinite(without).all()
