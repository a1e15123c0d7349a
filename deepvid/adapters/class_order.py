"""Whether the outputs of a model are the classes of the images, in their order.

The assignment of outputs to classes with the most images right: Kuhn (1955), on the confusion matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from deepvid.errors import DataError

if TYPE_CHECKING:
    from jaxtyping import Int

_FEWEST = 5  # images more that another order has right, without the first of each class: one fits some order
_MOST_LISTED = 30  # names in one message
_SURE = 0.5  # share of the images of the classes in question that it has right


def check_order(
    predicted: Int[np.ndarray, " sample"],
    labels: Int[np.ndarray, " sample"],
    class_names: tuple[str, ...],
    order: Int[np.ndarray, " class"],
) -> None:
    """`order` is the output of each class. Raises DataError where another order is far better."""
    from scipy.optimize import linear_sum_assignment

    classes = len(class_names)
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, predicted), 1)
    _, assigned = linear_sum_assignment(counts, maximize=True)
    moved = np.flatnonzero(assigned != np.arange(classes))
    mended = counts[moved, assigned[moved]]
    now, then, repeated = counts[moved, moved].sum(), mended.sum(), np.maximum(mended - 1, 0).sum()
    if repeated - now < _FEWEST or then <= 2 * now or then < _SURE * counts[moved].sum():
        return
    seen = moved[counts[moved].any(axis=1)]
    raise DataError(
        "The outputs of the model are the classes of the images, in their order",
        f"{'; '.join(_mostly(counts, assigned, number, class_names, order) for number in seen[:3])}; "
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
    """What the output that is assigned to a class predicts."""
    column = counts[:, assigned[number]]
    return (
        f"output {order[assigned[number]]} is mostly {class_names[number]} "
        f"({column[number]} of {column.sum()} images), not {class_names[assigned[number]]}"
    )


def _quoted(name: str) -> str:
    """As TOML has a text."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
