"""The way of the image under study down the class hierarchy; a click on a branch selects what comes by it."""

from typing import Any, ClassVar

from dashboards.session import needs
from dashboards.session.gestures import Branch
from dashboards.session.scene import Scene
from dashboards.session.selection import Step
from dashboards.session.session import Session
from dashboards.session.view import Of, View
from dashboards.views.path.path_card import PathCard
from dashboards.views.path.table import Card, path_card
from dashboards.widgets.help import Help
from dashboards.widgets.modifiers import mode_of

NO_FOCUS = "The decisions that lead to the class of the image under study appear here."
NO_HIERARCHY = (
    "The path of an image appears here after building the class hierarchy, which this run has not done. "
    "Continue the run."
)
NO_TEACHER = "The path appears here once the teacher is trained."


class PathView(View):
    """Follows the focus; the branches that a gesture has are marked, here as in the sunburst."""

    subject = "The path of #{focus}"
    needs = (
        needs.PREDICTIONS.saying(NO_TEACHER),
        needs.HIERARCHY.saying(NO_HIERARCHY),
        needs.FOCUS.saying(NO_FOCUS),
        needs.PREDICTED,
    )
    follows: ClassVar = ("facts", "focus", "steps")
    help: ClassVar = Help(
        what="The way of this image down the class hierarchy: at each node the classes of either side "
        "and the probability of the one taken, from the mean logits of both.",
        use="A click on a step selects the images that reach it, and lights it up in the sunburst.",
        beware="The hierarchy is read off the teacher's last layer and decides less well than the "
        "teacher: where the two differ, this is not why the teacher erred.",
        source="Soft decisions: Wan et al. 2021 (NBDT).",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        super().__init__(session, of=of)
        self._widget = PathCard({"branch": self._select}, sizing_mode="stretch_both")
        self.link(self._widget)

    def prepare(self, scene: Scene) -> Card:
        """Weighs the branches by the stored logits of one image."""
        assert scene.table is not None
        assert scene.row is not None
        return path_card(scene.table, scene.row, scene.steps)

    def publish(self, prepared: Card) -> None:
        self._widget.card = prepared

    def _select(self, asked: Any) -> None:
        table = self.session.population
        decisions = None if table is None else table.decisions
        match asked:
            case {"node": int(node), "shift": bool(shift), "ctrl": bool(ctrl)} if (
                decisions is not None and 0 <= node < decisions.tree.nodes and not isinstance(node, bool)
            ):
                mode = mode_of({"shift": shift, "ctrl": ctrl, "alt": False})
                self.session.toggle(Step(mode or self.session.selection.mode, Branch(node)))
