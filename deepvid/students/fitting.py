"""One student from its neighbors: the problem, a solver, the penalties, and how far to trust the result."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, get_args

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from deepvid.config import names
from deepvid.cores import map_shared
from deepvid.students import descent, exact, proximal
from deepvid.students.listed import Listed, joined
from deepvid.students.prior import inverse_root
from deepvid.students.problem import PRECISION, Iterate, Problem, centered, gap_bound, refined, soft_labels


class Strengths(NamedTuple):
    """The settings of a fit that may change without compiling anew."""

    temperature: Float[Array, ""]
    l2: Float[Array, ""]
    l1: Float[Array, ""]
    total_variation: Float[Array, ""]
    locality: Float[Array, ""]  # infinite: all neighbors weigh the same
    steps: Int[Array, ""]  # of an optimizer, as its rate
    learning_rate: Float[Array, ""]


class Method(NamedTuple):
    """The settings of a fit that decide what is compiled."""

    solver: names.Solver
    sparse: bool  # whether L1 or total variation are above zero


class Fit(NamedTuple):
    """A student: its logits are temperature * (sum(weights * image) + intercept).

    Of many classes some share a row of weights, as `Listed` has it; else each has the row of its number.
    """

    weights: Float[Array, "row y x channel"]
    intercept: Float[Array, " class"]
    certificate: Float[Array, ""]


def _descent(optimizer: names.Optimizer, problem: Problem, strengths: Strengths) -> Iterate:
    return descent.solve(problem, optimizer, strengths.learning_rate, strengths.steps)


Solve = Callable[[Problem, Strengths], Iterate]
SOLVERS: dict[names.Solver, Solve] = {"exact": lambda problem, _: exact.solve(problem)} | {
    name: partial(_descent, name) for name in get_args(names.Optimizer)
}


def fit(
    images: Float[Array, "neighbor y x channel"],
    teacher_logits: Float[Array, "neighbor class"],
    weight: Float[Array, " neighbor"],
    anchor: Float[Array, "row y x channel"],
    smoothness: Float[Array, ""],
    strengths: Strengths,
    method: Method,
    listed: Listed | None = None,
) -> Fit:
    """Fits one student; `weight` sums to one, and `anchor`, of the student's logits, to zero over rows."""
    if listed is not None:
        rows = joined(teacher_logits, weight, listed, strengths.temperature)
        found = fit(images, rows.logits, weight, anchor, smoothness, strengths, method)
        return found._replace(intercept=found.intercept[listed.row] + rows.share)
    shape = (images.shape[1], images.shape[2], images.shape[3])
    mean = jnp.tensordot(weight, images, 1)
    pixels = images.reshape(len(images), -1) - mean.ravel()
    origin = anchor.reshape(len(anchor), -1) / strengths.temperature
    problem = posed(pixels, teacher_logits, weight, origin, smoothness, strengths, shape)
    optimum = refined(problem, centered(SOLVERS[method.solver](problem, strengths)))
    solution, certificate = optimum.point, gap_bound(problem, optimum)
    solution = solution._replace(weights=inverse_root(solution.weights, smoothness, shape))
    if method.sparse:
        penalty = proximal.Penalty(strengths.l1, strengths.total_variation, smoothness, origin)
        in_pixels = problem._replace(inputs=pixels)
        solution, certificate = proximal.solve(in_pixels, solution, penalty, shape)
    weights = (origin + solution.weights).reshape(-1, *shape)
    at_origin = jnp.tensordot(weights, mean, 3, precision=PRECISION)
    return Fit(weights, solution.intercept - at_origin, certificate)


def posed(
    pixels: Float[Array, "neighbor pixel"],
    teacher_logits: Float[Array, "neighbor class"],
    weight: Float[Array, " neighbor"],
    origin: Float[Array, "class pixel"],
    smoothness: Float[Array, ""],
    strengths: Strengths,
    shape: tuple[int, int, int],
) -> Problem:
    """The objective on neighbors whose `pixels` are less those of the mean of all that are fitted.

    `origin` has the anchor's weights over the temperature.
    """
    return Problem(
        inverse_root(pixels, smoothness, shape),
        soft_labels(teacher_logits, strengths.temperature),
        weight,
        strengths.l2,
        jnp.matmul(origin, pixels.T, precision=PRECISION),
    )


def predict(
    student: Fit,
    images: Float[Array, "image y x channel"],
    temperature: Float[Array, ""],
    listed: Listed | None = None,
) -> Float[Array, "image class"]:
    """The student's logits, comparable to the teacher's."""
    products = jnp.einsum("nyxc,kyxc->nk", images, student.weights, precision=PRECISION)
    products = products if listed is None else products[:, listed.row]
    return temperature * (products + student.intercept)


def fit_many(
    images: Float[Array, "neighbor y x channel"],
    teacher_logits: Float[Array, "neighbor class"],
    weight: Float[Array, "fit neighbor"],
    anchor: Float[Array, "row y x channel"],
    smoothness: Float[Array, " fit"],
    strengths: Strengths,
    method: Method,
    listed: Listed | None = None,
) -> Fit:
    """One fit for each smoothness and weight, of the same neighbors."""

    def one(settings: Float[Array, " smoothness_and_weight"]) -> Fit:
        return fit(images, teacher_logits, settings[1:], anchor, settings[0], strengths, method, listed)

    return map_shared(one, jnp.concatenate([smoothness[:, None], weight], axis=1))
