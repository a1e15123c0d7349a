"""Checks of a model, and of a table, before anything is computed from what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.adapters.contract import Model
from deepvid.adapters.input_checks import check_normalization
from deepvid.adapters.preparing import Prepared
from deepvid.adapters.scores import LARGEST, SMALLEST, decimals, own_probabilities
from deepvid.adapters.table import Tabled
from deepvid.config import names
from deepvid.errors import DataError
from deepvid.tier import Tier
from deepvid.wording import percent

if TYPE_CHECKING:
    from jaxtyping import Float, Int, Shaped


MOST = 500  # images that are asked
_ALONE = 8  # images that are asked alone
_LIMIT = 1e-3  # by which answers to the same image may differ, of the largest logit if that is more than 1
_EXACT = 1e-7  # by which a probability of 1 may be off, as float32 has it
_COARSE = 4  # decimals: at so few the worst student has little of the exact one (cosine .18, median .95)


class Checked(NamedTuple):
    """Findings about a model that may be explained."""

    tier: Tier  # that its answers are good for: without students, PREDICTIONS
    kind: names.OutputKind
    images: int  # images
    accuracy: float | None  # on these; None: they have no labels
    features: int | None  # how many it shows
    notes: tuple[str, ...]  # sentences: what to know, and nothing to stop for


def check(
    model: Model,
    images: Shaped[np.ndarray, "sample y x channel"],
    labels: Int[np.ndarray, " sample"] | None,
    class_names: tuple[str, ...],
) -> Checked:
    """Asks about at most 500 images, uint8 or f32 in [0, 1]. Raises DataError."""
    chosen = np.unique(np.linspace(0, len(images) - 1, MOST).astype(int))
    asked = _in_one(images[chosen])
    answers = model.checked_answers(asked) if isinstance(model, Prepared) else model.answers(asked)
    check_finite(answers.logits, chosen, len(images))
    _check_repeated(model, asked)
    kind = model.kind if isinstance(model, Prepared) else "logits"
    order = model.order if isinstance(model, Prepared) else np.arange(len(class_names))
    told = None if labels is None else labels[chosen]
    accuracy, notes = _against_labels(answers.logits, told, class_names, order)
    if told is not None and isinstance(model, Prepared):
        right = int(np.sum(answers.logits.argmax(axis=1) == told))
        notes += [note for note in [check_normalization(model, asked, told, right)] if note]
    tier, coarse = _fineness(answers.logits, kind, model.tier)
    features = None if answers.features is None else answers.features.shape[1]
    if features is None:
        notes.append("It shows no features: maps are of its logits, unless a layer is named.")
    fault = _fault_of_slopes(model, asked, answers.logits) if tier is Tier.GRADIENTS else ""
    if fault:
        tier = Tier.PREDICT
    if tier is Tier.PREDICT:
        why = f" ({fault})" if fault else ""
        notes.append(f"It has no gradients{why}: students' second witness is occlusion.")
    return Checked(tier, kind, len(chosen), accuracy, features, (*notes, *_kind_notes(kind), *coarse))


def check_table(
    table: Tabled, labels: Int[np.ndarray, " sample"] | None, class_names: tuple[str, ...]
) -> Checked:
    """Of a table, whose rows are the images. Raises DataError."""
    logits, features = table.answers
    accuracy, notes = _against_labels(logits, labels, class_names, table.order)
    _, coarse = _fineness(logits, table.kind, Tier.PREDICTIONS)
    notes.append("A table answers for its images alone: there are no students.")
    count = None if features is None else features.shape[1]
    notes += _kind_notes(table.kind)
    return Checked(Tier.PREDICTIONS, table.kind, len(logits), accuracy, count, (*notes, *coarse))


def same_model(
    model: Model,
    images: Shaped[np.ndarray, "sample y x channel"],
    logits: Float[np.ndarray, "sample class"],
    samples: Sequence[int] | None = None,
) -> None:
    """Raises DataError unless it says of these images what the run holds. `samples` are their indices."""
    found = model.answers(_in_one(images)).logits
    away = abs(found - logits).max(axis=1) if found.shape == logits.shape else np.full(len(images), np.inf)
    worst = int(np.where(np.isnan(away), np.inf, away).argmax())
    if not away[worst] <= _tolerance(logits):
        number = worst if samples is None else samples[worst]
        raise DataError(
            "The model is the one that the run explains",
            f"another, {model.name}: logits of sample {number:,} differ by {away[worst]:.2g}",
            "Name the model and the weights that it was made with, or explain this one in a run of its own",
        )


def check_finite(
    logits: Float[np.ndarray, "sample class"], samples: Int[np.ndarray, " sample"], count: int
) -> None:
    """`samples` are the indices of the rows, among `count` images."""
    wrong = np.flatnonzero(~np.isfinite(logits).all(axis=1))
    if len(wrong):
        what = "NaN" if np.isnan(logits[wrong]).any() else "infinity"
        raise DataError(
            "Logits are finite",
            f"{what} for {len(wrong)} of {len(logits)} images, first {samples[wrong[0]]:,} of {count:,}",
            "Check what the model computes here: does it divide by 0, or by a standard deviation of 0?",
        )


def _check_repeated(model: Model, images: Float[np.ndarray, "sample y x channel"]) -> None:
    """The same of the same image, asked again, and alone as among others."""
    few = images[:_ALONE]
    together, again = (model.answers(few).logits for _ in range(2))
    alone = np.concatenate([model.answers(image[None]).logits for image in few])
    limit = _tolerance(together)
    action = "Call model.eval(), or leave out what draws random numbers or uses the statistics of a batch"
    must = "A model gives an image the same answer every time, whatever else is in the batch"
    if not (away := abs(together - again).max()) <= limit:
        raise DataError(must, f"logits that differ from call to call by up to {away:.2g}", action)
    if not (away := abs(together - alone).max()) <= limit:
        found = f"logits of an image alone and among {len(few)} that differ by up to {away:.2g}"
        raise DataError(must, found, action)


def _fault_of_slopes(
    model: Model, images: Float[np.ndarray, "sample y x channel"], logits: Float[np.ndarray, "sample class"]
) -> str:
    """Why the slopes of two classes cannot be used; empty where they can."""
    try:
        slopes = model.slopes(images[:_ALONE], np.argsort(logits[0])[-2:]).slopes
    except DataError as error:
        return error.found
    if not np.isfinite(slopes).all():
        return "they are not finite"
    return "" if slopes.any() else "all are zero, as where a part of it leaves its framework"


def _against_labels(
    logits: Float[np.ndarray, "sample class"],
    labels: Int[np.ndarray, " sample"] | None,
    class_names: tuple[str, ...],
    order: Int[np.ndarray, " class"],
) -> tuple[float | None, list[str]]:
    """The accuracy, and notes."""
    if labels is None:
        return None, ["There are no labels: neither range nor order of the classes could be checked."]
    predicted = logits.argmax(axis=1)
    check_order(predicted, labels, class_names, order)
    accuracy = float(np.mean(predicted == labels))
    largest = np.bincount(labels).max() / len(labels)
    notes, share = list[str](), percent(accuracy, digits=1)
    if accuracy <= largest:
        notes.append(f"It is right about {share} of {len(labels)}, no more than one class for all would be.")
    if accuracy < _SURE:
        notes.append("Below 50 % of right answers, classes in another order cannot be told from errors.")
    return accuracy, notes


def _fineness(
    logits: Float[np.ndarray, "sample class"], kind: names.OutputKind, tier: Tier
) -> tuple[Tier, list[str]]:
    """The tier that its probabilities are fine enough for, and notes."""
    if kind == "logits":
        return tier, []
    probabilities = own_probabilities(logits, kind)
    if _one_hot(probabilities):
        return Tier.PREDICTIONS, ["It says classes alone, so no student can be fitted: give probabilities."]
    places = decimals(probabilities)
    if places is None:
        return tier, []
    rounded = f"Its probabilities are rounded to {places} decimal{'s' * (places > 1)}"
    if places <= _COARSE:
        return Tier.PREDICTIONS, [f"{rounded}, too few to fit students to: give them in full."]
    return tier, [f"{rounded}: students may be coarser than the model."]


def _kind_notes(kind: names.OutputKind) -> list[str]:
    if kind != "independent":
        return []
    return ["Its classes are independent: students say which of them, not whether there is one."]


def _in_one(images: Shaped[np.ndarray, "sample y x channel"]) -> Float[np.ndarray, "sample y x channel"]:
    """f32 in [0, 1]."""
    if images.dtype == np.uint8:
        return images.astype(np.float32) / 255
    return images.astype(np.float32, copy=False)


def _tolerance(logits: np.ndarray) -> float:
    return _LIMIT * max(1.0, float(abs(logits).max()))


def _one_hot(probabilities: Float[np.ndarray, "sample class"]) -> bool:
    """Whether they say classes alone: 0 and 1."""
    return bool(((probabilities <= 2 * SMALLEST) | (probabilities >= LARGEST - _EXACT)).all())


_AHEAD = 5  # images more that another order has right, without the first of each class: one fits some order
_MOST_LISTED = 30  # names in one message
_SURE = 0.5  # share of the images of the classes in question that it has right


def check_order(
    predicted: Int[np.ndarray, " sample"],
    labels: Int[np.ndarray, " sample"],
    class_names: tuple[str, ...],
    order: Int[np.ndarray, " class"],
) -> None:
    """`order` is the output of each class. Raises DataError where another order is far better.

    The assignment of outputs to classes with the most images right: Kuhn (1955), on the confusion matrix.
    """
    from scipy.optimize import linear_sum_assignment

    classes = len(class_names)
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, predicted), 1)
    _, assigned = linear_sum_assignment(counts, maximize=True)
    moved = np.flatnonzero(assigned != np.arange(classes))
    mended = counts[moved, assigned[moved]]
    now, then, repeated = counts[moved, moved].sum(), mended.sum(), np.maximum(mended - 1, 0).sum()
    if repeated - now < _AHEAD or then <= 2 * now or then < _SURE * counts[moved].sum():
        return
    most = moved[np.argsort(-mended, kind="stable")][: min(3, np.count_nonzero(mended))]
    raise DataError(
        "The outputs of the model are the classes of the images, in their order",
        f"{'; '.join(_mostly(counts, assigned, number, class_names, order) for number in np.sort(most))}; "
        f"{then} of {counts[moved].sum()} images of these are right in another order, {now} in this",
        _action(class_names, order[assigned]),
    )


def _action(class_names: tuple[str, ...], outputs: Int[np.ndarray, " class"]) -> str:
    """How to give the order in which each class has the output assigned to it."""
    if len(class_names) > _MOST_LISTED:
        return "List the names in the order of its outputs: --classes NAMES.txt, or dataset.classes"
    proposed = [class_names[number] for number in np.argsort(outputs)]
    names = ", ".join(map(_quoted, proposed))
    return f"If that is its order, set teacher.output.classes = [{names}]"


def _mostly(
    counts: Int[np.ndarray, "label predicted"],
    assigned: Int[np.ndarray, " class"],
    number: int,
    class_names: tuple[str, ...],
    order: Int[np.ndarray, " class"],
) -> str:
    """Predictions of the output that is assigned to a class, in words."""
    column = counts[:, assigned[number]]
    often = "mostly" if 2 * column[number] > column.sum() else "often"
    return (
        f"output {order[assigned[number]]} is {often} {class_names[number]} "
        f"({column[number]} of {column.sum()} images), not {class_names[assigned[number]]}"
    )


def _quoted(name: str) -> str:
    """As TOML has a text."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
