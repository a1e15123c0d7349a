from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepvid.cores import CHUNK
from deepvid.students.fidelity import fidelity, in_halves, stability
from deepvid.students.neighbors import center, neighborhood, offsets, weights
from deepvid.students.prior import ANCHORS
from deepvid.students.teacher_oracle import classes_to_differentiate, contrast, labels_and_jacobian
from deepvid.students.widening import widened, widened_plainly

BAND = jnp.array([1.0, 0.0, 0.5])


class Teacher(NamedTuple):
    """Logits linear in the pixels of 1x2x1 images."""

    rows: jax.Array

    def logits(self, images: jax.Array) -> jax.Array:
        return images.reshape(len(images), -1) @ self.rows.T


class Decoder(NamedTuple):
    """Encodes every image as `latent`; the first two latents are the pixels it decodes to."""

    latent: jax.Array

    def encode(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        return jnp.tile(self.latent, (len(images), 1)), jnp.zeros((len(images), len(self.latent)))

    def decode(self, latents: jax.Array) -> jax.Array:
        return latents[:, :2].reshape(-1, 1, 2, 1)


TEACHER = Teacher(jnp.array([[1.0, 0.0], [0.0, 2.0], [0.5, 0.5]]))
DECODER = Decoder(jnp.array([0.5, 0.25, 0.0]))


def test_uniform_offsets_keep_to_each_latents_band() -> None:
    drawn = np.asarray(offsets(jax.random.key(0), 4000, BAND, "uniform"))
    assert not drawn[:2].any()
    assert not drawn[:, 1].any()
    assert np.abs(drawn).max(axis=0) == pytest.approx([1.0, 0.0, 0.5], abs=0.01)
    assert drawn.std(axis=0) == pytest.approx([1 / np.sqrt(3), 0.0, 0.5 / np.sqrt(3)], abs=0.02)


def test_normal_offsets_have_half_the_band_as_deviation() -> None:
    drawn = np.asarray(offsets(jax.random.key(0), 4000, BAND, "normal"))
    assert drawn.std(axis=0) == pytest.approx([0.5, 0.0, 0.25], abs=0.02)
    assert np.abs(drawn[:, 0]).max() > 1.0


# The image is (0.9, 0.1), its reconstruction (0.5, 0.25); the third neighbor's latent is moved by
# (0.2, -0.2), so it decodes to (0.7, 0.05) and the residual one is (0.9 + 0.2, 0.1 - 0.2), clipped.
@pytest.mark.parametrize(
    ("kind", "unperturbed", "moved"),
    [("residual", [0.9, 0.1], [1.0, 0.0]), ("plain", [0.5, 0.25], [0.7, 0.05])],
)
def test_neighbors_by_hand(kind: str, unperturbed: list[float], moved: list[float]) -> None:
    image = jnp.array([[[0.9], [0.1]]])
    moves = jnp.zeros((70, 3)).at[2].set(jnp.array([0.2, -0.2, 0.0]))
    middle = center(DECODER, image)  # type: ignore[arg-type]
    pixels = np.asarray(neighborhood(DECODER, middle, moves, kind)).reshape(70, 2)  # type: ignore[arg-type]
    assert pixels[0] == pytest.approx(unperturbed)
    assert pixels[2] == pytest.approx(moved, abs=1e-6)
    assert pixels[69] == pytest.approx(unperturbed)  # in the second chunk
    assert np.asarray(middle.reconstruction).ravel() == pytest.approx([0.5, 0.25])


def test_the_locality_kernel_by_hand() -> None:
    """Distances in bands: 0, 1 and 1 + 4; the latent without a band does not count."""
    moves = jnp.array([[0.0, 0.0, 0.0], [1.0, 9.0, 0.0], [1.0, 0.0, 1.0]])
    expected = np.exp([0, -1 / 4, -5 / 4])
    assert np.asarray(weights(moves, BAND, jnp.float32(2))) == pytest.approx(expected / expected.sum())
    assert np.asarray(weights(moves, BAND, jnp.float32(np.inf))) == pytest.approx([1 / 3] * 3)


def test_the_jacobian_of_a_linear_teacher_has_its_rows() -> None:
    images = jax.random.uniform(jax.random.key(0), (CHUNK + 3, 1, 2, 1))
    _, found = labels_and_jacobian(TEACHER, images, jnp.array([1, 0]), CHUNK + 3)  # type: ignore[arg-type]
    assert np.asarray(found).reshape(2, 2) == pytest.approx(np.asarray(TEACHER.rows)[[1, 0]])


class Squares(Teacher):
    def logits(self, images: jax.Array) -> jax.Array:
        return images.reshape(len(images), -1) ** 2


@pytest.mark.parametrize("count", [0, 1, CHUNK + 3, 2 * CHUNK + 5])
def test_the_jacobian_is_a_mean_over_the_first_neighbors_and_all_are_labeled(count: int) -> None:
    images = jnp.arange(2.0 * (2 * CHUNK + 5)).reshape(-1, 1, 2, 1)
    teacher = Squares(jnp.eye(2))
    labels, found = labels_and_jacobian(teacher, images, jnp.array([0, 1]), count)  # type: ignore[arg-type]
    np.testing.assert_array_equal(labels, teacher.logits(images))
    means = np.asarray(images)[:count].reshape(-1, 2).sum(axis=0) / (count or np.nan)
    assert np.asarray(found).reshape(2, 2) == pytest.approx(2 * means * np.eye(2), nan_ok=True)


def test_a_neighbor_with_label_and_jacobian_goes_through_the_teacher_once() -> None:
    rows: list[int] = []

    class Counting(Squares):
        def logits(self, images: jax.Array) -> jax.Array:
            jax.debug.callback(lambda seen: rows.append(len(seen)), images)
            return super().logits(images)

    images = jnp.ones((2 * CHUNK, 1, 2, 1))
    labels_and_jacobian(Counting(jnp.eye(2)), images, jnp.array([0, 1]), CHUNK)  # type: ignore[arg-type]
    jax.effects_barrier()
    assert sum(rows) == 2 * CHUNK


@pytest.mark.parametrize(("label", "classes"), [(0, [2, 0]), (2, [2, 1])])
def test_the_contrast_is_predicted_and_true_or_runner_up(label: int, classes: list[int]) -> None:
    assert contrast(jnp.array([0.0, 1.0, 3.0]), jnp.int32(label)).tolist() == classes


def test_the_pair_in_question_is_differentiated_first_then_the_most_probable() -> None:
    logits = jnp.array([5.0, 1.0, 9.0, 7.0, 0.0, 2.0, 3.0])
    assert classes_to_differentiate(logits, jnp.array([2, 4])).tolist() == [2, 4, 3, 0, 6]
    assert classes_to_differentiate(logits[:2], jnp.array([0, 1])).tolist() == [0, 1]


def test_an_anchor_is_the_jacobian_less_its_mean_and_zero_for_other_classes() -> None:
    jacobian, asked = jnp.array([1.0, 3.0]).reshape(2, 1, 1, 1), jnp.array([2, 0])
    assert ANCHORS["jacobian"](jacobian, asked, 4).ravel().tolist() == [1.0, 0.0, -1.0, 0.0]
    assert not ANCHORS["zero"](jacobian, asked, 4).any()


# Of four probes as many have label 1 as the width passes of 1.2, 1.9, 2.5 and 3.5: the widths tried are
# 1, 1.41, 2, 2.83 and 4, where label 0 has a share of 1, .75, .5, .25 and 0, and label 1 the rest.
@pytest.mark.parametrize(
    ("most", "factor", "asked"),
    [(1.0, 1.0, 1), (0.8, 2**0.5, 3), (0.5, 2.0, 3), (0.4, 4.0, 4), (0.0, 4.0, 4)],
)
def test_a_band_is_widened_by_bisection(most: float, factor: float, asked: int) -> None:
    widths: list[float] = []

    def label(factor: jax.Array) -> jax.Array:
        jax.debug.callback(lambda width: widths.append(float(width)), factor)
        ones = factor > jnp.array([1.2, 1.9, 2.5, 3.5])
        return jnp.stack([~ones, ones], axis=1).astype(jnp.float32)

    found = widened(label, jnp.float32(4), jnp.float32(most))
    jax.effects_barrier()
    assert found.factor == pytest.approx(factor)
    assert len(widths) == len(set(widths)) == asked
    np.testing.assert_array_equal(found.logits, label(found.factor))

    traced = widths[:asked]
    widths.clear()
    again = widened_plainly(label, jnp.float32(4), jnp.float32(most))
    jax.effects_barrier()
    assert widths == pytest.approx(traced)
    np.testing.assert_allclose(again.factor, found.factor, rtol=1e-6)


def test_halves_of_the_neighbors_share_none() -> None:
    halves = np.asarray(in_halves(jnp.array([0.1, 0.2, 0.3, 0.4])))
    assert halves == pytest.approx(np.array([[0.25, 0, 0.75, 0], [0, 1 / 3, 0, 2 / 3]]))


def test_stability_is_the_cosine_of_the_contrasts_times_input() -> None:
    """Of two pixels, the second black: maps (3 - 1, 0) and (1 - 2, 0) are opposite."""
    weights = jnp.array([[[3.0, 5.0], [1.0, 7.0]], [[1.0, 0.0], [2.0, 9.0]]]).reshape(2, 2, 1, 2, 1)
    image = jnp.array([1.0, 0.0]).reshape(1, 2, 1)
    assert stability(weights, image, jnp.array([0, 1])) == pytest.approx(-1.0)


def test_fidelity_by_hand() -> None:
    """Two neighbors; the teacher gives 3/4 and 1/4 to class 0, the student 1/2 to both.

    KL = 3/4 ln 3/2 + 1/4 ln 1/2 for each. The student's centered logits are 0 and the mean of the
    teacher's is 0 too, hence R2 = 0.
    """
    teacher, student = jnp.log(jnp.array([[0.75, 0.25], [0.25, 0.75]])), jnp.zeros((2, 2))
    found = fidelity(teacher, student)
    assert found.kl == pytest.approx(0.75 * np.log(1.5) + 0.25 * np.log(0.5), abs=1e-6)
    assert found.r2 == pytest.approx(0.0, abs=1e-6)
    assert fidelity(teacher, teacher + 2.0).r2 == pytest.approx(1.0)
    assert found.teacher_class.tolist() == [0, 1]
    assert found.student_class.tolist() == [0, 0]
