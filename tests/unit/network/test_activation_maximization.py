"""Maximized pictures of units whose best picture is known by hand."""

from threading import Event
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy.special import ive

from deepvid.errors import Cancelled
from deepvid.models import LayeredClassifier
from deepvid.network.activation_maximization import (
    BLURRED,
    STEPS,
    _blurring,
    _kept,
    averaged,
    maximized,
    maximized_latent,
    ninth,
    work_to,
)
from deepvid.network.spaces import Latents
from deepvid.network.switches import Switches
from deepvid.progress import Progress, Tick

SHAPE = 4, 5, 1
WEIGHTS = np.random.default_rng(3).normal(size=(3, 20)).astype(np.float32)
GRAY = np.full(SHAPE, 0.5, np.float32)


class Linear(nnx.Module):
    """W x, of pixels less gray: unit 1 never answers where `dead`."""

    def __init__(self, weights: np.ndarray = WEIGHTS, *, dead: bool = False) -> None:
        self.weights, self.dead = nnx.Param(jnp.asarray(weights)), dead

    def __call__(self, images: jax.Array) -> jax.Array:
        found = (images.reshape(len(images), -1) - 0.5) @ self.weights[...].T
        return jnp.where(jnp.arange(3) == 1, 0.0, jax.nn.relu(found)) if self.dead else found


def network(**settings: Any) -> LayeredClassifier:
    return LayeredClassifier(
        {"unit": Linear(**settings)},
        features=3,
        class_names=("a", "b"),
        image_shape=SHAPE,
        dropout=0,
        rngs=nnx.Rngs(0),
    )


def found(switches: Switches, units: tuple[int, ...] = (0, 1, 2), **settings: Any) -> Any:
    return maximized(network(**settings), "unit", np.array(units), GRAY, switches, seed=0)


def test_of_a_linear_unit_the_picture_is_proportional_to_its_weights() -> None:
    """With θ = .5 it comes to rest where d = (1 − θ)/θ η w / rms(w); η is .06 / 2 when the second half
    begins: .03 w / rms(w), within ± .5.
    """
    picture = found(Switches(decay=0.5)).picture.reshape(3, -1) / 255 - 0.5
    for drawn, weights in zip(picture, WEIGHTS, strict=True):
        # rounding moves a pixel by up to 1/510, against .03 on average
        assert np.corrcoef(drawn, weights)[0, 1] > 0.999
        assert (drawn @ weights) / (weights @ weights) == pytest.approx(
            0.03 / np.sqrt((weights**2).mean()), rel=0.1
        )


def test_nothing_held_back_it_is_as_strong_as_a_picture_can_be() -> None:
    """Σ |w| / 2: white where a weight is positive, else black."""
    assert found(Switches()).response == pytest.approx(np.abs(WEIGHTS).sum(axis=1) / 2, rel=0.05)


def test_a_unit_that_never_answers_has_a_picture_and_no_response() -> None:
    there = found(Switches(), dead=True)
    assert there.response[1] == 0
    assert (there.response[[0, 2]] > 0).all()
    assert there.picture[1].std() < 0.1 * 255  # the quietest start
    assert np.isnan(ninth(np.zeros((20, 1), np.float32)))


def test_units_together_are_each_what_they_are_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepvid.network.activation_maximization.TOGETHER", 2)
    together = maximized(network(), "unit", np.arange(3), GRAY, seed=0)
    for one in range(3):
        alone = maximized(network(), "unit", np.array([one]), GRAY, seed=0)
        np.testing.assert_array_equal(alone.picture[0], together.picture[one])
        assert alone.response[0] == pytest.approx(together.response[one], rel=1e-5)


def test_blur_is_the_gaussian_of_a_grid_with_free_ends() -> None:
    """Far from the ends e^(−σ²) I_n(σ²) (Lindeberg 1990), of variance σ²; at the ends nothing is lost."""
    blur = np.asarray(_blurring(41, 1.5))
    np.testing.assert_allclose(blur[20], ive(np.abs(np.arange(41) - 20), 1.5**2), atol=1e-6)
    np.testing.assert_allclose(blur.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(_blurring(9, 0.0), np.eye(9), atol=1e-5)


def test_switches_take_the_smallest_share_to_the_mean() -> None:
    size = jnp.arange(12.0).reshape(1, 3, 4, 1)
    assert np.flatnonzero(~_kept(size, 0.25)).tolist() == [0, 1, 2]
    assert np.asarray(_kept(size, 0.0)).all()


@pytest.mark.parametrize("switch", ["values", "norms", "contributions"])
def test_what_is_small_stays_at_the_mean_image(switch: str) -> None:
    """Of a linear unit d grows with |w|, and contributes w d: the smallest weights are left out."""
    picture = found(Switches(**{switch: 0.5})).picture.reshape(3, -1)
    left = np.abs(picture / 255.0 - 0.5) < 0.01
    assert (left.sum(axis=1) >= 9).all()
    size = np.abs(WEIGHTS)
    assert size[left].mean() < 0.6 * size[~left].mean()


def test_blur_makes_neighbors_alike() -> None:
    def roughness(picture: np.ndarray) -> float:
        return float(np.abs(np.diff(picture.astype(float), axis=1)).mean() / picture.std())

    assert roughness(found(Switches(blur=1.5, decay=0.2)).picture) < 0.6 * roughness(
        found(Switches(decay=0.2)).picture
    )
    assert STEPS > 4 * BLURRED


@jax.tree_util.register_pytree_node_class
class Halves:
    """Decodes (a, b) as .5 + a / 10 in the left two columns and .5 + b / 10 in the others."""

    def decode(self, latents: jax.Array) -> jax.Array:
        left, right = (0.5 + latents[:, at, None, None, None] / 10 for at in (0, 1))
        return jnp.broadcast_to(jnp.where(jnp.arange(5)[:, None] < 2, left, right), (len(latents), *SHAPE))

    def tree_flatten(self) -> tuple[tuple[()], None]:
        return (), None

    @classmethod
    def tree_unflatten(cls, _: None, __: Any) -> "Halves":
        return cls()


def test_in_latents_it_is_the_best_that_is_as_near_as_images_are() -> None:
    """a = (g · u) with g the weights' sums over each half: u = √2 g / ‖g‖ on the ball of two latents."""
    latents = Latents(Halves(), np.ones(2, np.float32))  # type: ignore[arg-type]
    there = maximized_latent(network(), "unit", np.arange(3), latents, seed=0)
    halves = WEIGHTS.reshape(3, 4, 5)
    slope = np.stack([halves[..., :2].sum(axis=(1, 2)), halves[..., 2:].sum(axis=(1, 2))], axis=1)
    best = np.sqrt(2) * np.linalg.norm(slope, axis=1) / 10
    assert there.response == pytest.approx(best, rel=0.05)  # rounded to 1/255


def test_the_ninth_strongest_image_is_the_measure() -> None:
    largest = np.random.default_rng(0).permutation(np.arange(1.0, 31))[:, None]
    assert ninth(largest)[0] == 22
    assert ninth(np.array([[3.0], [2.0]]))[0] == 2  # the weakest of fewer


def test_the_mean_image_is_of_images_that_lie_evenly() -> None:
    assert averaged(np.array([4, 7, 9])).tolist() == [4, 7, 9]
    many = averaged(np.arange(5000))
    assert len(many) == 1000
    assert (many[0], many[-1]) == (0, 4999)


def test_work_is_that_of_the_layers_before() -> None:
    """60 weights, there and back: three times as much a step."""
    assert work_to(network(), "unit") == 3 * STEPS * 60


def test_it_can_be_stopped_between_stretches_and_says_how_far_it_is() -> None:
    cancel, told = Event(), []

    def emit(tick: Tick) -> None:
        told.append(tick.done)
        if len(told) == 4:
            cancel.set()

    with pytest.raises(Cancelled):
        maximized(network(), "unit", np.arange(3), GRAY, seed=0, progress=Progress(emit, cancel))
    assert told == pytest.approx([0, 0.5, 1, 1.5])  # of three units, ten steps of sixty each
