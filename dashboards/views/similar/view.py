"""What the teacher sees as the same: the nearest training and test images in its features."""

from typing import Any, ClassVar

from dashboards.data.feature_neighbors import space
from dashboards.session import needs
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of, View
from dashboards.session.work import Task
from dashboards.views.similar.similar_card import SimilarCard
from dashboards.views.similar.table import COUNT, Drawn, drawn
from dashboards.widgets.help import Help

NO_FOCUS = "The images that the teacher finds most similar to the one under study appear here."
NO_TEACHER = (
    "The most similar images appear here once the teacher is trained: they are the nearest in its features. "
    "An archive without the teacher has none; open the whole run."
)


class SimilarView(View):
    """Follows the focus; a click studies a neighbor, and hover goes both ways.

    What is usual of a class is measured in a thread, and the card is drawn once more when it is known.
    """

    subject = "What is similar to #{focus}"
    needs = (
        needs.IMAGES.saying(NO_FOCUS),
        needs.FOCUS.saying(NO_FOCUS),
        needs.stage("teacher").saying(NO_TEACHER),
        needs.variable("teacher", "features"),
    )
    follows: ClassVar = ("run", "facts", "focus")
    help: ClassVar = Help(
        what="The images that the teacher sees as most alike, training images among them.",
        use="A click puts one under study. Many of another label hint at a wrong label, or at classes "
        "that this teacher cannot tell apart.",
        beware="Alike is what the teacher's features say, not what people see.",
        source="Euclidean distance of the teacher's features, the input of its last layer; exact search.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        super().__init__(session, of=of)
        self._widget = SimilarCard(
            {"study": self.session.focus_asked, "hover": self._hover}, sizing_mode="stretch_both"
        )
        self._measuring = Task(session.schedule, lambda: None)
        self.showing.watch(session.navigation, "hover", self._mark)
        self.link(self._widget)

    def prepare(self, scene: Scene) -> Drawn:
        """Compares the image with all others."""
        table, run, sample = scene.table, scene.run, scene.focus
        assert table is not None
        assert run is not None
        assert sample is not None
        known = space(run)
        label = int(known.label[sample])
        usual = known.usual(label, COUNT) if known.knows_usual(label, COUNT) else None
        return drawn(table, known, sample, known.neighbors(sample, COUNT), usual)

    def publish(self, prepared: Drawn) -> None:
        """Shows the card; what is still missing of it is measured."""
        self._widget.param.update(**prepared._asdict())
        self._measure(prepared.card["sample"])

    def _measure(self, sample: int) -> None:
        run = self.session.run
        if run is None:
            return
        known = space(run)
        label = int(known.label[sample])
        if not known.knows_usual(label, COUNT):
            self._measuring.start(f"#{sample}", lambda _: known.usual(label, COUNT), self.redraw)

    def _hover(self, sample: Any) -> None:
        with self.session.hold():
            self.session.navigation.hover = sample if type(sample) is int else None

    def _mark(self, *_: Any) -> None:
        hover = self.session.navigation.hover
        self._widget.hovered = -1 if hover is None else hover
