"""Groups of units that answer together: what a layer says at a place as a sum of a few non-negative parts."""

import warnings
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning

TURNS = 200  # of coordinate descent, at most
CLOSE = 1e-5  # share of the first step that the last one has: where halves agree; at 1e-3 they do not yet
SWEEPS = 50  # over the groups of one place
SHUFFLES = 20  # that chance is a mean of


class Stability(NamedTuple):
    """How alike groups are that are fitted to two halves of the images."""

    cosine: Float[np.ndarray, " group"]
    chance: float  # the mean of the same where each group of one half has its loadings at any units


def fit(
    places: Float[np.ndarray, "place unit"],
    groups: int,
    *,
    seed: int,
    start: Float[np.ndarray, "group unit"] | None = None,
) -> Float[np.ndarray, "group unit"]:
    """min ‖V − WH‖² over W, H ≥ 0 (Lee and Seung 1999), by coordinate descent; rows of H, each with sum 1.

    The first of them answers most in all. Groups that there is nothing left for are zero: of more groups
    than units, or where nothing answers. A `start` is what like places gave: few turns are left from there.
    """
    width = places.shape[1]
    found = np.zeros((groups, width), np.float32)
    answering = np.asarray(places[places.any(axis=1)], np.float32)
    if not len(answering):
        return found
    scaled = answering / answering.mean(dtype=np.float64).astype(np.float32)
    count = min(groups, width, len(answering))
    begin = None if start is None or not start.any(axis=1).all() else start[:count]
    how = "nndsvda" if begin is None else "custom"
    model = NMF(count, init=how, solver="cd", max_iter=TURNS, tol=CLOSE, random_state=seed)
    given = {} if begin is None else {"W": np.array(answers(scaled, begin)), "H": begin.copy()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the error that is left is told
        said = model.fit_transform(scaled, **given)
    rows, total = model.components_, model.components_.sum(axis=1)
    order = np.argsort(-(said.sum(axis=0) * total), kind="stable")
    sums = total[order, None]
    found[:count] = np.divide(rows[order], sums, out=np.zeros_like(rows), where=sums > 0)
    return found


def answers(
    places: Float[Array | np.ndarray, "*place unit"], units: Float[Array | np.ndarray, "group unit"]
) -> Float[Array, "*place group"]:
    """min ‖v − wH‖² over w ≥ 0 at each place, by coordinate descent; 0 of a group that is zero."""
    places, units = jnp.asarray(places), jnp.asarray(units)
    gram, right = _product(units, units.T), _product(places, units.T)
    own = jnp.diagonal(gram)
    inverse = jnp.where(own > 0, 1 / jnp.where(own > 0, own, 1), 0)

    def one(group: Array, found: Array) -> Array:
        off = lax.dynamic_index_in_dim(gram, group, keepdims=False)
        rest = lax.dynamic_index_in_dim(right, group, -1, keepdims=False) - found @ off
        at = lax.dynamic_index_in_dim(found, group, -1, keepdims=False)
        new = jnp.maximum(at + rest * inverse[group], 0)
        return lax.dynamic_update_index_in_dim(found, new, group, found.ndim - 1)

    def sweep(_: Array, found: Array) -> Array:
        return lax.fori_loop(0, len(units), one, found)

    return lax.fori_loop(0, SWEEPS, sweep, jnp.zeros_like(right))


def stability(
    whole: Float[np.ndarray, "group unit"],
    halves: tuple[Float[np.ndarray, "group unit"], Float[np.ndarray, "group unit"]],
    *,
    seed: int,
) -> Stability:
    """The cosine of what is most like each group of the whole in both halves, matched one to one.

    Matched by the sum of cosines (Kuhn 1955).
    """
    first, second = (half[_matched(whole, half)] for half in halves)
    rng = np.random.default_rng(seed)
    drawn = [_matched_cosine(first, rng.permuted(second, axis=1)) for _ in range(SHUFFLES)]
    return Stability(_cosine(first, second).diagonal(), float(np.mean(drawn)))


def _product(first: Array, second: Array) -> Array:
    return jnp.matmul(first, second, precision=lax.Precision.HIGHEST)


def _matched(whole: np.ndarray, half: np.ndarray) -> np.ndarray:
    return np.asarray(linear_sum_assignment(-_cosine(whole, half))[1])


def _matched_cosine(first: np.ndarray, second: np.ndarray) -> float:
    cosine = _cosine(first, second)
    return float(cosine[linear_sum_assignment(-cosine)].mean())


def _cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """float64 (group, group); 0 of one that is zero."""
    length = np.linalg.norm(first, axis=1)[:, None] * np.linalg.norm(second, axis=1)
    product = first.astype(np.float64) @ second.T
    return np.divide(product, length, out=np.zeros_like(product), where=length > 0)
