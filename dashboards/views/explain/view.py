"""Why the image under study is taken for one class and not another, by its student and by other methods."""

from typing import Any, ClassVar, NamedTuple

from dashboards.data import sentences
from dashboards.data.class_labels import shortened
from dashboards.data.explanations import explanations
from dashboards.data.population import Population
from dashboards.data.students import PageStudents, Student
from dashboards.session import needs
from dashboards.session.engine_task import EngineTask, FitTask, TaskStatus, unkept
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of, View
from dashboards.views.explain.classes import classes
from dashboards.views.explain.curve import CurveTask
from dashboards.views.explain.explain_card import ExplainCard
from dashboards.views.explain.offer import offer, refit
from dashboards.views.explain.plot import explained_in_words, pictures, scale_of, sums
from dashboards.views.explain.settings import typed
from dashboards.views.explain.shapes import Absent, Course, Drawn, Front, Missing
from dashboards.views.explain.table import MOST, MOST_OF_TWO, Explained, explained
from dashboards.views.explain.tuning import Found, TuningTask, settings_of
from dashboards.widgets.component import Nothing
from dashboards.widgets.help import Help
from dashboards.widgets.work import WorkLine, work_line
from deepvid.errors import ConfigError
from deepvid.store import Run
from deepvid.tuning import place_of
from deepvid.wording import command

NO_FOCUS = (
    "Why it is taken for one class and not another appears here, by the methods that are worth believing."
)
NO_MODELS = "Students appear here once the teacher and the autoencoder are trained."
UNDER_WAY = "Students are being fitted, {} first. This image's may be among them."
ADDED = " · fitted in a page"
MODELS = (
    needs.MODEL,
    needs.QUERIES,
    needs.stage("teacher").saying(NO_MODELS),
    needs.stage("vae").saying(NO_MODELS),
)


class Own(NamedTuple):
    """The fit that was asked for, what becomes of one, and what was tuned."""

    asked: TaskStatus
    tuning: TaskStatus
    found: Found | None  # by tuning, of this image
    following: TaskStatus
    course: Course | None  # the image's last curve
    running: bool  # the run goes on, so that more students may come
    unkept: str  # why a student that is fitted here stays in this page; empty: the run's notes keep it


class Prepared(NamedTuple):
    """What the card will show."""

    card: Drawn | Absent
    maps: bytes  # as `ExplainCard` says; none without a student
    front: Front | None = None  # what tuning found; it travels alone: it is large and seldom changes
    course: Course | None = None  # so does this


class ExplainView(View):
    """Follows the focus, the run as students are committed, and what this session fits itself."""

    subject = "The explanation of #{focus}"
    needs = (needs.IMAGES.saying(NO_FOCUS), needs.FOCUS.saying(NO_FOCUS))
    follows: ClassVar = ("run", "table", "version", "focus", "beside", "overlay", "student", "fitted")
    help: ClassVar = Help(
        what="What speaks for the predicted class and against the true one, by five methods that "
        "explain the same quantity, the difference of two logits.",
        use="A click lays a map over the image. Below each, how much of that difference is lost "
        "without its strongest tenth of pixels: above the grey band, random ones lose less. Over the run "
        "it is how much more of the answer the strongest pixels bring than is left without them: "
        "insertion − deletion. Absent pixels take two flat colors that no method fills with.",
        beware="The student's answer, which is not quite the teacher's, is what it says of its neighbors' "
        "mean and what this image's pixels add. Where they add little, its neighbors are taken for "
        "that class already. A method that does not beat chance on this image has a grey map. A student "
        "that is not at the optimum shows its optimizer: the curve, in Settings, says how far. Tuned "
        "settings are the best of many on few neighbors: their KL is a little too good.",
        source="Students: locally weighted linear models, as in LIME (Ribeiro et al. 2016), anchored in "
        "the teacher's mean Jacobian. Integrated gradients: Sundararajan et al. 2017. Deletion "
        "and insertion: Petsiuk et al. 2018.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        super().__init__(session, of=of)
        self._fitting = FitTask(session, lambda: self._report(self._fitting, "Fitting", "work"))
        self._tuning = TuningTask(session, lambda: self._report(self._tuning, "Tuning", "tuning"), of=of)
        self._following = CurveTask(
            session,
            lambda: self._report(self._following, "Drawing the curve of", "following"),
            of=f"{of} curve",
        )
        self._fault = TaskStatus()  # what was typed wrongly, and for which image
        self._widget = ExplainCard(
            {
                "fit": self._fit,
                "cancel": lambda _: self._fitting.cancel(),
                "tune": self._tune,
                "leave": lambda _: self._tuning.cancel(),
                "follow": self._follow,
                "stop": lambda _: self._following.cancel(),
                "settings": self._choose,
                "overlay": self._lay,
            },
            sizing_mode="stretch_both",
        )
        self.showing.watch(session.navigation, "run", self._forget)
        self._running = self._is_running()
        self.showing.watch(session, "status", self._follow_status)
        self.link(self._widget)

    def local_state(self) -> Own:
        """What the scene does not know."""
        subject = f"#{self.sample}"
        asked = self._fitting.status.about(subject)
        asked = self._fault if self._fault.subject == subject and not asked.busy else asked
        tuning = self._tuning.status.about(subject)
        return Own(
            asked,
            tuning,
            self._tuning.of(self.sample),
            self._following.status.about(subject),
            self._following.of(self.sample),
            self._is_running(),
            unkept(self.session),
        )

    def prepare(self, scene: Scene) -> Prepared:
        """Reads and draws the student; where there is none, says what can be done."""
        assert scene.focus is not None
        known = scene.students
        assert known is not None
        student = known.get(scene.focus, scene.student)
        prepared = _absent(scene) if student is None else _drawn(student, known, scene)
        return prepared._replace(front=_front(scene.own.found, student), course=scene.own.course)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, what tuning found and the last curve, each where it is another one."""
        if prepared.card != self._widget.card:
            self._widget.param.update(card=prepared.card, maps=prepared.maps)
        self._widget.front = prepared.front or {}
        self._widget.course = prepared.course or {}

    def _forget(self, *_: Any) -> None:
        self._fitting.cancel()
        self._tuning.forget()
        self._following.forget()

    def _is_running(self) -> bool:
        status = self.session.status
        return status is not None and status.state == "running"

    def _follow_status(self, *_: Any) -> None:
        before, self._running = self._running, self._is_running()
        if self._running != before:
            self.redraw()

    def _choose(self, settings_key: str) -> None:
        self.session.navigation.student = settings_key

    def _lay(self, method: str) -> None:
        self.session.navigation.overlay = method

    def _fit(self, texts: dict[str, str] | None) -> None:
        run, sample = self.session.run, self.sample
        if run is None or sample is None:
            return
        subject = f"#{sample}"
        try:
            settings = typed(run.config.get("students", {}), texts or {})
        except ConfigError as error:
            self._fault = TaskStatus(subject=subject, error=error.found)
            self.redraw()
            return
        self._fault = TaskStatus()
        self._fitting.fit(run, sample, settings)

    def _tune(self, wanted: Any) -> None:
        run, sample = self.session.run, self.sample
        if run is not None and sample is not None and wanted == sample:
            self._tuning.tune(run, sample)

    def _follow(self, wanted: Any) -> None:
        run, shown = self.session.run, self.sample
        match wanted:
            case [int(sample), dict(texts)] if run is not None and sample == shown:
                self._following.descend(run, sample, texts)
                self.redraw()

    def _report(self, work: EngineTask, doing: str, parameter: str) -> None:
        """The work has told something: only its line moves, until it begins or ends."""
        asked, before = work.status, bool(getattr(self._widget, parameter))
        line: WorkLine | Nothing = work_line(f"{doing} {asked.subject}", asked.tick) if asked.busy else {}
        with self.session.hold():
            self._widget.param.update(**{parameter: line})
            if bool(line) != before:
                self.redraw()


LONGEST = 18  # letters of a class in a heading


def _drawn(student: Student, known: PageStudents, scene: Scene) -> Prepared:
    table, row, run = scene.table, scene.row, scene.run
    assert table is not None
    assert row is not None
    assert run is not None
    assert scene.focus is not None
    image, label, names = table.images([row])[0], int(table.label[row]), table.class_names
    table_of, most = explanations(run), MOST if scene.beside is None else MOST_OF_TWO
    shown = explained(
        student,
        image,
        table_of.get(scene.focus),
        table_of,
        of_run=known.of_run(scene.focus, student),
        most=most,
    )
    beside = _beside(known, scene)
    scale = scale_of(shown.methods + (beside.methods if beside else ()))
    drawn, maps = pictures(shown.methods, scale.end)
    drawer, further = classes(student, image, names, table.link)
    short = shortened(tuple(names), LONGEST)
    card: Drawn = {
        "sample": int(table.samples[row]),
        "shape": list(image.shape[:2]),
        "contrast": [short[index] for index in shown.contrast],
        "roles": _roles(table, label, shown.contrast),
        "sums": sums(shown.decision),
        "pictures": drawn,
        "end": scale.end,
        "axis": [scale.low, scale.high],
        "beats_chance": shown.beats_chance,
        "sentence": explained_in_words(shown, "errors" if table.labeled else "images"),
        "missing": None if shown.ranking else _missing(run, scene.focus, any_=len(table_of) > 0),
        "overlay": scene.overlay,
        "drawer": drawer,
        "warning": sentences.gate(student, names, student.contrast[0]),
        "settings": sentences.settings(student),
        "settings_key": student.settings_key,
        "choices": [
            [key, sentences.settings_choice(use) + ("" if key in known.run.settings(scene.focus) else ADDED)]
            for key, use in known.settings(scene.focus).items()
        ],
        "refit": refit(student.settings, scene),
    }
    return Prepared(card, maps + further)


def _roles(table: Population, label: int, contrast: tuple[int, int]) -> list[str]:
    """What the two classes in question are."""
    if not table.labeled:
        return ["predicted", "runner-up"]
    return ["predicted, true", "runner-up"] if contrast[0] == label else ["predicted", "true"]


def _front(found: Found | None, student: Student | None) -> Front | None:
    shown = None if student is None else settings_of(student)
    if found is None or shown is None:
        return found and found.front
    return {**found.front, "shown": place_of(found.tuned, shown)}


def _beside(known: PageStudents, scene: Scene) -> Explained | None:
    """What is shown of the image that it is compared with; None where nothing is."""
    table, run, sample = scene.table, scene.run, scene.beside
    row = None if table is None or sample is None else table.row_of(sample)
    student = None if row is None or sample is None else known.get(sample, scene.student)
    if table is None or run is None or sample is None or student is None:
        return None
    explanation, own = explanations(run), known.of_run(sample, student)
    image = table.images([row])[0]
    return explained(student, image, explanation.get(sample), explanation, of_run=own, most=MOST_OF_TWO)


def _missing(run: Run, sample: int | None, *, any_: bool) -> Missing:
    """What to do where other methods were not computed."""
    text = (
        "How true these are was not measured on this image, and other methods were not computed."
        if any_
        else "This run has no explanations by other methods, and none of these pictures was measured."
    )
    if run.read_only:
        return {"text": text, "command": ""}
    if any_:
        this = command("evaluate", run.id, "--images", sample, "--store", run.path.parent)
        return {"text": text, "command": this}
    return {"text": text, "command": command("evaluate", run.id, "--store", run.path.parent)}


def _absent(scene: Scene) -> Prepared:
    run = scene.run
    own: Own = scene.own
    assert run is not None
    if lacks := missing(MODELS, scene):
        return _saying({"title": lacks.title or "No student yet", "text": lacks.text})
    fit = "" if run.read_only else _fit_command(run, scene.focus)
    if own.running and not own.asked.busy:
        title = f"No student for #{scene.focus} yet"
        labeled = scene.table is None or scene.table.labeled
        first = "the most confident errors" if labeled else "the images it is least sure of"
        return _saying({"title": title, "text": UNDER_WAY.format(first), "command": fit})
    return _saying({**offer(run, scene), "command": fit})


def _fit_command(run: Run, sample: int | None) -> str:
    return command("fit-students", run.id, "--images", sample, "--store", run.path.parent)


def _saying(card: Absent) -> Prepared:
    return Prepared(card, b"")
