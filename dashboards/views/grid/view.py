"""The images of the selection, as many as there are, in a virtual grid."""

from typing import Any, ClassVar, NamedTuple

from dashboards.data.image_orders import KINDS, ImageOrder, by_image, image_order, is_known
from dashboards.data.orders import Order, groupings, is_order
from dashboards.session import needs
from dashboards.session.gestures import Samples
from dashboards.session.image_list import kinds_of_near, near_order
from dashboards.session.scene import Scene
from dashboards.session.selection import Mode, Step, Tally, selection_sentence
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.session.work import Task
from dashboards.views.grid.finding import Finding, find
from dashboards.views.grid.image_grid import Focused, ImageGrid
from dashboards.views.grid.table import Listing, Wish, listing, window
from dashboards.widgets.help import Help
from deepvid.errors import UserError
from deepvid.progress import Progress

MOST_TILES = 2_000  # of one message, whatever the browser asks for


class Prepared(NamedTuple):
    """What the grid will show."""

    listing: Listing
    sentence: str


class GridView(View):
    """A gesture lists other images; hover and focus go both ways."""

    subject = "The grid of images"
    needs = (needs.IMAGES.saying("The images appear here as soon as the run has read them."),)
    follows: ClassVar = ("table", "steps", "mask", "sort", "group")
    help: ClassVar = Help(
        what="The images of the selection. The frame has the color of the true class, the corner that "
        "of the predicted one where it is wrong, and the badge says whether its student can be "
        "believed.",
        use="A click or the arrow keys put an image under study; a right click offers more, such as the "
        "order by distance to it. While the image under study is out of sight, a button at the edge leads to "
        "it. Images can be grouped by class. Type an index or a file name to find one.",
        beware="Best explained shows where explanations work, not where the teacher is worst: for "
        "that choose worst first. Distances stay those to the image they were asked for.",
        source="Verdicts: agreement with the teacher on neighbors that were held out, against guessing; "
        "faithfulness against the same map laid elsewhere. Distance: Euclidean, of the teacher's features.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._visible = Wish().visible
        self._listing: Listing | None = None
        self._asked = 0  # the browser's last wish for a focus
        self._widget = ImageGrid(
            {
                "window": self._send,
                "hover": self._hover,
                "focus": self._focus,
                "sort": self._resort,
                "group": self._group,
                "find": self._find,
                "menu": self._act,
            },
            help=self.help,
            sizing_mode="stretch_both",
        )
        self._finding = Task(session.schedule, lambda: None)
        self._sorting = Task(session.schedule, self._sorted)
        self._measured: tuple[str, ImageOrder] | None = None  # run and image whose distances are waited for
        self.showing.watch(session.navigation, ["focus", "hover"], self._mark)
        self.showing.watch(session.marks, "entries", self._flag)
        self.link(self._widget)

    def helped_elsewhere(self) -> None:
        """Its help stands on a bar of tabs, and not on its own."""
        self._widget.help = {}

    def local_state(self) -> int:
        """How many tiles the browser shows."""
        return self._visible

    def prepare(self, scene: Scene) -> Prepared:
        """Orders the rows of the mask and fetches the first pictures."""
        table, wish = scene.table, Wish(scene.sort, scene.group, scene.own)
        assert table is not None
        assert scene.run is not None
        shown = listing(
            table, scene.mask, wish, near_order(scene.run, table, scene.sort), kinds_of_near(scene.run, table)
        )
        if scene.row is not None:
            shown.listed.position(scene.row)  # looked for here, where nobody waits; `_focused` asks again
        return Prepared(shown, selection_sentence(table, scene.steps, Tally(len(shown.listed), None)))

    def publish(self, prepared: Prepared) -> None:
        self._listing = shown = prepared.listing
        self._widget.param.update(
            listing={**shown.described, "title": prepared.sentence},
            window=shown.window.facts,
            tiles=shown.window.tiles,
            focused=self._focused(shown),
            marked=list(self.session.marks.wrong),
        )

    def _send(self, asked: Any) -> None:
        shown = self._listing
        if shown is None or asked["order"] != shown.number:
            return
        first = min(max(0, asked["first"]), len(shown.listed))
        last = min(asked["last"], first + MOST_TILES)
        self._visible = max(1, last - first)
        facts, tiles = window(shown.table, shown.listed, shown.number, first, last)
        with self.session.hold():
            self._widget.param.update(window=facts, tiles=tiles)

    def _hover(self, sample: Any) -> None:
        with self.session.hold():
            self.session.navigation.hover = sample if type(sample) is int else None

    def _focus(self, asked: Any) -> None:
        shown, position = self._listing, asked["position"]
        self._asked = asked["asked"]
        if shown is not None and asked["order"] == shown.number and 0 <= position < len(shown.listed):
            self.session.focus(int(shown.table.samples[shown.listed.rows(position, position + 1)[0]]))
        elif shown is not None:  # a position that is gone: the ring goes back to the image under study
            with self.session.hold():
                self._widget.focused = self._focused(shown)

    def _find(self, asked: Any) -> None:
        """In a thread: the first search of a run decodes all names."""
        table, after = self.session.population, self.session.navigation.focus
        text, number = str(asked["text"]), asked["asked"]
        if table is not None:
            self._finding.start(
                text, lambda _: find(table, text, after), lambda finding: self._found(finding, number)
            )

    def _found(self, finding: Finding, asked: int) -> None:
        with self.session.hold():
            self._widget.param.update(found={"asked": asked, "sentence": finding.sentence})
            if finding.sample is not None:
                self.session.focus(finding.sample)

    def _act(self, asked: Any) -> None:
        session, sample = self.session, asked["sample"]
        table = session.population
        if table is None or table.row_of(sample) is None:
            return
        if (mode := {"add": Mode.ADD, "drop": Mode.SUBTRACT}.get(asked["what"])) is not None:
            session.select(Step(mode, Samples((sample,))))
        elif asked["what"] == "pin":
            session.navigation.pin = sample
        elif asked["what"] in KINDS:
            self._order_by(ImageOrder(asked["what"], sample))
        else:
            session.focus(sample)
            if asked["what"] == "similar":
                session.open_tab("similar")

    def _resort(self, name: Any) -> None:
        self._measured = None
        table, focus = self.session.population, self.session.navigation.focus
        if name in KINDS:
            if focus is not None:
                self._order_by(ImageOrder(name, focus))
        elif table is not None:
            known = isinstance(name, str) and (is_order(table, name) or image_order(name) is not None)
            self._navigate(sort=name if known else "")

    def _group(self, name: Any) -> None:
        table = self.session.population
        known = table is not None and isinstance(name, str) and name in groupings(table)
        self._navigate(group=name if known else "")

    def _navigate(self, **changed: str) -> None:
        with self.session.hold():
            self.session.navigation.param.update(**changed)

    def _order_by(self, asked: ImageOrder) -> None:
        """Lists by how near images are to one from now on, whatever is under study; sorted in a thread."""
        run, table = self.session.run, self.session.population
        if run is None or table is None or asked.kind not in kinds_of_near(run, table):
            return
        if not is_known(table, asked):
            self.session.fault(
                UserError(
                    "Mistakes are listed that are like another one",
                    f"#{asked.sample}, which is none of those that were looked into",
                    "Study a misclassified image",
                )
            )
            self.redraw()  # its menu goes back
            return
        self._measured = wanted = (run.id, asked)

        def sort(_: Progress) -> Order:
            return by_image(table, run, asked)

        def arrived(_: Order) -> None:
            if self._measured != wanted or self.session.run is not run:
                return  # a person has chosen another order, or another run
            self._navigate(sort=str(asked))
            self.redraw()  # it may have been the order before

        self._sorting.start(f"#{asked.sample}", sort, arrived)

    def _sorted(self) -> None:
        if self._sorting.error is not None:
            self.session.fault(self._sorting.error)

    def _mark(self, *_: Any) -> None:
        if self._listing is not None:
            hover = self.session.navigation.hover
            self._widget.param.update(
                hovered=-1 if hover is None else hover, focused=self._focused(self._listing)
            )

    def _flag(self, *_: Any) -> None:
        self._widget.marked = list(self.session.marks.wrong)

    def _focused(self, shown: Listing) -> Focused:
        sample = self.session.navigation.focus
        row = None if sample is None else shown.table.row_of(sample)
        position = None if row is None else shown.listed.position(row)
        return {
            "sample": -1 if sample is None else sample,
            "position": -1 if position is None else position,
            "asked": self._asked,
            "offered": self.session.opening.offers(sample),
        }
