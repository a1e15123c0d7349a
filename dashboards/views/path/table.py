"""One image's way down the class hierarchy, a row a step, and where it leaves the way to its class."""

from typing import TypedDict

import numpy as np

from dashboards.data.hierarchy import HEAD, SOFT, Decisions, branch_words, node_probabilities
from dashboards.data.population import Population
from dashboards.session.gestures import Branch
from dashboards.session.selection import Mode, Steps
from deepvid import wording

FORMULAS = {
    HEAD: "Probability of a branch: σ of the mean logit of its classes less that of the other branch's\n"
    "(Wan et al. 2021, NBDT). Together: the product of all steps.",
    SOFT: "Probability of a branch: σ(w · features + b), learned from the teacher's answers\n"
    "(Frosst and Hinton 2017). Together: the product of all steps.",
}
_WHY = {
    HEAD: "group by group it decides otherwise.",
    SOFT: "the tree has learned it otherwise.",
}
_HOW = {
    HEAD: "The tree weighs the mean of a group's logits, the teacher the largest of all.",
    SOFT: "A tree of linear decisions is not all that the teacher is: the sunburst says how near it comes.",
}


class Side(TypedDict):
    """One of the two branches at a step."""

    node: int
    words: str
    classes: str  # all of them, as a hint
    probability: str
    true: bool  # the true class, or without labels the runner-up, is among its classes
    chosen: bool  # a gesture has it


class Step(TypedDict):
    """One decision."""

    taken: Side
    other: Side
    share: float  # probability of what was taken
    note: str  # what happens here; empty: nothing special
    astray: bool  # it is off the way to the true class; without labels no way is wrong


class Card(TypedDict):
    """What the view shows."""

    title: str
    trees: list[list[str]]  # [name, text, hint] of the hierarchies there are
    tree: str  # the one shown
    against: str  # what `Side.true` marks, in words
    lines: list[list[str]]  # [text, hint]
    steps: list[Step]


def path_card(
    decisions: Decisions, table: Population, row: int, steps: Steps, features: np.ndarray | None = None
) -> Card:
    """Of a row that the teacher has seen; a soft tree needs its `features` (feature,)."""
    logits = table.logits(row)
    assert logits is not None
    tree, names, label, leaf = decisions.tree, table.class_names, int(table.label[row]), decisions.leaf(row)
    probability, chosen = node_probabilities(decisions, logits, features), _branches(steps, decisions.name)
    shown = list[Step]()
    for node in tree.path(leaf)[1:]:
        first, second = tree.children[tree.parent[node] - tree.leaves].tolist()
        taken, other = (
            Side(
                node=side,
                words=branch_words(tree, names, side),
                classes=", ".join(names[each] for each in tree.classes_of(side)),
                probability=wording.probability(float(probability[side])),
                true=bool(tree.has[side, label]),
                chosen=side in chosen,
            )
            for side in (node, second if node == first else first)
        )
        leaves = other["true"] and not taken["true"]
        note = _parting(table, names[label]) if leaves else ""
        shown.append(
            Step(
                taken=taken,
                other=other,
                share=float(probability[node]),
                note=note,
                astray=table.labeled and not taken["true"],
            )
        )
    ends = names[tree.label[leaf]]
    return Card(
        title=_title(table, shown, names[label], ends),
        trees=table.hierarchies,
        tree=decisions.name,
        against="true class" if table.labeled else table.against,
        lines=_lines(decisions, table, row, shown),
        steps=shown,
    )


def _parting(table: Population, name: str) -> str:
    return f"leaves the path of {name}" if table.labeled else f"parts from {name}, the runner-up"


def _title(table: Population, shown: list[Step], true: str, leaf: str) -> str:
    count = wording.quantity(len(shown), "step")
    at = next((number for number, step in enumerate(shown, 1) if step["note"]), None)
    if not shown:
        return "One class: a tree of one node, and nothing to decide"
    if at is None:
        return f"{count} to {leaf}, its class" if table.labeled else f"{count} to {leaf}, the runner-up"
    parting = _parting(table, true)
    return f"{parting[0].upper()}{parting[1:]}{'' if table.labeled else ','} at step {at} of {len(shown)}"


def _lines(decisions: Decisions, table: Population, row: int, shown: list[Step]) -> list[list[str]]:
    predicted = table.predicted
    if not shown or predicted is None:
        return []
    together = wording.probability(float(np.prod([step["share"] for step in shown])))
    leaf, said = (
        table.class_names[each] for each in (decisions.tree.label[decisions.leaf(row)], predicted[row])
    )
    lines = [[f"Decided as {leaf}; all steps together {together}.", FORMULAS[decisions.name]]]
    if leaf != said:
        lines.append([f"The teacher itself predicts {said}: {_WHY[decisions.name]}", _HOW[decisions.name]])
    return lines


def _branches(steps: Steps, tree: str) -> set[int]:
    """The nodes of a hierarchy that gestures have selected and not taken out again."""
    chosen = dict[int, bool]()
    for mode, gesture in steps:
        if isinstance(gesture, Branch) and gesture.tree == tree:
            chosen[gesture.node] = mode is not Mode.SUBTRACT
    return {node for node, kept in chosen.items() if kept}
