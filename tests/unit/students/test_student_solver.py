from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from deepvid.students import conjugate_gradient, exact
from deepvid.students.exact import Coarse, correct_direction
from deepvid.students.fitting import Fit, Method, Strengths
from deepvid.students.fitting import fit as uncompiled
from deepvid.students.prior import inverse_root, laplacian
from deepvid.students.problem import (
    Problem,
    Solution,
    centered,
    evaluated,
    gap_bound,
    gradient,
    logits,
    objective,
    origin,
    probabilities,
    refined,
    response,
    soft_labels,
)

fit = jax.jit(uncompiled, static_argnames="method")
solve = jax.jit(exact.solve)
BLANK = jnp.zeros((3, 2, 2, 1))


def sigmoid(value: float) -> float:
    return float(1 / (1 + np.exp(-value)))


def strengths(**changes: float) -> Strengths:
    values = {
        "temperature": 1.0,
        "l2": 0.1,
        "l1": 0.0,
        "total_variation": 0.0,
        "locality": np.inf,
        "learning_rate": 0.1,
    }
    floats = {name: jnp.float32(value) for name, value in (values | changes).items()}
    return Strengths(steps=jnp.int32(1), **floats)


def two_neighbors(probability: float, pixels: int) -> tuple[jax.Array, jax.Array]:
    """Pixel 0 is 1 or 0, the others 0; the teacher gives `probability` to class 0 and to class 1 in turn."""
    images = jnp.zeros((2, 1, pixels, 1)).at[0, 0, 0, 0].set(1.0)
    margin = np.log(probability / (1 - probability))
    return images, jnp.array([[margin, 0.0], [0.0, margin]])


def fit_two(
    probability: float,
    pixels: int = 1,
    sparse: bool = False,
    anchor: jax.Array | None = None,
    **changes: float,
) -> Fit:
    images, teacher = two_neighbors(probability, pixels)
    return fit(
        images,
        teacher,
        jnp.full(2, 0.5),
        jnp.zeros((2, 1, pixels, 1)) if anchor is None else anchor,
        jnp.float32(0),
        strengths(**changes),
        method=Method("exact", sparse),
    )


# Two neighbors at x = 1/2 and -1/2 after centering, weights (v, -v), no intercept after centering, so the
# probability of class 0 at the first is p = sigmoid(v). With y the teacher's, the objective is
# -y log p - (1-y) log(1-p) + l2 v^2 and its derivative p - y + 2 l2 v.
def test_one_pixel_by_hand() -> None:
    student = fit_two(sigmoid(1.0) + 2 * 0.1 * 1.0, l2=0.1)
    assert student.weights.ravel() == pytest.approx([1.0, -1.0], abs=1e-4)
    assert student.intercept == pytest.approx([-0.5, 0.5], abs=1e-4)  # the mean pixel is 1/2
    assert student.certificate < 1e-6


# Anchored at (a, -a) the penalty is l2 (v - a)^2: p - y + 2 l2 (v - a) = 0. A pixel that no neighbor changes
# stays at its anchor.
@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_an_anchored_pixel_by_hand(temperature: float) -> None:
    at_one = sigmoid(1.0) + 2 * 0.1 * (1.0 - 0.4)
    probability = sigmoid(temperature * np.log(at_one / (1 - at_one)))
    anchor = temperature * jnp.array([[0.4, 3.0], [-0.4, -3.0]]).reshape(2, 1, 2, 1)
    student = fit_two(probability, pixels=2, anchor=anchor, l2=0.1, temperature=temperature)
    assert np.asarray(student.weights).reshape(2, 2)[0] == pytest.approx([1.0, 3.0], abs=1e-3)
    assert student.intercept == pytest.approx([-0.5, 0.5], abs=1e-3)
    assert student.certificate < 1e-6


# L1 is of the weights, not of their distance from the anchor: p - y + 2 l2 (v - a) + 2 l1 = 0 at v = 1/2, and
# the pixel without data ends at 3 - l1 / l2.
@pytest.mark.long
def test_l1_of_an_anchored_pixel_by_hand() -> None:
    y = sigmoid(0.5) + 2 * 0.1 * (0.5 - 0.4) + 2 * 0.05
    anchor = jnp.array([[0.4, 3.0], [-0.4, -3.0]]).reshape(2, 1, 2, 1)
    student = fit_two(y, pixels=2, sparse=True, anchor=anchor, l2=0.1, l1=0.05)
    assert np.asarray(student.weights).reshape(2, 2)[0] == pytest.approx([0.5, 2.5], abs=1e-3)
    assert student.certificate < 1e-5


# L1 adds 2 l1 |v|, so p - y + 2 l2 v + 2 l1 = 0.
@pytest.mark.long
def test_l1_by_hand() -> None:
    student = fit_two(sigmoid(0.5) + 2 * 0.1 * 0.5 + 2 * 0.05, sparse=True, l2=0.1, l1=0.05)
    assert student.weights.ravel() == pytest.approx([0.5, -0.5], abs=1e-3)
    assert student.certificate < 1e-5


# A second pixel u without data follows only its penalties: 2 l2 u = 2 tv, u = tv / l2 = 0.2, as long as
# u < v; the first pays tv for the edge: p - y + 2 l2 v + 2 tv = 0.
@pytest.mark.long
def test_total_variation_by_hand() -> None:
    y = sigmoid(0.5) + 2 * 0.1 * 0.5 + 2 * 0.02
    student = fit_two(y, pixels=2, sparse=True, l2=0.1, total_variation=0.02)
    assert student.weights[0].ravel() == pytest.approx([0.5, 0.2], abs=1e-3)
    assert student.certificate < 1e-5


@pytest.mark.long
def test_l1_above_the_largest_gradient_leaves_nothing() -> None:
    student = fit_two(0.9, sparse=True, l1=10.0)
    assert not student.weights.any()


@pytest.mark.long
@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_a_linear_two_class_teacher_is_recovered(temperature: float) -> None:
    """softmax knows differences only: of the rows (3, -1, 0), (1, 1, 0) the centered ones are left."""
    images = jax.random.normal(jax.random.key(0), (200, 1, 3, 1))
    rows = jnp.array([[3.0, -1.0, 0.0], [1.0, 1.0, 0.0]])
    teacher = images.reshape(200, 3) @ rows.T + jnp.array([0.5, -0.5])
    student = fit(
        images,
        teacher,
        jnp.full(200, 1 / 200),
        jnp.zeros((2, 1, 3, 1)),
        jnp.float32(0),
        strengths(temperature=temperature, l2=1e-5),
        method=Method("exact", False),
    )
    weights = temperature * np.asarray(student.weights).reshape(2, 3)
    assert weights == pytest.approx(np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0]]), abs=1e-2)
    assert temperature * np.asarray(student.intercept) == pytest.approx([0.5, -0.5], abs=1e-2)


def test_identical_neighbors_give_blank_weights_and_the_teachers_own_probabilities() -> None:
    images = jnp.ones((40, 2, 2, 1))
    teacher = jnp.tile(jnp.array([2.0, 0.0, -1.0]), (40, 1))
    student = fit(
        images,
        teacher,
        jnp.full(40, 1 / 40),
        BLANK,
        jnp.float32(0),
        strengths(),
        method=Method("exact", False),
    )
    assert np.abs(student.weights).max() < 1e-6
    assert np.asarray(student.intercept) == pytest.approx(np.array([5, -1, -4]) / 3, abs=1e-3)


def test_pixels_that_never_change_stay_blank() -> None:
    images = jax.random.uniform(jax.random.key(1), (40, 2, 2, 1)).at[:, 0, 0].set(0.3)
    teacher = jax.random.normal(jax.random.key(2), (40, 3)) + images.reshape(40, 4)[:, 1:]
    student = fit(
        images,
        teacher,
        jnp.full(40, 1 / 40),
        BLANK,
        jnp.float32(0),
        strengths(),
        method=Method("exact", False),
    )
    assert np.abs(student.weights[:, 0, 0]).max() < 1e-6 < np.abs(student.weights[:, 1, 1]).max()
    assert np.abs(student.weights.sum(axis=0)).max() < 1e-5  # rows are centered


def test_inverse_root_of_three_pixels_by_eigenvectors() -> None:
    path = np.array([[1.0, -1, 0], [-1, 2, -1], [0, -1, 1]])
    values, vectors = np.linalg.eigh(np.eye(3) + 10 * path)
    expected = vectors @ np.diag(values**-0.5) @ vectors.T
    rooted = inverse_root(jnp.eye(3), jnp.float32(10), (1, 3, 1))
    assert np.asarray(rooted) == pytest.approx(expected, abs=1e-5)
    pixels = jnp.eye(3).reshape(3, 1, 3, 1)
    assert np.asarray(laplacian(pixels)).reshape(3, 3) == pytest.approx(path)


def test_line_search_finds_the_minimum_of_a_known_curve() -> None:
    """One neighbor, logits (s, 0), target (3/4, 1/4): the minimum is at s = ln 3."""
    ray = conjugate_gradient.Ray(
        jnp.zeros((2, 1)),
        jnp.full((2, 1), 0.5),
        jnp.array([[1.0], [0.0]]),
        jnp.ones(1),
        slope=jnp.float32(-0.75),  # less the target's mean change
        curvature=jnp.float32(0),
    )
    # Conjugate gradients want no more than a tenth of the slope.
    assert conjugate_gradient.minimize(ray).step == pytest.approx(np.log(3), rel=0.1)
    uphill = ray._replace(change=-ray.change, slope=jnp.float32(0.75))
    assert conjugate_gradient.minimize(uphill).step == 0.0


def random_problem(neighbors: int, features: int, classes: int, l2: float) -> Problem:
    key = jax.random.split(jax.random.key(3), 3)
    inputs = jax.random.normal(key[0], (neighbors, features)) * jnp.exp(-jnp.arange(features) / 5)
    inputs -= inputs.mean(axis=0)
    teacher = 3 * jax.random.normal(key[1], (neighbors, classes)) + inputs @ jax.random.normal(
        key[2], (features, classes)
    )
    weight = jnp.full(neighbors, 1 / neighbors)
    offset = inputs @ jax.random.normal(key[2], (features, classes)) / 2
    offset = (offset - offset.mean(axis=1, keepdims=True)).T
    return Problem(inputs, soft_labels(teacher, jnp.float32(1)), weight, jnp.float32(l2), offset)


def test_any_direction_is_corrected_to_newtons_where_the_basis_is_all_pixels() -> None:
    """From its least along the direction, one step by the inverse Hessian ends at the parabola's minimum."""
    problem = random_problem(neighbors=30, features=6, classes=3, l2=0.1)
    start = evaluated(problem, origin(3, 6))
    slope = gradient(problem, start.point, start.probabilities)
    flat, unflatten = ravel_pytree(start.point)
    hessian = jax.jit(jax.hessian(lambda vector: objective(problem, unflatten(vector))))(flat)
    inverse = jnp.linalg.pinv(hessian, rtol=1e-4)  # a constant added to all intercepts changes nothing

    def newton(slope: Solution) -> Solution:
        return unflatten(inverse @ ravel_pytree(slope)[0])

    coarse = Coarse(problem, jnp.eye(6), newton)
    downhill = jax.tree.map(jnp.negative, slope)
    correct = jax.jit(partial(correct_direction, problem, coarse))
    found, change = correct(start, slope, downhill, response(problem, downhill))
    direction, best = ravel_pytree(found)[0], -ravel_pytree(newton(slope))[0]
    cosine = direction @ best / (jnp.linalg.norm(direction) * jnp.linalg.norm(best))
    assert cosine == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(change, response(problem, found), atol=1e-4)


@pytest.mark.long
def test_corrected_directions_come_further_in_as_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sketch of 20 of 40 pixels, two steps off it: measured, 7 times as close to the minimum."""
    problem = random_problem(neighbors=60, features=40, classes=3, l2=1e-4)
    monkeypatch.setattr(exact, "RANK", 20)

    def reached(steps: int) -> float:
        monkeypatch.setattr(exact, "FULL_STEPS", steps)
        return float(jax.jit(lambda: objective(problem, exact.solve(problem).point))())

    least, correcting = reached(100), reached(2)
    monkeypatch.setattr(exact, "correct_direction", lambda _problem, _coarse, _place, _slope, *ray: ray)
    assert correcting - least < (reached(2) - least) / 3


@pytest.mark.long
@pytest.mark.parametrize(("neighbors", "features", "classes"), [(12, 30, 2), (90, 20, 40)])
def test_a_few_shapes_reach_a_small_certificate(neighbors: int, features: int, classes: int) -> None:
    problem = random_problem(neighbors, features, classes, l2=1e-3)
    found = refined(problem, centered(solve(problem)))
    student = found.point
    start = objective(problem, origin(classes, features))
    assert gap_bound(problem, found) < 1e-3 * (start - objective(problem, student))
    np.testing.assert_allclose(found.logits, logits(problem, student), atol=1e-4)
    np.testing.assert_allclose(found.probabilities, probabilities(problem, student), atol=1e-5)
    means = (np.asarray(each.mean(axis=1)) for each in (probabilities(problem, student), problem.target))
    np.testing.assert_allclose(*means, atol=1e-4)  # intercept optimal
