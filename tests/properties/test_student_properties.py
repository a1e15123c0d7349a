import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax

from deepvid.students import exact, proximal
from deepvid.students.fidelity import fidelity
from deepvid.students.problem import Problem, Solution, gap_bound, origin, refined, soft_labels

pytestmark = pytest.mark.long

NEIGHBORS, SHAPE, CLASSES = 24, (2, 3, 1), 3
FEATURES = 6
QUICK = settings(max_examples=25)
seeds = st.integers(0, 2**31 - 1)
l2s = st.sampled_from([1e-4, 1e-2, 1.0])


def random_problem(seed: int, l2: float, shift: float = 0.0, order: np.ndarray | None = None) -> Problem:
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(NEIGHBORS, FEATURES)) * rng.uniform(0.1, 2, FEATURES)
    teacher = rng.normal(size=(NEIGHBORS, CLASSES)) * rng.uniform(0.1, 8)
    teacher += shift * (inputs @ rng.normal(size=(FEATURES, 1)))  # one image added to every row
    weight = rng.uniform(0.2, 1, NEIGHBORS)
    weight /= weight.sum()
    inputs -= weight @ inputs
    order = np.arange(NEIGHBORS) if order is None else order
    offset = inputs @ anchor(seed).T
    arrays = (jnp.asarray(array[order], jnp.float32) for array in (inputs, teacher, weight, offset))
    inputs32, teacher32, weight32, offset32 = arrays
    target = soft_labels(teacher32, jnp.float32(2))
    return Problem(inputs32, target, weight32, jnp.float32(l2), offset32.T)


def anchor(seed: int) -> np.ndarray:
    weights = np.random.default_rng(seed + 1).normal(size=(CLASSES, FEATURES)) / 2
    return weights - weights.mean(axis=0)


@jax.jit
def solved(problem: Problem) -> tuple[Solution, jax.Array]:
    optimum = refined(problem, exact.solve(problem))
    return optimum.point, gap_bound(problem, optimum)


@jax.jit
def sparse(problem: Problem, penalty: proximal.Penalty) -> tuple[Solution, jax.Array]:
    return proximal.solve(problem, origin(CLASSES, FEATURES), penalty, SHAPE)


def same(first: Solution, second: Solution) -> None:
    """Both solve one problem: each ends nearer its optimum than the tolerance of its last step.

    Of 600 problems solved in two orders the distance, in these units, is .2 in six and .69 in one.
    """
    distance = np.linalg.norm(first.weights - second.weights)
    assert distance <= 1.0 * np.sqrt(exact.TOLERANCE) * np.linalg.norm(second.weights) + 1e-5


def value(problem: Problem, point: np.ndarray) -> float:
    """The objective in float64."""
    inputs, target, weight, _, offset = (np.asarray(array, np.float64) for array in problem)
    weights, intercept = point[:-CLASSES].reshape(CLASSES, FEATURES), point[-CLASSES:]
    log_student = log_softmax(offset + weights @ inputs.T + intercept[:, None], axis=0)
    cross_entropy = -np.sum(target * log_student, axis=0)
    return float(weight @ cross_entropy + float(problem.l2) / 2 * np.sum(weights**2))


def flat(student: Solution) -> np.ndarray:
    return np.concatenate([np.ravel(leaf) for leaf in student]).astype(np.float64)


@QUICK
@given(seed=seeds, l2=l2s)
def test_the_certificate_bounds_the_gap_to_the_float64_optimum(seed: int, l2: float) -> None:
    problem = random_problem(seed, l2)
    student, certificate = solved(problem)
    start = np.zeros(CLASSES * (FEATURES + 1))
    best = scipy.optimize.minimize(lambda point: value(problem, point), start, method="BFGS").fun
    gap = value(problem, flat(student)) - best
    assert gap <= certificate + 1e-7
    assert gap < 1e-3
    assert certificate < 5e-3 + 5e-5 / l2  # a squared gradient over l2: weak where l2 is small, never empty


@QUICK
@given(seed=seeds, l1=st.sampled_from([0.0, 0.01, 0.1]), tv=st.sampled_from([0.0, 0.01, 0.1]))
def test_the_certificate_holds_with_l1_and_total_variation(seed: int, l1: float, tv: float) -> None:
    problem = random_problem(seed, 1e-2)
    student, certificate = sparse(problem, proximal.Penalty(*map(jnp.float32, (l1, tv, 0.0, anchor(seed)))))

    def penalized(point: np.ndarray) -> float:
        image = (anchor(seed).ravel() + point[:-CLASSES]).reshape(CLASSES, *SHAPE)
        edges = np.abs(np.diff(image, axis=1)).sum() + np.abs(np.diff(image, axis=2)).sum()
        return value(problem, point) + l1 * np.abs(image).sum() + tv * edges

    best = scipy.optimize.minimize(penalized, flat(student), method="Powell", options={"maxiter": 3}).fun
    assert penalized(flat(student)) - best <= certificate + 1e-6
    assert certificate < 1e-2


def test_directions_that_are_conjugate_no_more_are_begun_anew() -> None:
    """Where rounding is all that is left of the gradient they would grow until they are no numbers: of 12,000
    such problems in this one, as XLA rounds without optimizations.
    """
    solution, gap = solved(random_problem(899, 1e-4))
    assert np.isfinite(solution.weights).all()
    assert gap < 1e-3


@QUICK
@given(seed=seeds, shift=st.floats(-3, 3))
def test_one_image_added_to_all_teacher_rows_changes_nothing(seed: int, shift: float) -> None:
    plain, shifted = (solved(random_problem(seed, 1e-2, by))[0] for by in (0.0, shift))
    same(plain, shifted)


@QUICK
@given(seed=seeds)
def test_the_order_of_the_neighbors_does_not_matter(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(NEIGHBORS)
    first, second = (solved(random_problem(seed, 1e-2, order=o))[0] for o in (None, order))
    same(first, second)
    np.testing.assert_allclose(first.intercept, second.intercept, atol=2e-2)


@QUICK
@given(seed=seeds, scale=st.floats(0, 50))
def test_divergence_is_not_negative_and_zero_for_equal_logits(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    teacher, student = jnp.asarray(rng.normal(size=(2, 10, 4)) * scale, jnp.float32)
    assert fidelity(teacher, student).kl >= 0
    assert abs(fidelity(teacher, teacher + 3.0).kl) < 1e-4
