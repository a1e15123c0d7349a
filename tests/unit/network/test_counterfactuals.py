"""Images that are changed until a teacher says another class, of teachers whose answer is known by hand."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array

from deepvid.network.adversarial_distance import adversarial_distances
from deepvid.network.counterfactual_strip import AWAY, FRAMES, counterfactual_strips, evidence_of
from deepvid.network.spaces import Latents, slope, space_of
from deepvid.students.prior import laplacian

SHAPE = 4, 5, 1
PIXELS = 20
WEIGHTS = np.random.default_rng(3).normal(size=(3, PIXELS)).astype(np.float32)
GRAY = np.full((1, *SHAPE), 128, np.uint8)


@jax.tree_util.register_pytree_node_class
class Linear:
    """W x + b of three classes; the first leads at `GRAY` by 3 and by 2."""

    def __init__(self, weights: Any = WEIGHTS, bias: Any = None) -> None:
        self.weights = weights
        self.bias = (
            np.array([0.0, -3.0, -2.0]) - weights @ np.full(PIXELS, 128 / 255) if bias is None else bias
        )

    def logits(self, images: Array) -> Array:
        return images.reshape(len(images), -1) @ self.weights.T + self.bias

    def tree_flatten(self) -> tuple[Any, None]:
        return (self.weights, self.bias), None

    @classmethod
    def tree_unflatten(cls, _: None, children: Any) -> "Linear":
        return cls(*children)


@jax.tree_util.register_pytree_node_class
class TwoLatents:
    """Decodes (a, b) as a in the left half and b in the right."""

    def encode(self, images: Array) -> tuple[Array, Array]:
        mean = jnp.stack([images[:, :, :2].mean((1, 2, 3)), images[:, :, 2:].mean((1, 2, 3))], axis=1)
        return mean, mean

    def decode(self, latents: Array) -> Array:
        left, right = latents[:, 0, None, None, None], latents[:, 1, None, None, None]
        halves = jnp.where(jnp.arange(5)[:, None] < 2, left, right)
        return jnp.broadcast_to(halves, (len(latents), *SHAPE))

    def tree_flatten(self) -> tuple[tuple[()], None]:
        return (), None

    @classmethod
    def tree_unflatten(cls, _: None, __: Any) -> "TwoLatents":
        return cls()


def test_of_a_linear_teacher_the_distance_is_that_to_the_nearest_plane() -> None:
    """margin / ‖w_answer − w_other‖ of the nearer class: ‖..‖ are near 6, so no pixel leaves [0, 1]."""
    apart = np.linalg.norm(WEIGHTS[0] - WEIGHTS[1:], axis=1)
    by_class = np.array([3.0, 2.0]) / apart
    found = adversarial_distances(Linear(), None, "pixel", GRAY)
    assert found.distance[0] == pytest.approx(by_class.min(), rel=2e-3)
    assert found.flipped[0] == 1 + by_class.argmin()


def test_in_latents_it_is_told_in_their_standard_deviations() -> None:
    """Logits (0, 8 (left − .5) − 1): left must rise by 1/8, which is half of a deviation of 1/4."""
    weights = np.zeros((2, PIXELS), np.float32)
    weights[1].reshape(4, 5)[:, :2] = 1
    teacher = Linear(weights, np.array([0.0, -8 * 128 / 255 - 1]))
    found = adversarial_distances(teacher, Latents(TwoLatents(), np.array([0.25, 4.0])), "latent", GRAY)  # type: ignore[arg-type]
    assert found.distance[0] == pytest.approx(0.5, rel=2e-3)


def test_an_answer_that_cannot_be_changed_has_no_distance() -> None:
    bias = np.array([0.0, -1.0, -1.0])
    found = adversarial_distances(
        Linear(np.zeros_like(WEIGHTS), bias), None, "pixel", np.repeat(GRAY, 20, axis=0)
    )
    assert np.isnan(found.distance).all()
    assert (found.flipped == -1).all()


def test_black_pixels_are_not_darkened_on_the_way() -> None:
    """Of 20 black pixels ten could only be darkened for the other class: the way goes along the others."""
    weights = np.zeros((2, PIXELS), np.float32)
    weights[1] = np.repeat([1.0, -1.0], 10)
    teacher = Linear(weights, np.array([1.0, 0.0]))
    found = adversarial_distances(teacher, None, "pixel", np.zeros_like(GRAY))
    assert found.distance[0] == pytest.approx(1 / np.sqrt(10), rel=2e-3)


@pytest.mark.parametrize("target", [1, 2])
def test_d_1_frames_are_equal_in_evidence_and_follow_the_weights_of_a_linear_teacher(target: int) -> None:
    found = counterfactual_strips(Linear(), None, "pixel", GRAY, np.array([target]))
    evidence = evidence_of(found.logits[0], 0, target)
    assert evidence[0] == pytest.approx(-4 + target, abs=1e-4)
    assert evidence[-1] == pytest.approx(2, abs=0.02)
    np.testing.assert_allclose(np.diff(evidence), (6 - target) / 7, rtol=0.02)
    steps = np.diff(found.picture[0], axis=0).reshape(FRAMES - 1, -1)
    along = WEIGHTS[target] - WEIGHTS[0]
    for step in steps:
        np.testing.assert_allclose(step / np.linalg.norm(step), along / np.linalg.norm(along), atol=1e-4)


def test_smoothed_steps_are_those_of_the_inverse_of_one_and_the_laplacian() -> None:
    found = counterfactual_strips(Linear(), None, "smooth", GRAY, np.array([1]))
    step = found.picture[0, 1] - found.picture[0, 0]
    back = (step + 10 * np.asarray(laplacian(step[None]))[0]).ravel()
    along = WEIGHTS[1] - WEIGHTS[0]
    np.testing.assert_allclose(back / np.linalg.norm(back), along / np.linalg.norm(along), atol=1e-3)


def test_away_leads_to_whichever_class_is_nearer_and_every_image_has_its_own_target() -> None:
    images, aims = np.repeat(GRAY, 5, axis=0), np.array([AWAY, 1, 2, 1, AWAY])
    found = counterfactual_strips(Linear(), None, "pixel", images, aims)
    alone = [counterfactual_strips(Linear(), None, "pixel", GRAY, aims[[row]]) for row in range(5)]
    for row in range(5):
        np.testing.assert_allclose(found.picture[row], alone[row].picture[0], atol=1e-3)
        last = evidence_of(found.logits[row], 0, int(aims[row]))[-1]
        assert last == pytest.approx(2, abs=0.02)


def test_where_evidence_cannot_grow_frames_stay_in_the_range_of_pixels() -> None:
    weights = np.zeros((2, PIXELS), np.float32)
    weights[1] = 0.01
    found = counterfactual_strips(Linear(weights, np.array([1.0, 0.0])), None, "pixel", GRAY, np.array([1]))
    assert found.picture.max() == 1
    assert (found.logits[0].argmax(axis=1) == 0).all()
    assert np.isfinite(found.picture).all()


def test_the_slope_is_that_of_finite_differences() -> None:
    images = jnp.asarray(np.random.default_rng(0).uniform(0.2, 0.8, (2, *SHAPE)), jnp.float32)
    space = space_of("smooth", images, None)
    u = jnp.zeros_like(images)

    def first(pictures: Array) -> Array:
        return Linear().logits(pictures)[:, 0] ** 2

    value, gradient = slope(space, u, first)
    bump = u.at[0, 1, 2, 0].add(1e-2)
    raised = first(space.picture(bump))
    assert (raised[0] - value[0]) / 1e-2 == pytest.approx(float(gradient[0, 1, 2, 0]), rel=0.05)
