"""Other ways to fit the same student, and the float64 optimum that all are measured against."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
from scipy.special import log_softmax, softmax
from sklearn.linear_model import Ridge

from deepvid.students import descent
from deepvid.students.problem import Problem, Solution, along, gradient, origin, probabilities


class Point(NamedTuple):
    """Weights (class, feature) and intercept (class,)."""

    weights: np.ndarray
    intercept: np.ndarray


Baseline = Callable[[Problem], object]


def optimum(problem: Problem) -> Point:
    """The minimum in float64: trust-region Newton in the span of the neighbors."""
    inputs, target, weight = (np.asarray(array, np.float64) for array in problem[:3])
    target = target.T
    left, scale, span = np.linalg.svd(inputs, full_matrices=False)
    inputs, l2 = left * scale, float(problem.l2)
    target = target / target.sum(axis=1, keepdims=True)
    weight = (weight / weight.sum())[:, None]
    classes, rank = target.shape[1], inputs.shape[1]

    def split(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return flat[:-classes].reshape(classes, rank), flat[-classes:]

    def value(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights, intercept = split(flat)
        student = log_softmax(inputs @ weights.T + intercept, axis=1)
        excess = (np.exp(student) - target) * weight
        slope = np.append(excess.T @ inputs + l2 * weights, excess.sum(axis=0))
        return -np.sum(weight * target * student) + l2 / 2 * np.sum(weights**2), slope

    def curvature(flat: np.ndarray, direction: np.ndarray) -> np.ndarray:
        (weights, intercept), (turn, lift) = split(flat), split(direction)
        student, change = softmax(inputs @ weights.T + intercept, axis=1), inputs @ turn.T + lift
        excess = student * (change - np.sum(student * change, axis=1, keepdims=True)) * weight
        return np.append(excess.T @ inputs + l2 * turn, excess.sum(axis=0))

    optimum = scipy.optimize.minimize(
        value,
        np.zeros(classes * (rank + 1)),
        jac=True,
        hessp=curvature,
        method="trust-ncg",
        options={"gtol": 1e-10, "maxiter": 500},
    )
    weights, intercept = split(optimum.x)
    return Point(weights @ span, intercept)


def nesterov(steps: int) -> Baseline:
    """Accelerated gradient with the exact Lipschitz constant, restarted where it points uphill."""
    return partial(_nesterov, steps=jnp.int32(steps))


@jax.jit
def _nesterov(problem: Problem, steps: jax.Array) -> Solution:
    scaled = problem.inputs * jnp.sqrt(problem.weight)[:, None]
    step = 1 / (jnp.maximum(jnp.linalg.eigvalsh(scaled @ scaled.T)[-1], 1.0) / 2 + problem.l2)

    def advance(_: int, state: tuple[Solution, Solution, jax.Array]) -> tuple[Solution, Solution, jax.Array]:
        point, ahead, momentum = state
        slope = gradient(problem, ahead, probabilities(problem, ahead))
        new = along(ahead, -step, slope)
        change = along(new, jnp.float32(-1), point)
        uphill = jnp.vdot(slope.weights, change.weights) + jnp.vdot(slope.intercept, change.intercept) > 0
        larger = jnp.where(uphill, 1.0, (1 + jnp.sqrt(1 + 4 * momentum**2)) / 2)
        return new, along(new, jnp.where(uphill, 0.0, (momentum - 1) / larger), change), larger

    start = origin(problem.target.shape[0], problem.inputs.shape[1])
    return jax.lax.fori_loop(0, steps, advance, (start, start, jnp.ones(())))[0]


def jax_adam(steps: int) -> Baseline:
    return partial(_adam, steps=jnp.int32(steps))


@jax.jit
def _adam(problem: Problem, steps: jax.Array) -> Solution:
    return descent.solve(problem, "adam", jnp.float32(0.01), steps).point


def ridge(problem: Problem) -> Point:
    """scikit-learn's, to the teacher's log-probabilities, with its penalty in our units."""
    alpha = float(problem.l2) * len(problem.inputs)
    model = Ridge(alpha=alpha).fit(np.asarray(problem.inputs), np.log(problem.target).T)
    return Point(model.coef_, model.intercept_)


def torch_loops() -> dict[str, Baseline]:
    """The loop that a PyTorch user would write; none where torch is absent."""
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)
    return {
        "PyTorch Adam 200": partial(_torch_adam, torch, 200),
        "PyTorch Adam 1000": partial(_torch_adam, torch, 1000),
        "PyTorch L-BFGS 50": partial(_torch_lbfgs, torch, 50),
        "PyTorch L-BFGS 200": partial(_torch_lbfgs, torch, 200),
    }


def _torch_adam(torch, steps: int, problem: Problem) -> Point:  # type: ignore[no-untyped-def]
    parameters, loss = _torch_problem(torch, problem)
    optimizer = torch.optim.Adam(parameters, lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    return _torch_point(parameters)


def _torch_lbfgs(torch, steps: int, problem: Problem) -> Point:  # type: ignore[no-untyped-def]
    parameters, loss = _torch_problem(torch, problem)
    optimizer = torch.optim.LBFGS(
        parameters, max_iter=steps, line_search_fn="strong_wolfe", tolerance_change=0, tolerance_grad=0
    )

    def closure():  # type: ignore[no-untyped-def]
        optimizer.zero_grad()
        value = loss()
        value.backward()
        return value

    optimizer.step(closure)
    return _torch_point(parameters)


def _torch_problem(torch, problem: Problem):  # type: ignore[no-untyped-def]
    inputs, target, weight = (torch.from_numpy(np.array(array)) for array in problem[:3])
    target = target.T.contiguous()
    l2 = float(problem.l2)
    weights = torch.zeros(target.shape[1], inputs.shape[1], requires_grad=True)
    intercept = torch.zeros(target.shape[1], requires_grad=True)

    def loss():  # type: ignore[no-untyped-def]
        student = torch.log_softmax(inputs @ weights.T + intercept, dim=1)
        return -(weight @ (target * student).sum(dim=1)) + l2 / 2 * (weights**2).sum()

    return [weights, intercept], loss


def _torch_point(parameters) -> Point:  # type: ignore[no-untyped-def]
    return Point(*(parameter.detach().numpy() for parameter in parameters))
