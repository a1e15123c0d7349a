"""A VAE as a judge: one that knows every image that is a multiple of a picture, and no other."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from linear import Linear, Multiples, case

from deepvid.attribution.infill import ROUNDS, InfilledClassifier
from deepvid.attribution.measures import DeletionInsertion, StrongestPixels, measure

SIDE = 8
PICTURE = np.random.default_rng(1).uniform(0.3, 0.9, (SIDE, SIDE, 1)).astype(np.float32)
TEACHER = Linear(jnp.asarray(np.random.default_rng(2).uniform(size=PICTURE.shape), jnp.float32))


VAE = Multiples(jnp.asarray(PICTURE))
KNOWN, UNKNOWN = 0.8 * PICTURE, 1.2 - PICTURE


def test_absent_pixels_are_decoded_from_those_that_are_there() -> None:
    """From nothing, 0, each round brings the multiple nearer by the share of the picture that is there."""
    holes = jnp.where(jnp.arange(SIDE)[:, None, None] < SIDE // 2, jnp.nan, jnp.asarray(KNOWN))
    filled = np.asarray(InfilledClassifier(TEACHER, VAE).filled(holes[None]))[0]
    np.testing.assert_array_equal(filled[SIDE // 2 :], KNOWN[SIDE // 2 :])
    lost = np.sum(PICTURE[: SIDE // 2] ** 2) / np.sum(PICTURE**2)
    np.testing.assert_allclose(filled[: SIDE // 2], (1 - lost**ROUNDS) * KNOWN[: SIDE // 2], rtol=1e-4)


@pytest.mark.parametrize(
    ("image", "knows"), [(KNOWN, True), (UNKNOWN, False), (np.full_like(PICTURE, 0.5), False)]
)
def test_a_vae_that_fills_in_no_better_than_a_flat_color_knows_nothing(
    image: np.ndarray, knows: bool
) -> None:
    assert bool(InfilledClassifier(TEACHER, VAE).knows(jnp.asarray(image))) == knows


def measured(judge: object, image: np.ndarray) -> tuple[np.ndarray, ...]:
    """Of the map of what each pixel is worth."""
    cases = jax.tree.map(lambda leaf: leaf[None], case(image))
    maps = (TEACHER.weight * image)[None, None]
    return tuple(map(np.asarray, measure(judge, TEACHER, cases, maps, vae=VAE)))  # type: ignore[arg-type]


def test_pixels_that_the_others_tell_cost_nothing() -> None:
    """A tenth of the picture is filled in as it was; on black, it would cost as much as it is worth."""
    _, lost, chance, _ = measured(StrongestPixels(judges=("infill",)), KNOWN)
    worth = np.sort(np.ravel(TEACHER.weight * KNOWN))[-7:].sum()
    assert abs(lost[0, 0]) < 0.02 * worth
    assert abs(chance[0, 0]) < 0.02 * worth


def test_of_an_image_that_it_knows_nothing_of_it_says_nothing() -> None:
    for judge in (StrongestPixels(judges=("infill",)), DeletionInsertion(("infill",))):
        assert all(np.isfinite(values).all() for values in measured(judge, KNOWN))
        assert all(np.isnan(values).all() for values in measured(judge, UNKNOWN))
