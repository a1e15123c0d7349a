"""What kinds of mistakes are there? A click on one selects its images, one on an image studies it."""

from typing import Any, ClassVar

from dashboards.session import needs
from dashboards.session.modifiers import query_pressed, sole_query
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.views.modes.modes_card import ModesCard
from dashboards.views.modes.table import Content, mode_content
from dashboards.widgets.help import Help


class ModesView(View):
    """Shows the modes of the run; it is there where the run has some."""

    title = "Kinds"
    subject = "Kinds of mistakes"
    needs = (needs.RUN, needs.stage("modes"))
    follows: ClassVar = ("facts", "steps")
    help: ClassVar = Help(
        what="Errors that are alike: in where their evidence lies, in what the picture is like, in classes "
        "and features. Eight images from the middle of each; beside them what the answer loses with each "
        "place, on average.",
        use="A click on a kind selects its errors, one on an image puts it under study.",
        beware="A rule was found on half of the images. Only one that finds errors on the other half, beyond "
        "chance, is confirmed.",
        source="Ward 1963 on blocks of equal weight; docs/causes.md.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        actions = {"select": self._select, "study": self._study}
        self._widget = ModesCard(actions, sizing_mode="stretch_both")
        self.link(self._widget)

    def prepare(self, scene: Scene) -> Content:
        assert scene.table is not None
        return mode_content(scene.table, sole_query(scene.steps))

    def publish(self, prepared: Content) -> None:
        self._widget.param.update(**prepared._asdict())

    def _select(self, asked: Any) -> None:
        query_pressed(self.session, asked)

    def _study(self, sample: Any) -> None:
        table = self.session.population
        if table is not None and type(sample) is int and table.row_of(sample) is not None:
            self.session.focus(sample)
