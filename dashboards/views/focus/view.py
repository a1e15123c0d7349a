"""The image under study: what it is, what the teacher says, and how sure it is."""

import logging
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.decision import OF_STUDENT, map_of
from dashboards.data.explanations import PageExplanations, explanations
from dashboards.data.population import Population, both
from dashboards.data.saving import csv_of
from dashboards.data.students import known_students
from dashboards.kit.card import Card, empty
from dashboards.kit.elements import Box, Child, Element, HelpButton, column, text
from dashboards.kit.pictures import Overlay
from dashboards.serving.transfer import Export
from dashboards.session import computing, needs
from dashboards.session.engine_task import LazyResult, ResultStatus
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of
from dashboards.views.focus.card import (
    LONGEST,
    cause,
    causes,
    doubting,
    heading,
    opinion,
    origin,
    overlay,
    pin,
    sides,
    take_off,
    units,
    why,
)
from dashboards.views.focus.marking import Marked, flag, said_of
from dashboards.views.focus.table import Judgment, judgment, verdict, with_map
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.engine.requests import CausesOfRight, Edited
from deepvid.map_words import title
from deepvid.reasons import Classes, Reason
from deepvid.store import Run

BARS = needs.PREDICTED.saying("The teacher's probabilities appear here after its first epoch.")
EDITED = "It stands in the place of the image: Escape takes it back"


class Own(NamedTuple):
    """State that the scene does not know."""

    marked: Marked
    doubting: ResultStatus[CausesOfRight, tuple[Reason, ...]]


class FocusView(Card):
    """Follows the focus, and the run as its teacher learns."""

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
        "student",
        "fitted",
        "explained",
    )
    look = "focus-card"
    help: ClassVar = Help(
        what="The image under study: why it is wrong, what the teacher says of it, and how far its first map "
        "can be believed.",
        use="The first line is the cause that goes farthest beyond its threshold; point at it to see what to "
        "do and how often it is right. A map holds where its strongest pixels matter beyond chance to every "
        "judge. The meter is how often the student, a simple model, agrees with the teacher on neighbors it "
        "never saw. P keeps the image here and compares it with the next one; M marks its label as wrong.",
        beware="Probabilities are the teacher's own and can be too sure: the line below the bars says by "
        "how much on average. Causes were measured on planted faults of other data sets.",
        source="Causes: docs/causes.md. Calibration: Guo et al. 2017. The meter: Wilson's 95 % interval of "
        "agreement on held-out neighbors.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        self._doubting = LazyResult[CausesOfRight, tuple[Reason, ...]](session, self.redraw, of=of)
        self._export = Export()
        session.on_end(self._export.close)
        super().__init__(session, of=of)
        self.showing.watch(session.marks, "entries", self.redraw)

    def actions(self) -> Actions:
        """`overlay` takes what lies over the image off it; `pin` keeps it while others are studied, or lets
        it go; `mark` {sample, remark, label} says that its label is wrong, `unmark` sample that it is right
        after all; `doubt` asks what speaks against a right answer, `export` for a file of all marks.
        """
        return {
            "overlay": lambda _: self._lift(),
            "pin": lambda _: self._pin(),
            "mark": self._mark,
            "unmark": self._unmark,
            "doubt": lambda _: self._doubt(),
            "export": lambda _: self._save(),
        }

    def local_state(self) -> Own:
        """Marks, and the last question."""
        marks = self.session.marks
        return Own(Marked(marks.entries, marks.refusal), self._doubting.status)

    def prepare(self, scene: Scene) -> Element:
        """The card, with its bars in each unit."""
        run, table, row, sample = scene.studied
        lacks, image, other = missing([BARS], scene), table.images([row])[0], of_file(table, row)
        edited = None if lacks else scene.edited.get(sample)
        logits = None if lacks else table.logits(row) if edited is None else edited.logits
        believed, laid = (None, b"") if lacks or edited else _believed(scene, image)
        if believed and other:
            of_other = f"The model takes the file itself for {other}."
            believed = believed._replace(reasons=(of_other, *believed.reasons))
        said = empty(text(lacks and lacks.text, tag="p"))
        if logits is not None:
            error = None if edited else run.summary.get("metrics", {}).get("calibration_error")
            judgment = verdict(believed) if believed else None
            said = Box((opinion(table, row, logits, error), judgment), look="said")
        look = self._look(scene, logits, edited.image if edited else image, laid)
        lines = why(*_why(scene, edited)), *origin(table, row, other)
        return column(
            self._head(scene, edited, bars=logits is not None), *lines, Box((look, said), look="body")
        )

    def _head(self, scene: Scene, edited: Edited | None, *, bars: bool) -> Box:
        _, table, row, sample = scene.studied
        lacks, pinned, paired = missing([needs.LABELS], scene), self._of == "pin", scene.beside is not None
        partial = bars and table.predictions and table.predictions.partial
        return Box(
            (
                heading(table, row),
                text(edited.name, look="partial", hint=EDITED) if edited else None,
                text("partial", look="partial", hint=partial) if partial else None,
                units() if bars else None,
                flag(table, row, scene.own.marked, lacks.text if lacks else ""),
                pin(paired=paired, pinned=pinned) if pinned or not paired else None,
                HelpButton("this card", **self.help, about=str(sample)),
            ),
            look="head",
        )

    def _look(self, scene: Scene, logits: np.ndarray | None, image: np.ndarray, laid: bytes) -> Overlay:
        _, table, row, sample = scene.studied
        names = shortened(table.class_names, LONGEST)
        remark = said_of(scene.own.marked.entries.get(sample), table.class_names)
        return Overlay(
            image.tobytes(),
            image.shape,
            laid,
            title(scene.overlay) if laid else "",
            () if logits is None else sides(logits, int(table.label[row]), names),
            (take_off(), text(remark, tag="p", look="remark", hint=remark) if remark else None),
            main=self._of == "focus",
            label="The image under study",
            look="look",
        )

    def _doubt(self) -> None:
        run, sample = self.session.run, self.sample
        if run is not None and sample is not None and not computing.refusal():
            self._doubting.forget()
            self._doubting.follow(_question(run, sample))
            self.redraw()

    def _pin(self) -> None:
        """Pins what is under study, to be compared with the next; again, it is pinned no more."""
        navigation = self.session.navigation
        navigation.pin = navigation.focus if navigation.pin is None else None

    def _mark(self, asked: Any) -> None:
        texts = asked["texts"]
        label = int(texts["label"]) if texts["label"] else None
        with self.session.hold():
            self.session.marks.put(asked["sample"], texts["remark"].strip(), label)

    def _unmark(self, sample: int) -> None:
        with self.session.hold():
            self.session.marks.drop(sample)

    def _save(self) -> None:
        run = self.session.run
        if run is not None:
            with self.session.hold():
                path = self._export.path(".csv")
                path.write_text(csv_of(both(run), self.session.marks.entries), encoding="utf-8", newline="")
                self.component.download = self._export.offer(path, f"{run.id.removesuffix('.zip')}-marks.csv")

    def _lift(self) -> None:
        self.session.navigation.overlay = ""


def _believed(scene: Scene, image: np.ndarray) -> tuple[Judgment | None, bytes]:
    """The verdict, and what lies over the image. The Explain view says what is wrong with a student that
    cannot be read; the image is shown all the same.
    """
    run, table, row, sample = scene.studied
    try:
        known = known_students(run, scene.fitted)
        facts = known.facts(sample, scene.student)
        explanation = PageExplanations(explanations(run), scene.explained).get(sample, facts)
        measured = explanation and facts and explanation.is_of(facts, known.of_run(sample, facts))
        names, evidence = table.class_names, explanation if measured else None
        of_student = None if facts is None else judgment(facts, evidence, names)
        has_cause = table.causes is not None and bool(table.causes.has_cause[row])
        believed = with_map(of_student, explanation, cause=has_cause)
        if not scene.overlay:
            return believed, b""
        own = scene.overlay in OF_STUDENT and not measured  # what lies over it is of the student shown
        held = own or explanation is None or explanation.index_of(scene.overlay) is None
        student = known.get(sample, scene.student) if held else None
        laid = map_of(scene.overlay, student, image, None if own else explanation)
    except Exception:
        logging.getLogger(__name__).info("No verdict of #%s", sample, exc_info=True)
        return None, b""
    return believed, b"" if laid is None else overlay(laid)


def _why(scene: Scene, edited: Edited | None) -> tuple[list[Child], Child]:
    """Causes of an error, or what speaks against a right answer once a person asks; and the question."""
    run, table, row, sample = scene.studied
    if table.causes is None or table.predicted is None:
        return [], None
    names, asked = table.class_names, scene.own.doubting
    classes = Classes(names[table.label[row]], names[table.predicted[row]], names)
    known = causes(table.causes.reasons(row, classes))
    if known or edited is not None or table.wrong is None or table.wrong[row] or scene.refusal:
        return known, None
    request = _question(run, sample)
    found, error = asked.result(request), asked.error(request)
    if found is not None:
        return causes(found), None
    busy = asked.request == request and asked.task.busy
    return [cause("It could not be asked", error)] if error else [], doubting(busy=busy)


def _question(run: Run, sample: int) -> CausesOfRight:
    return CausesOfRight(run.address, sample, int(run.config.get("seed", 0)))


def of_file(table: Population, row: int) -> str:
    """The class that the model gives the file itself, where that is another one."""
    if table.differs is None or table.of_file is None or not table.differs[row]:
        return ""
    return table.class_names[int(table.of_file[row])]
