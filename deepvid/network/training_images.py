"""Which training images speak for an answer: four measures, each a sum of products that are kept per image.

Of the training image i and the queries q all of them are

    s_i = Σ_t u_iᵗ · (Aᵗ v_iᵗ),  Aᵗ = Lᵗ[mean_q a_qᵗ b_qᵗᵀ],  Lᵗ linear

Above 0 image i speaks for what is said of the queries. With φ an image's features and a one, p the
probabilities of the head W, e_y its class and λ, H, n those of `deepvid.network.influence`:

    influence      u = p − e_y, v = φ, a = p_q − e_said, b = φ_q, L = H⁻¹ · /n          nats
    TracIn         the same of each snapshot t, L = η_t, the mean learning rate          nats
    representer    u = e_y − p, v = φ, a = e_said, b = φ_q, L = 1/(λn)                   logits
    similarity     u = e_y − (1 − e_y)/K, v = (f/‖f‖, 1), a = e_said, b = (f_q/‖f_q‖, 1), L = ½   0 to ±1

Similarity, of the features f, is (1 + cosine) / 2, negative of a training image whose class is another; where
queries have several answers, each class is another one's for K = all but one of these, else K = 1.

Sources: Koh and Liang (2017), arXiv 1703.04730; Pruthi et al. (2020), arXiv 2002.08484, of the last layer;
Yeh et al. (2018), arXiv 1811.09720, theorem 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.network.influence import Head, residuals, with_one

if TYPE_CHECKING:
    from jaxtyping import Float, Int

MOST_PRODUCTS = 2**31  # of `alone`, half a second: fewer queries are asked of more images


class Product(NamedTuple):
    """Two rows an image, whose outer product counts."""

    left: Float[np.ndarray, "sample class"]
    right: Float[np.ndarray, "sample input"]


@dataclass(frozen=True)
class Times:
    """The L that multiplies by a number."""

    factor: float

    def __call__(self, asked: np.ndarray) -> np.ndarray:
        return np.asarray(self.factor * asked)


class Term(NamedTuple):
    """One summand of a measure, of all training images and of the queries that are asked."""

    training: Product
    queries: Product
    turned: Callable[[np.ndarray], np.ndarray]  # L, of (class, input)


class Snapshot(NamedTuple):
    """The last layer during training, and what it is given."""

    rate: float  # mean learning rate of the epochs that it stands for, times how many these are
    training: Product  # p − e_y and φ of the training images
    queries: Product  # p − e_said and φ


def gradients(
    features: Float[np.ndarray, "sample feature"],
    logits: Float[np.ndarray, "sample class"],
    label: Int[np.ndarray, " sample"],
) -> Product:
    """p − e_y and φ in single precision: ∇ℓ of the last layer is their outer product."""
    change = residuals(np.asarray(logits, np.float64), label)
    return Product(change.astype(np.float32), with_one(features).astype(np.float32))


def by_influence(
    head: Head, features: Float[np.ndarray, "query feature"], said: Int[np.ndarray, " query"]
) -> list[Term]:
    """Influence, as `deepvid.network.influence.influence` has it."""
    inputs = with_one(features)
    queries = Product(residuals(inputs @ head.weight.T, said), inputs)
    count = len(head.inputs)

    def turned(asked: np.ndarray) -> np.ndarray:
        return np.asarray((head.inverse @ asked.ravel()).reshape(asked.shape) / count)

    return [Term(Product(head.residuals, head.inputs), queries, turned)]


def by_tracin(snapshots: Sequence[Snapshot]) -> list[Term]:
    """TracIn of the last layer: what a step on each training image, at every snapshot, gives the answer."""
    return [Term(one.training, one.queries, Times(one.rate)) for one in snapshots]


def by_representer(
    head: Head, features: Float[np.ndarray, "query feature"], said: Int[np.ndarray, " query"]
) -> list[Term]:
    """Parts of the training images in the head's logit of `said`; all together are that logit."""
    queries = Product(_one_hot(said, len(head.weight)), with_one(features))
    training = Product(-head.residuals, head.inputs)
    return [Term(training, queries, Times(1 / (head.l2 * len(head.inputs))))]


def by_similarity(
    training: Float[np.ndarray, "sample feature"],
    label: Int[np.ndarray, " sample"],
    features: Float[np.ndarray, "query feature"],
    said: Int[np.ndarray, " query"],
    classes: int,
) -> list[Term]:
    """(1 + cosine) / 2 of the features; negative of a training image whose class is another than `said`."""
    queries = Product(_one_hot(said, classes), with_one(_unit(features)))
    own, others = _one_hot(label, classes), max(1, len(np.unique(said)) - 1)
    signs = own - (1 - own) / others
    return [Term(Product(signs, with_one(_unit(training))), queries, Times(0.5))]


def together(terms: Sequence[Term]) -> Float[np.ndarray, " sample"]:
    """s_i of all queries as one."""
    return np.sum([_shares(term) for term in terms], axis=0)


def alone(terms: Sequence[Term], queries: Int[np.ndarray, " asked"]) -> Float[np.ndarray, "asked sample"]:
    """s_i of each of these queries by itself."""
    scores = 0.0
    for training, (left, right), turned in terms:
        asked = np.stack([turned(np.outer(left[query], right[query])) for query in queries])
        products = (
            training.left[:, index, None] * (training.right @ asked[:, index].T)
            for index in range(asked.shape[1])
        )
        scores = scores + sum(products)
    return np.asarray(scores).T


def asked_alone(
    terms: Sequence[Term], most: int, *, products: int = MOST_PRODUCTS
) -> Int[np.ndarray, " asked"]:
    """At most `most` queries, evenly spread over all, and fewer where each costs much."""
    left, right = terms[0].training
    cost = len(terms) * len(left) * left.shape[1] * right.shape[1]
    count = len(terms[0].queries.left)
    return np.linspace(0, count - 1, min(count, most, max(1, products // cost))).astype(np.intp)


def _shares(term: Term) -> np.ndarray:
    (left, right), queries = term.training, term.queries
    if isinstance(term.turned, Times) and len(queries.left) == 1:  # u · (η a bᵀ v) = η (u·a) (v·b)
        return np.asarray(term.turned.factor * (left @ queries.left[0]) * (right @ queries.right[0]))
    asked = term.turned(queries.left.T @ queries.right / len(queries.left))
    return np.asarray((left * (right @ asked.T)).sum(axis=1))


def _one_hot(label: np.ndarray, classes: int) -> np.ndarray:
    return np.eye(classes)[label]


def _unit(features: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return np.asarray(features, np.float64) / np.where(lengths > 0, lengths, 1)
