"""The way of the image under study down the class hierarchy; a click on a branch selects what comes by it."""

from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.feature_neighbors import features_of
from dashboards.data.hierarchy import HEAD, SOFT, Decisions, branch_words, node_probabilities
from dashboards.data.population import Population
from dashboards.kit.card import Card
from dashboards.kit.charts import Rail
from dashboards.kit.elements import Box, Button, Choice, Element, column, quiet, row, text
from dashboards.session import needs
from dashboards.session.gestures import Branch
from dashboards.session.modifiers import apply_click
from dashboards.session.needs import Need
from dashboards.session.scene import Scene
from dashboards.session.selection import Mode, Steps
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid import wording
from deepvid.wording import sentence_case

NO_FOCUS = "The decisions that lead to the class of the image under study appear here."
NO_HIERARCHY = (
    "The path of an image appears here after building the class hierarchy, which this run has not done. "
    "Continue the run."
)
NO_FEATURES = (
    "The path down the distilled tree needs the teacher's features, which this archive was made without. "
    "Choose the tree of the head, or open the whole run."
)
NO_TEACHER = "The path appears here once the teacher is trained."
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


class PathView(Card):
    """Follows the focus; the branches that a gesture has are marked, here as in the sunburst."""

    subject = "The path of #{focus}"
    needs = (
        needs.PREDICTIONS.saying(NO_TEACHER),
        needs.MODEL,
        needs.HIERARCHY.saying(NO_HIERARCHY),
        needs.FOCUS.saying(NO_FOCUS),
        needs.PREDICTED,
        Need(
            lambda scene: _by_logits(scene) or needs.variable("teacher", "features").met(scene), NO_FEATURES
        ),
    )
    follows: ClassVar = ("facts", "focus", "steps", "tree")
    look = "path-card"
    help: ClassVar = Help(
        what="The way of this image down the class hierarchy: at each node the classes of either side "
        "and the probability of the one taken.",
        use="A click on a step selects the images that reach it, and lights it up in the sunburst.",
        beware="The hierarchy is read off the teacher's last layer, or learned from its answers, and "
        "decides less well than the teacher: where the two differ, this is not why the teacher erred.",
        source="Of the head: mean logits of both sides, Wan et al. 2021 (NBDT). Distilled: linear decisions "
        "on the teacher's features, Frosst and Hinton 2017.",
    )

    def actions(self) -> Actions:
        """`branch` {node, tree} selects what comes by it, `choose` shows another hierarchy."""
        return {"branch": self._select, "choose": self._choose}

    def prepare(self, scene: Scene) -> Element:
        """Weighs the branches by the stored logits of one image, or by its features."""
        _, table, row, _ = scene.studied
        decisions = scene.decisions
        assert decisions is not None
        return drawn(path(decisions, table, row, scene.steps, _features(scene)), table)

    def _select(self, asked: Any) -> None:
        apply_click(self.session, asked, Branch(asked["node"], asked["tree"]))

    def _choose(self, name: str) -> None:
        with self.session.hold():
            self.session.navigation.tree = name


def _by_logits(scene: Scene) -> bool:
    """Whether the tree shown decides by what every run has of its teacher."""
    return scene.decisions is None or scene.decisions.rule is None


def _features(scene: Scene) -> np.ndarray | None:
    """f32 (feature,) of the image under study, where the tree shown decides by them."""
    if _by_logits(scene):
        return None
    run, _, _, sample = scene.studied
    return features_of(run, sample)


class Side(NamedTuple):
    """One of the two branches at a step."""

    node: int
    words: str
    classes: str  # all of them, as a hint
    probability: str
    true: bool  # the true class, or without labels the runner-up, is among its classes
    chosen: bool  # a gesture has it


class Step(NamedTuple):
    """One decision."""

    taken: Side
    other: Side
    share: float  # probability of what was taken
    note: str  # what happens here; empty: nothing special
    astray: bool  # it is off the way to the true class; without labels no way is wrong


class Path(NamedTuple):
    """All decisions of a tree about one image."""

    title: str
    tree: str
    lines: list[tuple[str, str]]  # and their hints
    steps: list[Step]


def drawn(found: Path, table: Population) -> Element:
    """A row a step, with its two branches."""
    against = "true class" if table.labeled else table.against
    trees = tuple((name, words, hint) for name, words, hint in table.hierarchies)
    return column(
        row(
            text(found.title, tag="h2", look="title grow", hint=found.title),
            Choice("choose", trees, found.tree, segments=True, label="tree") if len(trees) > 1 else None,
            quiet(text(tag="i", look="true"), against) if found.steps else None,
            tag="header",
            look="middle",
        ),
        Box(tuple(text(words, tag="p", hint=hint) for words, hint in found.lines), look="lines quiet"),
        Box(
            tuple(_row(number, step, found.tree, against) for number, step in enumerate(found.steps, 1)),
            "ol",
            look="list",
        ),
    )


def _row(number: int, step: Step, tree: str, against: str) -> Box:
    taken, other = step.taken, step.other
    without = "or" if tree == SOFT else "not"  # the groups of a soft tree share classes
    return Box(
        (
            text(str(number), look="dot"),
            text(
                _branch(taken, taken.words, tree, against, look="taken"),
                _branch(other, f"{without} {other.words}", tree, against, look="other quiet"),
                look="sides",
            ),
            Rail(
                step.share,
                fill=f"var(--dv-{'negative' if step.astray else 'positive'})",
                look="track",
                hint=f"{taken.words} {taken.probability}, {other.words} {other.probability}",
            ),
            text(taken.probability, look="share"),
            text(step.note, look="note"),
        ),
        "li",
        look="astray" * step.astray,
    )


def _branch(side: Side, words: str, tree: str, against: str, *, look: str) -> Button:
    here = text(tag="i", look="true", role="img", label=against, hint=f"The {against} is here")
    return Button(
        (text(words, look="name"), here if side.true else None),
        "branch",
        {"node": side.node, "tree": tree},
        keys=True,
        pressed=side.chosen,
        look=look,
        hint=f"{side.classes}\nClick to select the images on this branch",
    )


def path(
    decisions: Decisions, table: Population, row: int, steps: Steps, features: np.ndarray | None = None
) -> Path:
    """Of a row that the teacher has seen; a soft tree needs its `features` (feature,)."""
    logits = table.logits(row)
    assert logits is not None
    tree, names, label, leaf = decisions.tree, table.class_names, int(table.label[row]), decisions.leaf(row)
    probability, chosen = node_probabilities(decisions, logits, features), _branches(steps, decisions.name)
    found = list[Step]()
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
        note = _parting(table, names[label]) if other.true and not taken.true else ""
        found.append(Step(taken, other, float(probability[node]), note, table.labeled and not taken.true))
    title = _title(table, found, names[label], names[tree.label[leaf]])
    return Path(title, decisions.name, _lines(decisions, table, row, found), found)


def _parting(table: Population, name: str) -> str:
    return f"leaves the path of {name}" if table.labeled else f"parts from {name}, the runner-up"


def _title(table: Population, found: list[Step], true: str, leaf: str) -> str:
    count = wording.quantity(len(found), "step")
    at = next((number for number, step in enumerate(found, 1) if step.note), None)
    if not found:
        return "One class: a tree of one node, and nothing to decide"
    if at is None:
        return f"{count} to {leaf}, its class" if table.labeled else f"{count} to {leaf}, the runner-up"
    parting = _parting(table, true)
    return f"{sentence_case(parting)}{'' if table.labeled else ','} at step {at} of {len(found)}"


def _lines(decisions: Decisions, table: Population, row: int, found: list[Step]) -> list[tuple[str, str]]:
    predicted = table.predicted
    if not found or predicted is None:
        return []
    together = wording.probability(float(np.prod([step.share for step in found])))
    leaf, said = (
        table.class_names[each] for each in (decisions.tree.label[decisions.leaf(row)], predicted[row])
    )
    lines = [(f"Decided as {leaf}; all steps together {together}.", FORMULAS[decisions.name])]
    if leaf != said:
        lines.append((f"The teacher itself predicts {said}: {_WHY[decisions.name]}", _HOW[decisions.name]))
    return lines


def _branches(steps: Steps, tree: str) -> set[int]:
    """The nodes of a hierarchy that gestures have selected and not taken out again."""
    chosen = dict[int, bool]()
    for mode, gesture in steps:
        if isinstance(gesture, Branch) and gesture.tree == tree:
            chosen[gesture.node] = mode is not Mode.SUBTRACT
    return {node for node, kept in chosen.items() if kept}
