"""On a linear teacher every method has an answer that is known beforehand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from linear import Linear, case, drawn

from deepvid.attribution.baselines import blur
from deepvid.attribution.gradients import Gradient, IntegratedGradients, SmoothGrad
from deepvid.attribution.lime import Lime, LimeGrid
from deepvid.attribution.method import Case, Method
from deepvid.attribution.occlusion import Occlusion

SHAPE = (4, 6, 2)


def explained(method: Method, teacher: Linear, of: Case) -> np.ndarray:
    return np.asarray(jax.jit(method)(teacher, of))


@pytest.mark.parametrize(
    "method", [Gradient(), SmoothGrad(draws=3), IntegratedGradients(baselines=("black",), steps=1)]
)
def test_gradients_give_each_pixels_product(method: Method) -> None:
    teacher, of = drawn(SHAPE)
    np.testing.assert_allclose(explained(method, teacher, of), teacher.weight * of.image, atol=1e-6)


def test_integrated_gradients_are_the_mean_over_baselines() -> None:
    teacher, of = drawn(SHAPE)
    absent = (0 + 0.3 + np.asarray(blur(of))) / 3
    found = explained(IntegratedGradients(steps=2), teacher, of)
    np.testing.assert_allclose(found, teacher.weight * (of.image - absent), atol=1e-6)


def test_integrated_gradients_of_a_parabola_take_the_path() -> None:
    """m = x²: the gradient x input would be 2 x² = 0.5; the path from 0 gives the whole m = 0.25."""

    class Parabola:
        def logits(self, images: jax.Array) -> jax.Array:
            squares = jnp.sum(images**2, axis=(1, 2, 3))
            return jnp.stack([squares, 0 * squares], axis=1)

    found = IntegratedGradients(baselines=("black",), steps=2)(Parabola(), case([[[0.5]]]))
    assert found.item() == pytest.approx(0.25)


def test_a_blurred_image_keeps_its_constant_parts() -> None:
    np.testing.assert_allclose(blur(case(np.full((5, 7, 1), 0.4))), 0.4, rtol=1e-6)
    dot = np.zeros((16, 16, 1))
    dot[8, 8] = 1
    blurred = np.asarray(blur(case(dot)))  # deviation 16 / 8 = 2: at most 1 / (2 π 4) = 0.04
    assert blurred.argmax() == 8 * 16 + 8
    assert blurred.max() == pytest.approx(0.04, abs=2e-3)


def test_where_windows_overlap_a_pixel_has_their_mean() -> None:
    teacher = Linear(jnp.array([1.0, 3.0, 7.0]).reshape(1, 3, 1))  # windows share (1 + 3) / 2 and (3 + 7) / 2
    found = explained(Occlusion(parts=2, baseline="black"), teacher, case(np.ones((1, 3, 1))))
    assert list(found.ravel()) == pytest.approx([2, 3.5, 5])


def test_occlusion_by_pixels_is_the_pixels_own_contribution_shared_by_its_channels() -> None:
    teacher, of = drawn(SHAPE)
    sums = np.sum(teacher.weight * of.image, axis=-1, keepdims=True)
    found = explained(Occlusion(parts=6, baseline="black"), teacher, of)
    np.testing.assert_allclose(found, np.broadcast_to(sums / 2, SHAPE), atol=1e-6)


def test_lime_finds_what_each_square_contributes() -> None:
    """Against the square's own mean color, which stands for it where it is off."""
    teacher, of = drawn((4, 4, 1))
    squares = np.asarray(of.image).reshape(2, 2, 2, 2)
    change = squares - squares.mean(axis=(1, 3), keepdims=True)
    wanted = np.sum(np.asarray(teacher.weight).reshape(2, 2, 2, 2) * change, axis=(1, 3))
    found = jax.jit(LimeGrid(cell=2, masks=2000).surrogate)(teacher, of)
    sums = np.asarray(found.map).reshape(2, 2, 2, 2).sum(axis=(1, 3))
    np.testing.assert_allclose(sums, wanted, atol=0.02 * np.abs(wanted).max())  # the ridge pulls to 0
    assert found.r2 > 0.999
    margin = float(teacher.logits(jnp.asarray(of.image)[None])[0, 0])
    assert float(found.constant) + float(sums.sum()) == pytest.approx(margin, abs=0.02)


def test_limes_trust_comes_from_masks_it_was_not_fitted_to() -> None:
    """An erratic teacher: 48 fitted masks of 25 squares would explain about half of themselves."""

    class Erratic:
        def logits(self, images: jax.Array) -> jax.Array:
            value = jnp.sin(1e4 * jnp.tensordot(images, jnp.arange(100.0).reshape(10, 10, 1), 3))
            return jnp.stack([value, 0 * value], axis=1)

    image = np.random.default_rng(0).uniform(size=(10, 10, 1))
    method: Lime = LimeGrid(cell=2, masks=60)
    assert jax.jit(lambda of: method.surrogate(Erratic(), of).r2)(case(image)) < 0.2
