"""On a linear teacher every method has an answer that is known beforehand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from linear import Linear, case, drawn

from deepvid.attribution.baselines import blur
from deepvid.attribution.gradients import ExpectedGradients, Gradient, IntegratedGradients, SmoothGrad
from deepvid.attribution.lime import Lime, LimeGrid
from deepvid.attribution.method import Case, Method
from deepvid.attribution.occlusion import Occlusion
from deepvid.attribution.removals import PixelsAndPlaces, Rise, StudentOfPlaces
from deepvid.students.places import draw_blobs, fit_places

SHAPE = (4, 6, 2)


def explained(method: Method, teacher: Linear, of: Case) -> np.ndarray:
    return np.asarray(jax.jit(method)(teacher, of))


@pytest.mark.parametrize(
    "method", [Gradient(), SmoothGrad(draws=3), IntegratedGradients(baselines=("black",), points=1)]
)
def test_gradients_give_each_pixels_product(method: Method) -> None:
    teacher, of = drawn(SHAPE)
    np.testing.assert_allclose(explained(method, teacher, of), teacher.weight * of.image, atol=1e-6)


def test_integrated_gradients_are_the_mean_over_baselines() -> None:
    teacher, of = drawn(SHAPE)
    absent = (0 + 0.3 + np.asarray(blur(of))) / 3
    found = explained(IntegratedGradients(points=2), teacher, of)
    np.testing.assert_allclose(found, teacher.weight * (of.image - absent), atol=1e-6)


def test_integrated_gradients_take_the_whole_path() -> None:
    """m = x⁴: the gradient x input would be 4 x⁴; the path from 0 gives the whole m, and two points are exact
    for a gradient of the third degree.
    """

    class Power:
        def logits(self, images: jax.Array) -> jax.Array:
            powers = jnp.sum(images**4, axis=(1, 2, 3))
            return jnp.stack([powers, 0 * powers], axis=1)

    found = IntegratedGradients(baselines=("black",), points=2)(Power(), case([[[0.5]]]))
    assert found.item() == pytest.approx(0.5**4)


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


def test_expected_gradients_of_a_linear_teacher_are_against_the_mean_training_image() -> None:
    teacher, of = drawn((5, 6, 2))
    training = np.random.default_rng(1).integers(0, 256, (7, 5, 6, 2)).astype(np.uint8)
    found = explained(ExpectedGradients(), teacher, of._replace(training=jnp.asarray(training)))
    expected = np.asarray(teacher.weight) * (np.asarray(of.image) - training.mean(axis=0) / 255)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.isnan(explained(ExpectedGradients(), teacher, of)).all()  # without training images


def test_places_and_rise_find_where_a_linear_teacher_looks() -> None:
    """Its margin loses Σ w (x − x′) over a place, exactly linear in places."""
    weight = np.zeros((16, 16, 1), "f4")
    weight[3:8, 9:14] = 1.0
    teacher, of = Linear(jnp.asarray(weight)), case(np.full((16, 16, 1), 0.8), mean_color=0.3)
    method = StudentOfPlaces(baselines=("mean_color",))
    places = method.student(teacher, of)
    assert float(places.r2) > 0.9
    assert float(places.weights.sum()) == pytest.approx(0.5 * weight.sum(), rel=0.2)
    inside = weight[..., 0].astype(bool)
    for found in (np.asarray(places.weights), explained(Rise(), teacher, of)):
        assert found.reshape(16, 16)[inside].mean() > 5 * np.abs(found.reshape(16, 16)[~inside]).mean()


def test_a_blob_of_which_nothing_is_known_counts_for_nothing() -> None:
    blobs = jnp.asarray(draw_blobs((9, 7), 40))
    drops = np.random.default_rng(0).normal(size=40).astype("f4")
    without = fit_places(jnp.delete(blobs, 5, axis=0), jnp.asarray(np.delete(drops, 5)))
    drops[5] = np.nan
    found = fit_places(blobs, jnp.asarray(drops))
    np.testing.assert_allclose(found.weights, without.weights, atol=5e-3)
    assert float(found.r2) == pytest.approx(float(without.r2), abs=0.02)


def test_r2_of_places_is_that_of_each_blob_by_the_others() -> None:
    blobs = jnp.asarray(draw_blobs((8, 10), 30))
    rng = np.random.default_rng(2)
    sums = np.asarray(blobs, "f4").reshape(30, -1) @ rng.normal(size=80)
    drops = jnp.asarray(sums + rng.normal(size=30), jnp.float32)
    missed = [
        drops[row]
        - fit_places(jnp.delete(blobs, row, axis=0), jnp.delete(drops, row)).weights[blobs[row]].sum()
        for row in range(30)
    ]
    expected = 1 - np.square(missed).sum() / np.square(drops - drops.mean()).sum()
    assert float(fit_places(blobs, drops).r2) == pytest.approx(expected, abs=0.03)  # the noise's mean differs


def test_blobs_have_every_size_and_are_the_same_every_time() -> None:
    blobs = draw_blobs((28, 20), 96)
    share = blobs.mean(axis=(1, 2))
    assert share.min() < 0.2
    assert share.max() > 0.8
    np.testing.assert_array_equal(blobs[:10], draw_blobs((28, 20), 10))
    assert draw_blobs((3, 2), 4).shape == (4, 3, 2)


def test_a_combined_map_is_the_sum_of_maps_that_weigh_the_same() -> None:
    one = jnp.array([[[3.0, 1.0], [-4.0, 0.0]]])  # pixels 4 and -4
    two = jnp.array([[[0.5, 0.5], [0.0, 1.0]]])  # 1 and 1
    found = np.asarray(PixelsAndPlaces().sum([one, two])).sum(axis=-1)
    np.testing.assert_allclose(found, [[2.5 * (0.5 + 0.5), 2.5 * (-0.5 + 0.5)]], rtol=1e-6)
    many = PixelsAndPlaces().sum([jnp.stack([one, 7 * one]), jnp.stack([two, two])])
    np.testing.assert_allclose(np.asarray(many[0]).sum(axis=-1), found, rtol=1e-6)
    assert np.isnan(PixelsAndPlaces().sum([one * jnp.nan, two])).all()
