"""Which column explains the errors? A click on a column colors by it, one on a value selects its images."""

from typing import Any, ClassVar

from dashboards.data.orders import groupings
from dashboards.session import needs
from dashboards.session.modifiers import query_pressed, sole_query
from dashboards.session.needs import Need
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.views.columns.columns_card import Card, ColumnsCard
from dashboards.views.columns.table import column_rows, ranking, sentence, value_rows
from dashboards.widgets.help import Help
from deepvid.wording import quantity

COLUMNS = Need(
    lambda scene: scene.table is None or bool(scene.table.columns),
    "Further columns of a table, such as age or hospital, are ranked here by how much they say of errors. "
    "This run has none: list the images in a table, or give columns to deepvid.explain as meta.",
    "No columns beside the images",
)
NOTHING = "The columns of this run are texts, or have one value each: nothing to compare errors by."


class ColumnsView(View):
    """Ranks the columns of the run once; the values of one are open."""

    title = "Columns"
    subject = "The columns"
    needs = (
        needs.PREDICTIONS.saying("The columns are ranked after the teacher's first epoch."),
        needs.LABELS,
        COLUMNS,
    )
    follows: ClassVar = ("facts", "steps", "color")
    help: ClassVar = Help(
        what="The further columns of the images by how much each says of errors: the mutual information of "
        "its values and being wrong, in bits. The line on the bar is chance: 95 % of permutations "
        "stay below it.",
        use="A click on a column colors the map by it, groups the grid by its words, and opens its values, "
        "of a category the worst first. The line among their rates is the rate of all images. A click on a "
        "value selects its images.",
        beware="A column that goes along with the class, or with another column, says of errors what that "
        "says: nothing here is a cause. Numbers are in eight groups of nearly equal size. Columns are tested "
        "together: chance names one in at most one run of twenty.",
        source="Shannon 1948. Exact permutation distribution of counts; Holm 1979 over the columns. "
        "Intervals: Wilson 1927.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._opened = ""
        self._widget = ColumnsCard({"open": self._open, "select": self._select}, sizing_mode="stretch_both")
        self.link(self._widget)

    def local_state(self) -> str:
        """Name of the column whose values are shown; the first where the run has none of that name."""
        return self._opened

    def prepare(self, scene: Scene) -> Card:
        """Ranks the columns, once for the run's facts."""
        table = scene.table
        assert table is not None
        found, rate = ranking(table)
        by_name = {one.name: one for one in found}
        wanted = scene.own if scene.own in by_name else scene.color
        opened = by_name.get(wanted) or next(iter(found), None)
        beyond = sum(one.beyond_chance for one in found)
        return {
            "title": sentence(found) if found else self.title,
            "rows": column_rows(table, found),
            "opened": "" if opened is None else opened.name,
            "values": [] if opened is None else value_rows(table, opened, sole_query(scene.steps)),
            "rate": rate,
            "note": f"{beyond} of {quantity(len(found), 'column')} beyond chance · bits, | chance",
            "waiting": NOTHING,
        }

    def publish(self, prepared: Card) -> None:
        self._widget.card = prepared

    def _open(self, name: Any) -> None:
        table = self.session.population
        if table is None or not isinstance(name, str) or name not in table.columns:
            return
        self._opened = name
        with self.session.hold():
            grouped = {"group": name} if name in groupings(table) else {}
            self.session.navigation.param.update(color=name, **grouped)
        self.redraw()

    def _select(self, asked: Any) -> None:
        query_pressed(self.session, asked)
