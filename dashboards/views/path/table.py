"""One image's way down the class hierarchy, a row a step, and where it leaves the way to its class."""

from typing import TypedDict

import numpy as np

from dashboards.data import wording
from dashboards.data.hierarchy import branch_words, node_probabilities
from dashboards.data.population import Population
from dashboards.session.gestures import Branch
from dashboards.session.selection import Mode, Steps

FORMULA = (
    "Probability of a branch: σ of the mean logit of its classes less that of the other branch's\n"
    "(Wan et al. 2021, NBDT). Together: the product of all steps."
)


class Side(TypedDict):
    """One of the two branches at a step."""

    node: int
    words: str
    classes: str  # all of them, as a hint
    probability: str
    true: bool  # the true class is among its classes
    chosen: bool  # a gesture has it


class Step(TypedDict):
    """One decision."""

    taken: Side
    other: Side
    share: float  # probability of what was taken
    note: str  # what happens here; empty: nothing special
    astray: bool  # it is off the way to the true class


class Card(TypedDict):
    """What the view shows."""

    title: str
    lines: list[list[str]]  # [text, hint]
    steps: list[Step]


def path_card(table: Population, row: int, steps: Steps) -> Card:
    """Of a row that the teacher has seen, in a run that has a hierarchy."""
    decisions, logits = table.decisions, table.logits(row)
    assert decisions is not None
    assert logits is not None
    tree, names, label, leaf = decisions.tree, table.class_names, int(table.label[row]), decisions.leaf(row)
    probability, chosen = node_probabilities(tree, logits), _branches(steps)
    on_way, shown = set(tree.path(label)), list[Step]()
    for node in tree.path(leaf)[1:]:
        first, second = tree.children[tree.parent[node] - tree.classes].tolist()
        taken, other = (
            Side(
                node=side,
                words=branch_words(tree, names, side),
                classes=", ".join(names[k] for k in tree.order[tree.under[side, tree.order]]),
                probability=wording.probability(float(probability[side])),
                true=side in on_way,
                chosen=side in chosen,
            )
            for side in (node, second if node == first else first)
        )
        note = f"leaves the path of {names[label]}" if other["true"] else ""
        shown.append(
            Step(
                taken=taken,
                other=other,
                share=float(probability[node]),
                note=note,
                astray=not taken["true"],
            )
        )
    return Card(title=_title(shown, names[label], names[leaf]), lines=_lines(table, row, shown), steps=shown)


def _title(shown: list[Step], true: str, leaf: str) -> str:
    count = wording.counted(len(shown), "step")
    at = next((number for number, step in enumerate(shown, 1) if step["note"]), None)
    if not shown:
        return "One class: a tree of one node, and nothing to decide"
    return (
        f"{count} to {leaf}, its class"
        if at is None
        else f"Leaves the path of {true} at step {at} of {len(shown)}"
    )


def _lines(table: Population, row: int, shown: list[Step]) -> list[list[str]]:
    if not shown:
        return []
    decisions, predicted = table.decisions, table.predicted
    assert decisions is not None
    assert predicted is not None
    together = wording.probability(float(np.prod([step["share"] for step in shown])))
    leaf, said = table.class_names[decisions.leaf(row)], table.class_names[predicted[row]]
    lines = [[f"Decided as {leaf}; all steps together {together}.", FORMULA]]
    if leaf != said:
        lines.append(
            [
                f"The teacher itself predicts {said}: group by group it decides otherwise.",
                "The tree weighs the mean of a group's logits, the teacher the largest of all.",
            ]
        )
    return lines


def _branches(steps: Steps) -> set[int]:
    """The nodes that gestures have selected and not taken out again."""
    chosen = dict[int, bool]()
    for mode, gesture in steps:
        if isinstance(gesture, Branch):
            chosen[gesture.node] = mode is not Mode.SUBTRACT
    return {node for node, kept in chosen.items() if kept}
