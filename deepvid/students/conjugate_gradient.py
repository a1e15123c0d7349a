"""Preconditioned nonlinear conjugate gradients.

With g the gradient and P the preconditioner, directions are

    d ← β d − P⁻¹ g,    β = max(0, ⟨g, P⁻¹ (g − g₋)⟩) / ⟨g₋, P⁻¹ g₋⟩,    g₋ the gradient one step before.

Along one the logits are S + a U and the penalty is a parabola: of the step length a alone the objective is

    φ(a) = Σᵢ wᵢ (logsumexp(Sᵢ + a Uᵢ) − a yᵢ·Uᵢ) + l2/2 |W + a D|²  + a constant,

which is convex, and every trial costs one softmax of (class, neighbor), without touching the pixels.
Source: Polak and Ribière (1969), Rev. Fr. Inform. Rech. Opér. 3, restarted where β is zero, or d
climbs or is conjugate to the last no more.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from deepvid.students.problem import (
    Iterate,
    Problem,
    Solution,
    along,
    dot,
    gradient,
    response,
    softmax_curvature,
)

TRIALS = 8
FLAT = 0.1  # of the first slope: conjugate gradients gain nothing from a flatter end
TRUST = 3.0  # nats: no logit moves further in one step. From a flat softmax Newton would leap out of range


class Ray(NamedTuple):
    """A direction seen from its start: φ(a) = Σᵢ wᵢ logsumexp(Sᵢ + a Uᵢ) + slope a + curvature a²/2."""

    logits: Float[Array, "class neighbor"]  # S
    probabilities: Float[Array, "class neighbor"]  # their softmax
    change: Float[Array, "class neighbor"]  # U
    weight: Float[Array, " neighbor"]  # w
    slope: Float[Array, ""]  # l2 ⟨W, D⟩ − Σᵢ wᵢ yᵢ·Uᵢ
    curvature: Float[Array, ""]  # l2 |D|²


class Trial(NamedTuple):
    """φ′ and φ″ at `step`; the best step is known to lie between `low` and `high`."""

    low: Float[Array, ""]
    high: Float[Array, ""]
    step: Float[Array, ""]
    probabilities: Float[Array, "class neighbor"]
    slope: Float[Array, ""]
    curvature: Float[Array, ""]
    trials: Int[Array, ""]


def minimize(ray: Ray) -> Trial:
    """Newton's a ← a − φ′(a) / φ″(a) to about the minimum, inside a bracket that only shrinks."""
    zero = jnp.zeros(())
    limit = TRUST / jnp.maximum(jnp.max(jnp.abs(ray.change)), 1e-30)
    first, curvature = _derivatives(ray, zero, ray.probabilities)
    start = Trial(zero, limit, zero, ray.probabilities, first, curvature, jnp.zeros((), jnp.int32))

    def unfinished(trial: Trial) -> Array:
        steep = jnp.abs(trial.slope) > FLAT * jnp.abs(first)
        at_limit = (trial.step >= limit) & (trial.slope < 0)
        return (trial.trials < TRIALS) & steep & ~at_limit & (first < 0)

    return jax.lax.while_loop(unfinished, lambda trial: _next(ray, trial), start)


def _next(ray: Ray, trial: Trial) -> Trial:
    newton = trial.step - trial.slope / jnp.maximum(trial.curvature, 1e-30)
    newton = jnp.where(trial.trials == 0, jnp.minimum(newton, trial.high), newton)
    inside = (newton > trial.low) & (newton <= trial.high)
    step = jnp.where(inside, newton, (trial.low + trial.high) / 2)
    probabilities = jax.nn.softmax(ray.logits + step * ray.change, axis=0)
    slope, curvature = _derivatives(ray, step, probabilities)
    low, high = jnp.where(slope < 0, step, trial.low), jnp.where(slope < 0, trial.high, step)
    return Trial(low, high, step, probabilities, slope, curvature, trial.trials + 1)


def _derivatives(
    ray: Ray, step: Float[Array, ""], probabilities: Float[Array, "class neighbor"]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """φ′(a) = Σᵢ wᵢ pᵢ·Uᵢ + slope + a curvature, and φ″(a)."""
    slope = ray.weight @ jnp.sum(probabilities * ray.change, axis=0) + ray.slope + step * ray.curvature
    return slope, softmax_curvature(ray.weight, probabilities, ray.change) + ray.curvature


Preconditioner = Callable[[Solution], Solution]
Change = Float[Array, "class neighbor"]
Correction = Callable[[Iterate, Solution, Solution, Change], tuple[Solution, Change]]


class State(NamedTuple):
    """An iterate and what the step to it was made of."""

    iterate: Iterate
    direction: Solution  # d
    conditioned: Solution  # P⁻¹ g₋
    gap: Float[Array, ""]  # ⟨g₋, P⁻¹ g₋⟩: about twice how far above the minimum that step began
    step: Int[Array, ""]


def _as_it_is(
    _iterate: Iterate, _slope: Solution, direction: Solution, change: Change
) -> tuple[Solution, Change]:
    return direction, change


def descend(
    problem: Problem,
    start: Iterate,
    precondition: Preconditioner,
    *,
    steps: int,
    tolerance: float,
    correct: Correction = _as_it_is,
) -> Iterate:
    """Descends until ⟨g, P⁻¹ g⟩ ≤ tolerance · l2 |W|², takes the step from there, and at most `steps`.

    ⟨g, P⁻¹ g⟩ / 2 is the gap to the minimum of a parabola whose Hessian is P. The objective is l2-strongly
    convex, so a gap of `tolerance` penalties leaves the weights a relative squared distance of `tolerance`
    from the optimum's. The step from there is taken because its direction is known, and another gradient at
    its end would cost as much again. `correct` may change a direction and the logits' change along it, given
    iterate and gradient.
    """

    def unfinished(state: State) -> Array:
        weights = state.iterate.point.weights
        return (state.step < steps) & (state.gap > tolerance * problem.l2 * jnp.vdot(weights, weights))

    def advance(state: State) -> State:
        slope = gradient(problem, state.iterate.point, state.iterate.probabilities)
        conditioned = precondition(slope)
        gap = dot(slope, conditioned)
        direction = _next_direction(state, slope, conditioned, gap)
        direction, change = correct(state.iterate, slope, direction, response(problem, direction))
        iterate = _moved(problem, state.iterate, direction, change)
        return State(iterate, direction, conditioned, gap, state.step + 1)

    nowhere = jax.tree.map(jnp.zeros_like, start.point)
    first = State(start, nowhere, nowhere, jnp.full((), jnp.inf), jnp.zeros((), jnp.int32))
    return jax.lax.while_loop(unfinished, advance, first).iterate


def _moved(problem: Problem, iterate: Iterate, direction: Solution, change: Change) -> Iterate:
    """v + a d of about the least objective."""
    trial = minimize(
        Ray(
            iterate.logits,
            iterate.probabilities,
            change,
            problem.weight,
            slope=problem.l2 * jnp.vdot(iterate.point.weights, direction.weights)
            - problem.weight @ jnp.sum(problem.target * change, axis=0),
            curvature=problem.l2 * jnp.vdot(direction.weights, direction.weights),
        )
    )
    point = along(iterate.point, trial.step, direction)
    return Iterate(point, iterate.logits + trial.step * change, trial.probabilities)


def _next_direction(state: State, slope: Solution, conditioned: Solution, gap: Float[Array, ""]) -> Solution:
    """β d − P⁻¹ g, with β zero where |⟨g, β d⟩| is not below ⟨g, P⁻¹ g⟩: above, that would climb; below, the
    last step has left most of its own slope, as it does where rounding is all that is left, and directions
    would grow without bound.
    """
    momentum = jnp.maximum(gap - dot(slope, state.conditioned), 0) / jnp.maximum(state.gap, 1e-30)
    conjugate = momentum * jnp.abs(dot(slope, state.direction)) < gap
    momentum = jnp.where(conjugate, momentum, 0)
    return jax.tree.map(lambda old, new: momentum * old - new, state.direction, conditioned)
