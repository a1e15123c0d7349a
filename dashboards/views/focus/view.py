"""The answer about the image under study: why it is wrong, and how far to believe it, in one card."""

from typing import Any, ClassVar

import numpy as np
import xarray as xr

from dashboards.data.feature_neighbors import space
from dashboards.data.population import Population
from dashboards.kit.card import Card
from dashboards.session import computing, needs
from dashboards.session.engine_task import Answer, LazyResult, tell_work
from dashboards.session.file_export import FileExport
from dashboards.session.image_list import image_list
from dashboards.session.needs import Missing as Lacking
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of
from dashboards.session.work import Task
from dashboards.views.focus.asking import MapsInquiry
from dashboards.views.focus.content import Own, Prepared, content, question
from dashboards.views.focus.image_maps import Memory
from dashboards.views.focus.marking import Marked
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.engine.requests import CausesOfRight, ExplainImage
from deepvid.reasons import Reason


class FocusView(Card):
    """Follows the focus, the list of images, and the run as its teacher learns."""

    subject = "Image #{focus}"
    needs = (
        needs.IMAGES.saying("The image under study appears here once the run has read its images."),
        needs.FOCUS,
    )
    follows: ClassVar = (
        "table",
        "focus",
        "version",
        "beside",
        "edited",
        "overlay",
        "method",
        "raw",
        "student",
        "fitted",
        "explained",
        "mask",
        "sort",
        "group",
    )
    look = "focus-card"
    help: ClassVar = Help(
        what="Why the image under study is wrong, and how far a map of it can be believed.",
        use="WHY is the cause that goes farthest beyond its threshold, with what to do. TRUST is of the map "
        "looked at: it holds where its strongest pixels matter beyond chance to every judge. Small maps: ✓ "
        "holds, ◐ in part, ○ does not, ≠ judges disagree; arrow keys choose. A click lays the map over the "
        "image. , and . step through the selection, or all errors.",
        beware="Causes were measured on faults planted in Fashion-MNIST and MNIST. Probabilities are the "
        "teacher's own and can be too sure.",
        source="docs/causes.md; judges: docs/explanations.md. Calibration: Guo et al. 2017.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        self._doubting = LazyResult[CausesOfRight, tuple[Reason, ...]](session, self.redraw, of=of)
        self._explaining = LazyResult[ExplainImage, xr.Dataset](session, self._report_maps, of=f"{of} maps")
        self._comparing = Task(session.schedule, lambda: None)
        self._infill: int | None = None
        self._framed: int | None = None  # image on which the place that decides is shown
        self._taken: Answer[ExplainImage, xr.Dataset] | None = None
        self._memory = Memory()
        self._export = FileExport(session, self.save)
        super().__init__(session, of=of)
        self.showing.watch(session.marks, "entries", self.redraw)
        self.showing.watch(session.navigation, "run", self._forget)

    def actions(self) -> Actions:
        """`overlay` method lays its map over the image, None shows it beside; `method` chooses a map, `raw`
        shows it as measured. `step` by ±1 in the list; `pin` keeps the image while others are studied, or
        lets it go. `mark` {sample, texts} says that its label is wrong, `unmark` sample that it is right
        after all, `export` asks for a file of all marks. `see` opens the most alike, `compare` pins the
        nearest of the other class, `place` frames the place that decides. `doubt` asks what speaks against
        a right answer, `explain` and `infill` sample for maps and a second judge.
        """
        return {
            "overlay": self._lay,
            "method": self._choose,
            "raw": lambda _: self._navigate(raw=not self.session.navigation.raw),
            "step": self._step,
            "pin": lambda _: self._pin(),
            "mark": self._mark_label,
            "unmark": self._unmark,
            "export": lambda _: self._export.write_marks(),
            "see": lambda _: self.session.open_tab("similar"),
            "compare": lambda _: self._compare(),
            "place": lambda _: self._frame(),
            "doubt": lambda _: self._doubt(),
            "explain": self._explain,
            "infill": self._ask_infill,
            "cancel": lambda _: self._explaining.cancel(),
        }

    def local_state(self) -> Own:
        """Marks, the last questions, and whether the place that decides is framed."""
        marks = self.session.marks
        framed = self._framed is not None and self._framed == self.sample
        asked = MapsInquiry(self._explaining.status, self._infill)
        return Own(
            Marked(marks.entries, marks.refusal), self._doubting.status, asked, framed, self._of, self._memory
        )

    def prepare(self, scene: Scene) -> Prepared:
        """The card, and the maps that nobody has computed yet."""
        return content(scene, self.help)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, and asks for maps that are lacking, once."""
        super().publish(prepared.tree)
        self._explaining.follow(prepared.request)

    def show_placeholder(self, lacks: Lacking) -> None:
        """Nothing is under study: nothing is asked."""
        super().show_placeholder(lacks)
        self._explaining.follow(None)

    def _forget(self, *_: Any) -> None:
        self._infill = self._framed = None

    def _navigate(self, **changed: Any) -> None:
        with self.session.hold():
            self.session.navigation.param.update(**changed)

    def _lay(self, method: str | None) -> None:
        self._navigate(overlay=method or "", method=method or self.session.navigation.overlay)

    def _choose(self, method: str) -> None:
        over = bool(self.session.navigation.overlay)
        self._navigate(method=method, overlay=method if over else "")

    def _step(self, by: int) -> None:
        scene = self.scene_for(self.session.linker.scene)
        found, table = image_list(scene), scene.table
        row = None if found is None else found.step(scene.row, by)
        if table is not None and row is not None:
            self.session.focus(int(table.samples[row]))

    def _pin(self) -> None:
        """Pins what is under study, to be compared with the next; again, it is pinned no more."""
        navigation = self.session.navigation
        navigation.pin = navigation.focus if navigation.pin is None else None

    def _frame(self) -> None:
        self._framed = None if self._framed == self.sample else self.sample
        self.redraw()

    def _compare(self) -> None:
        """Pins the nearest image whose label and answer are the label of this one."""
        run, table, sample = self.session.run, self.session.population, self.sample
        if run is None or table is None or sample is None:
            return

        def arrived(other: int | None) -> None:
            if other is not None and self.sample == sample and self.session.run is run:
                self._navigate(pin=other)

        self._comparing.start(f"#{sample}", lambda _: _nearest_of_label(table, sample, run), arrived)

    def _doubt(self) -> None:
        run, sample = self.session.run, self.sample
        if run is not None and sample is not None and not computing.refusal():
            self._doubting.forget()
            self._doubting.follow(question(run, sample))
            self.redraw()

    def _mark_label(self, asked: Any) -> None:
        texts = asked["texts"]
        label = int(texts["label"]) if texts["label"] else None
        with self.session.hold():
            self.session.marks.put(asked["sample"], texts["remark"].strip(), label)

    def _unmark(self, sample: int) -> None:
        with self.session.hold():
            self.session.marks.drop(sample)

    def _explain(self, sample: int) -> None:
        if self._explaining.again(sample, self.sample):
            self.redraw()

    def _ask_infill(self, sample: int) -> None:
        if sample == self.sample:
            self._infill = self.sample
            asked = self._explaining.status.request
            if asked is None or not asked.infill or not self._explaining.again(sample, self.sample):
                self.redraw()

    def _report_maps(self) -> None:
        """Maps that have arrived are the session's, whichever view looks at them."""
        answer, run = self._explaining.answer, self.session.run
        if answer is not None and answer is not self._taken and run is not None:
            self._taken = answer
            if answer.request.run == run.address:
                self.session.take_explanation(run, answer.result)
        tell_work(self, self.component, f"Explaining {self._explaining.task.subject}", self._explaining.task)


def _nearest_of_label(table: Population, sample: int, run: Any) -> int | None:
    row = table.row_of(sample)
    if row is None or table.predicted is None:
        return None
    alike = (table.label == table.label[row]) & (table.predicted == table.label[row])
    among = np.zeros(len(table.row_of_sample), np.bool_)
    among[table.samples[alike]] = True
    return space(run).nearest(sample, among)
