"""The way of the image under study down the class hierarchy; a click on a branch selects what comes by it."""

from typing import Any, ClassVar, NamedTuple

import numpy as np
from bokeh.events import KeyModifiers

from dashboards.data.feature_neighbors import features_of
from dashboards.data.hierarchy import STAGES, Decisions
from dashboards.session import needs
from dashboards.session.gestures import Branch
from dashboards.session.modifiers import pressed
from dashboards.session.needs import Need
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of, View
from dashboards.views.path.path_card import PathCard
from dashboards.views.path.table import Card, path_card
from dashboards.widgets.help import Help

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


class Prepared(NamedTuple):
    """What the card will show, and of which tree."""

    decisions: Decisions
    card: Card


class PathView(View):
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
    help: ClassVar = Help(
        what="The way of this image down the class hierarchy: at each node the classes of either side "
        "and the probability of the one taken.",
        use="A click on a step selects the images that reach it, and lights it up in the sunburst.",
        beware="The hierarchy is read off the teacher's last layer, or learned from its answers, and "
        "decides less well than the teacher: where the two differ, this is not why the teacher erred.",
        source="Of the head: mean logits of both sides, Wan et al. 2021 (NBDT). Distilled: linear decisions "
        "on the teacher's features, Frosst and Hinton 2017.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        super().__init__(session, of=of)
        actions = {"branch": self._select, "choose": self._choose}
        self._widget = PathCard(actions, sizing_mode="stretch_both")
        self._shown: Decisions | None = None
        self.link(self._widget)

    def prepare(self, scene: Scene) -> Prepared:
        """Weighs the branches by the stored logits of one image, or by its features."""
        table, decisions = scene.table, scene.decisions
        assert table is not None
        assert decisions is not None
        assert scene.row is not None
        return Prepared(decisions, path_card(decisions, table, scene.row, scene.steps, _features(scene)))

    def publish(self, prepared: Prepared) -> None:
        self._shown, self._widget.card = prepared

    def _select(self, asked: Any) -> None:
        decisions = self._shown
        match asked:
            case {"node": int(node), "shift": bool(shift), "ctrl": bool(ctrl)} if (
                decisions is not None and 0 <= node < decisions.tree.nodes and not isinstance(node, bool)
            ):
                held: KeyModifiers = {"shift": shift, "ctrl": ctrl, "alt": False}
                pressed(self.session, held, Branch(node, decisions.name))

    def _choose(self, name: Any) -> None:
        if isinstance(name, str) and name in STAGES:
            with self.session.hold():
                self.session.navigation.tree = name


def _by_logits(scene: Scene) -> bool:
    """Whether the tree shown decides by what every run has of its teacher."""
    return scene.decisions is None or scene.decisions.rule is None


def _features(scene: Scene) -> np.ndarray | None:
    """f32 (feature,) of the image under study, where the tree shown decides by them."""
    if _by_logits(scene):
        return None
    assert scene.run is not None
    assert scene.focus is not None
    return features_of(scene.run, scene.focus)
