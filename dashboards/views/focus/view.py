"""The image under study: what it is, what the teacher says, and how sure it is."""

import logging
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.captions import title
from dashboards.data.class_labels import shortened
from dashboards.data.decision import OF_STUDENT, map_of
from dashboards.data.explanations import PageExplanations, explanations
from dashboards.data.population import Population
from dashboards.data.predictions import sigmoid
from dashboards.data.saving import csv_of
from dashboards.data.students import known_students
from dashboards.data.values import column_texts
from dashboards.serving.transfer import Export
from dashboards.session import computing, needs
from dashboards.session.engine_task import LazyResult, ResultStatus
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of, View
from dashboards.views.focus.focus_card import Card, Doubt, FocusCard, Why
from dashboards.views.focus.marking import Flag, Marked, flag, wish
from dashboards.views.focus.plot import LONGEST, bars, overlay, sides
from dashboards.views.focus.table import Judged, judged, with_map
from dashboards.widgets.help import Help
from deepvid import wording
from deepvid.causes import SENTENCES
from deepvid.engine.requests import CausesOfRight, Edited
from deepvid.reasons import Classes, Reason
from deepvid.store import Run

BARS = needs.PREDICTED.saying("The teacher's probabilities appear here after its first epoch.")


class Own(NamedTuple):
    """State that the scene does not know."""

    marked: Marked
    doubting: ResultStatus[CausesOfRight, tuple[Reason, ...]]


class Prepared(NamedTuple):
    """What the card will show."""

    card: Card
    mark: Flag
    image: bytes
    overlay: bytes


class FocusView(View):
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
        super().__init__(session, of=of)
        actions = {
            "overlay": lambda _: self._lift(),
            "pin": lambda _: self._pin(),
            "mark": self._mark,
            "unmark": self._unmark,
            "doubt": lambda _: self._doubt(),
            "export": lambda _: self._save(),
        }
        self._doubting = LazyResult[CausesOfRight, tuple[Reason, ...]](session, self.redraw, of=of)
        self._export = Export()
        session.on_end(self._export.close)
        self._widget = FocusCard(actions, sizing_mode="stretch_both", pinned=of == "pin", help=self.help)
        self.showing.watch(session.marks, "entries", self.redraw)
        self.link(self._widget)

    def local_state(self) -> Own:
        """Marks, and the last question."""
        marks = self.session.marks
        return Own(Marked(marks.entries, marks.refusal), self._doubting.status)

    def prepare(self, scene: Scene) -> Prepared:
        table, row = scene.table, scene.row
        assert table is not None
        assert row is not None
        lacks = missing([BARS], scene)
        image = table.images([row])[0]
        edited = None if scene.focus is None else scene.edited.get(scene.focus)
        card, laid = _card(table, row, lacks.text) if lacks else _predicted(table, row, edited), b""
        card["paired"] = scene.beside is not None
        if edited is None and not card["why"]:
            card["doubt"], card["why"] = _doubted(scene, table, row)
        unlabeled = missing([needs.LABELS], scene)
        mark = flag(table, row, scene.own.marked, lacks=unlabeled.text if unlabeled else "")
        if lacks:
            return Prepared(card, mark, image.tobytes(), b"")
        if edited is not None:
            return Prepared(card, mark, edited.image.tobytes(), b"")
        run = scene.run
        if run is not None:
            card["calibration"] = run.summary.get("metrics", {}).get("calibration_error")
            card["judged"], laid = _believed(run, scene, image)
            if card["judged"] and card["of_file"]:
                card["judged"]["reasons"].insert(0, f"The model takes the file itself for {card['of_file']}.")
            card["overlay"] = title(scene.overlay) if laid else ""
        return Prepared(card, mark, image.tobytes(), laid)

    def publish(self, prepared: Prepared) -> None:
        if prepared._asdict() != self._shown():
            self._widget.param.update(**prepared._asdict())

    def _shown(self) -> dict[str, Any]:
        return {name: getattr(self._widget, name) for name in Prepared._fields}

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

    def _mark(self, value: Any) -> None:
        table = self.session.population
        asked = None if table is None else wish(table, value)
        if asked is not None and table is not None and table.labeled:
            with self.session.hold():
                self.session.marks.put(*asked)

    def _unmark(self, sample: Any) -> None:
        with self.session.hold():
            if sample in self.session.marks.entries:
                self.session.marks.drop(sample)

    def _save(self) -> None:
        table, run = self.session.population, self.session.run
        if table is not None and run is not None:
            with self.session.hold():
                path = self._export.path(".csv")
                path.write_text(csv_of(table, self.session.marks.entries), encoding="utf-8", newline="")
                self._widget.download = self._export.offer(path, f"{run.id.removesuffix('.zip')}-marks.csv")

    def _lift(self) -> None:
        self.session.navigation.overlay = ""


def _believed(run: Run, scene: Scene, image: np.ndarray) -> tuple[Judged | None, bytes]:
    """The verdict, and what lies over the image. The Explain view says what is wrong with a student that
    cannot be read; the image is shown all the same.
    """
    assert scene.focus is not None
    assert scene.table is not None
    try:
        known = known_students(run, scene.fitted)
        facts = known.facts(scene.focus, scene.student)
        explanation = PageExplanations(explanations(run), scene.explained).get(scene.focus, facts)
        measured = explanation and facts and explanation.is_of(facts, known.of_run(scene.focus, facts))
        names = scene.table.class_names
        verdict = None if facts is None else judged(facts, explanation if measured else None, names)
        assert scene.row is not None
        causes = scene.table.causes
        verdict = with_map(
            verdict, explanation, cause=causes is not None and bool(causes.has_cause[scene.row])
        )
        if not scene.overlay:
            return verdict, b""
        own = scene.overlay in OF_STUDENT and not measured  # what lies over it is of the student shown
        held = own or explanation is None or explanation.index_of(scene.overlay) is None
        student = known.get(scene.focus, scene.student) if held else None
        laid = map_of(scene.overlay, student, image, None if own else explanation)
    except Exception:
        logging.getLogger(__name__).info("No verdict of #%s", scene.focus, exc_info=True)
        return None, b""
    return verdict, b"" if laid is None else overlay(laid)


def _card(table: Population, row: int, waiting: str = "") -> Card:
    return {
        "sample": int(table.samples[row]),
        "file": table.files.of([int(table.samples[row])])[0] if table.files else "",
        "columns": column_texts(table, row),
        "title": _title(table, row, shortened(table.class_names, LONGEST)),
        "hint": _title(table, row, table.class_names),
        "shape": list(table.image_shape),
        "bars": [],
        "others": 0,
        "rest": 0.0,
        "of_file": _of_file(table, row),
        "findings": [] if table.findings is None else table.findings.sentences(row, table.class_names),
        "why": _why(table, row),
        "doubt": "",
        "against": table.against,
        "calibration": None,
        "judged": None,
        "overlay": "",
        "sides": [],
        "partial": None,
        "paired": False,
        "edited": "",
        "waiting": waiting,
    }


def _question(run: Run, sample: int) -> CausesOfRight:
    return CausesOfRight(run.address, sample, int(run.config.get("seed", 0)))


def _doubted(scene: Scene, table: Population, row: int) -> tuple[Doubt, list[Why]]:
    """Causes that speak against a right answer, once a person asks."""
    run, wrong, asked = scene.run, table.wrong, scene.own.doubting
    if run is None or table.causes is None or wrong is None or wrong[row] or scene.refusal:
        return "", []
    request = _question(run, int(table.samples[row]))
    found = asked.result(request)
    if found is not None:
        return "", _told(found)
    if error := asked.error(request):
        return "offered", [{"title": "It could not be asked", "text": error, "hint": ""}]
    return ("busy" if asked.request == request and asked.task.busy else "offered"), []


def _why(table: Population, row: int) -> list[Why]:
    if table.causes is None or table.predicted is None:
        return []
    names = table.class_names
    classes = Classes(names[table.label[row]], names[table.predicted[row]], names)
    return _told(table.causes.reasons(row, classes))


def _told(named: Sequence[Reason]) -> list[Why]:
    return [
        {
            "title": f"{one.title[0].upper()}{one.title[1:]}",
            "text": one.text,
            "hint": ". ".join(f"{part[0].upper()}{part[1:]}" for part in (one.action, one.right) if part),
        }
        for one in named[:SENTENCES]
    ]


def _predicted(table: Population, row: int, edited: Edited | None) -> Card:
    said = table.predictions
    assert said is not None
    names, label = table.class_names, int(table.label[row])
    logits = said.logits[int(said.source[row])].to_numpy() if edited is None else edited.logits
    shown = bars(logits, label, names, said.link)
    others = 0 if said.link is sigmoid else len(names) - len(shown)  # independent ones share no 1
    rest = max(0.0, 1 - sum(bar["probability"] for bar in shown))
    return {
        **_card(table, row),
        "bars": shown,
        "others": others,
        "rest": rest,
        "sides": sides(logits, label, shortened(names, LONGEST)),
        "partial": said.partial,
        "edited": "" if edited is None else edited.name,
    }


def _of_file(table: Population, row: int) -> str:
    if table.differs is None or table.of_file is None or not table.differs[row]:
        return ""
    return table.class_names[int(table.of_file[row])]


def _title(table: Population, row: int, names: Sequence[str]) -> str:
    said, true = table.predictions, f"{table.against} {names[table.label[row]]}"
    if said is None or said.predicted[row] < 0:
        return true
    if not table.labeled:
        return f"predicted {names[said.predicted[row]]} {wording.probability(said.confidence[row])} · {true}"
    return f"{true} · predicted {names[said.predicted[row]]} {wording.probability(said.confidence[row])}"
