"""Which training images made the last layer think so, by the exact Hessian of a head that is fitted again.

The head minimizes, over W (class x feature and one constant), with φ an image's features and a one,

    (1/n) Σ_i ℓ_i(W) + λ/2 ‖W‖²,  ℓ_i = −log softmax(W φ_i)[y_i]

A trained head is stopped where its gradient is not zero, and there the formula below does not hold.

Source: Koh and Liang (2017), arXiv 1703.04730, equation 2. Of the last layer alone: how an image shaped the
features is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.errors import DataError
from deepvid.metrics import log_softmax
from deepvid.progress import SILENT, Progress

if TYPE_CHECKING:
    from jaxtyping import Float, Int

L2 = 1e-3
LARGEST = 3000  # numbers of a head, whose Hessian has as many rows and columns
FLAT = 1e-8  # the norm of a gradient that counts as zero
STEPS = 100
BLOCK = 2000  # images whose products are held at once


class Head(NamedTuple):
    """The head at its optimum, and the training images there."""

    weight: Float[np.ndarray, "class input"]  # inputs are the features, then one
    inverse: Float[np.ndarray, "number number"]  # of the Hessian, numbers row by row of the weight
    l2: float
    gradient: float  # its norm, which is to be near zero
    inputs: Float[np.ndarray, "sample input"]
    label: Int[np.ndarray, " sample"]
    residuals: Float[np.ndarray, "sample class"]  # softmax(W φ_i) − e_{y_i}: ∇ℓ_i is their product with φ_i


def with_one(features: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "sample input"]:
    """Features in double precision, and a one that the constant is multiplied with."""
    return np.column_stack([np.asarray(features, np.float64), np.ones(len(features))])


def residuals(
    logits: Float[np.ndarray, "sample class"], label: Int[np.ndarray, " sample"]
) -> Float[np.ndarray, "sample class"]:
    """softmax(z) − e_y: how the loss −log softmax(z)[y] changes with the logits z."""
    change = np.exp(log_softmax(logits))
    change[np.arange(len(label)), label] -= 1
    return np.asarray(change)


def restored(
    weight: Float[np.ndarray, "class input"],
    inverse: Float[np.ndarray, "number number"],
    features: Float[np.ndarray, "sample feature"],
    label: Int[np.ndarray, " sample"],
    *,
    l2: float = L2,
) -> Head:
    """A head that was fitted before, for the training images that it was fitted to."""
    weight, inputs = np.asarray(weight, np.float64), with_one(features)
    change = residuals(inputs @ weight.T, label)
    size = float(np.linalg.norm(change.T @ inputs / len(inputs) + l2 * weight))
    return Head(weight, np.asarray(inverse, np.float64), l2, size, inputs, label, change)


def refit(
    features: Float[np.ndarray, "sample feature"],
    label: Int[np.ndarray, " sample"],
    classes: int,
    *,
    progress: Progress = SILENT,
) -> Head:
    """Fits the head to its optimum by Newton's method.

    Raises `DataError` for a head of more numbers than its Hessian can be kept for, and for features that are
    so large that no optimum is found.
    """
    inputs = with_one(features)
    numbers = classes * inputs.shape[1]
    if numbers > LARGEST:
        raise DataError(
            f"Influence needs the Hessian of a last layer of at most {LARGEST:,} numbers",
            f"{numbers:,}: {classes:,} classes of {inputs.shape[1] - 1:,} features",
            "Ask which training images lie near instead",
        )
    weight = np.zeros((classes, inputs.shape[1]))
    for step in range(STEPS):
        progress.update(step, STEPS, "fitting the last layer")
        change = residuals(inputs @ weight.T, label)
        gradient = change.T @ inputs / len(inputs) + L2 * weight
        size = float(np.linalg.norm(gradient))
        hessian = _hessian(weight, inputs)
        if size < FLAT:
            return Head(weight, np.linalg.inv(hessian), L2, size, inputs, label, change)
        direction = np.linalg.solve(hessian, gradient.ravel()).reshape(weight.shape)
        weight = _descended(weight, direction, float((gradient * direction).sum()), inputs, label)
    raise DataError(
        "A last layer can be fitted to the features of the training images",
        f"a gradient of {size:.1e} after {STEPS} steps",
        "Check the features for values that are not finite or very large",
    )


def predicted(head: Head, features: Float[np.ndarray, "query feature"]) -> Int[np.ndarray, " query"]:
    """The classes that the head gives."""
    return np.asarray((with_one(features) @ head.weight.T).argmax(axis=1))


def influence(
    head: Head,
    features: Float[np.ndarray, "query feature"],
    said: Int[np.ndarray, " query"],
) -> Float[np.ndarray, " sample"]:
    """I_i = −(1/n) ∇f(W)ᵀ H⁻¹ ∇ℓ_i(W), f the mean log-probability that the head gives `said` for the queries.

    In nats: above 0, f is higher for the training image i being there. To first order.
    """
    queries = with_one(features)
    asked = -residuals(queries @ head.weight.T, said).T @ queries / len(queries)
    turned = (head.inverse @ asked.ravel()).reshape(head.weight.shape)
    return np.asarray(-(head.residuals * (head.inputs @ turned.T)).sum(axis=1) / len(head.inputs))


def without(head: Head, sample: int) -> Float[np.ndarray, "class input"]:
    """The optimum without one training image, whose weight in the mean is zero: what influence predicts.

    Newton steps with the Hessian of all images, which one image hardly changes.
    """
    weight = head.weight
    for _ in range(STEPS):
        change = residuals(head.inputs @ weight.T, head.label)
        change[sample] = 0
        gradient = change.T @ head.inputs / len(head.inputs) + head.l2 * weight
        if np.linalg.norm(gradient) < FLAT:
            break
        weight = weight - (head.inverse @ gradient.ravel()).reshape(weight.shape)
    return weight


def leave_one_out(
    head: Head,
    features: Float[np.ndarray, "query feature"],
    said: Int[np.ndarray, " query"],
    samples: Int[np.ndarray, " left"],
    *,
    progress: Progress = SILENT,
) -> float:
    """Spearman's correlation of influence with what leaving each sample out does; the mean of the queries."""
    queries, rows = with_one(features), np.arange(len(said))
    foretold = np.stack([influence(head, features[[row]], said[[row]])[samples] for row in rows], axis=1)
    with_all = _log_probabilities(head.weight, queries)[rows, said]
    measured = np.empty_like(foretold)
    for number, sample in enumerate(samples):
        progress.update(number, len(samples), "leaving images out")
        weight = without(head, int(sample))
        measured[number] = with_all - _log_probabilities(weight, queries)[rows, said]
    return float(np.mean([_spearman(*pair) for pair in zip(foretold.T, measured.T, strict=True)]))


def _spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Of values none of which are equal."""
    return float(np.corrcoef(first.argsort().argsort(), second.argsort().argsort())[0, 1])


def _descended(
    weight: np.ndarray, direction: np.ndarray, slope: float, inputs: np.ndarray, label: np.ndarray
) -> np.ndarray:
    """A step against `direction`, halved until the objective falls as Armijo's rule wants."""
    now = _objective(weight, inputs, label)
    for halvings in range(30):
        new = weight - direction / 2**halvings
        if _objective(new, inputs, label) <= now - 1e-4 * slope / 2**halvings + 1e-14 * abs(now):
            return new
    return weight


def _objective(weight: np.ndarray, inputs: np.ndarray, label: np.ndarray) -> float:
    said = _log_probabilities(weight, inputs)[np.arange(len(label)), label]
    return float(-said.mean() + L2 / 2 * (weight**2).sum())


def _hessian(weight: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """(1/n) Σ_i (diag(p_i) − p_i p_iᵀ) ⊗ φ_i φ_iᵀ + λ I"""
    classes, width = weight.shape
    hessian = L2 * np.eye(classes * width)
    for begin in range(0, len(inputs), BLOCK):
        some = inputs[begin : begin + BLOCK]
        probability = np.exp(_log_probabilities(weight, some))
        products = (probability[:, :, None] * some[:, None]).reshape(len(some), -1)
        hessian -= products.T @ products / len(inputs)
        for one in range(classes):
            own = slice(one * width, (one + 1) * width)
            hessian[own, own] += products[:, own].T @ some / len(inputs)
    return hessian


def _log_probabilities(weight: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    return log_softmax(inputs @ weight.T)
