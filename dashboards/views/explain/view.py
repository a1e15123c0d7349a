"""Why the image under study is taken for one class and not another, by its student and by other methods."""

from typing import Any, ClassVar, NamedTuple

from dashboards.data import wording
from dashboards.data.explanations import explanations
from dashboards.data.naming import shortened
from dashboards.data.students import Student, StudentTable, students
from dashboards.session import needs
from dashboards.session.asking import Asked, Asking
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.views.explain.classes import classes
from dashboards.views.explain.explain_card import ExplainCard
from dashboards.views.explain.offer import fit_request, offer
from dashboards.views.explain.plot import explained_in_words, pictures, sums
from dashboards.views.explain.shapes import Absent, Drawn, Missing
from dashboards.views.explain.table import explained
from deepvid.commands import command
from deepvid.store import Run

NO_FOCUS = (
    "Why it is taken for one class and not another appears here, by the methods that are worth believing."
)
NO_MODELS = "Students appear here once the teacher and the autoencoder are trained."
UNDER_WAY = "Students are being fitted, the most confident errors first. This image's may be among them."
MODELS = (needs.stage("teacher").saying(NO_MODELS), needs.stage("vae").saying(NO_MODELS))


class Own(NamedTuple):
    """What this session fitted itself, the settings a person chose, and the fit that was asked for."""

    fitted: StudentTable
    settings_key: str | None
    asked: Asked
    running: bool  # the run goes on, so that more students may come


class Prepared(NamedTuple):
    """What the card will show."""

    card: Drawn | Absent
    maps: bytes  # as `ExplainCard` says; none without a student


class ExplainView(View):
    """Follows the focus, the run as students are committed, and what this session fits itself."""

    subject = "The explanation of #{focus}"
    needs = (needs.IMAGES.saying(NO_FOCUS), needs.FOCUS.saying(NO_FOCUS))
    follows: ClassVar = ("run", "table", "version", "focus", "overlay")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._fitted = StudentTable()  # in this session, not written to the run
        self._settings_key: str | None = None
        self._asking = Asking(session, self.redraw)
        self._widget = ExplainCard(
            {"fit": lambda _: self._fit(), "settings": self._choose, "overlay": self._lay},
            sizing_mode="stretch_both",
        )
        self.showing.watch(session.navigation, "run", self._forget)
        self._running = self._is_running()
        self.showing.watch(session, "status", self._follow_status)
        self.link(self._widget)

    def own(self) -> Own:
        """What the scene does not know."""
        return Own(self._fitted, self._settings_key, self._asking.asked, self._is_running())

    def prepare(self, scene: Scene) -> Prepared:
        """Reads and draws the student; where there is none, says what can be done."""
        run, own = scene.run, scene.own
        assert run is not None
        assert scene.focus is not None
        known, key = students(run), own.settings_key
        choices = known.settings(scene.focus) | own.fitted.settings(scene.focus)
        student = own.fitted.get(scene.focus, key) or known.get(scene.focus, key)
        return _absent(scene) if student is None else _drawn(student, scene, choices)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, where it is another one."""
        if prepared.card != self._widget.card:
            self._widget.param.update(card=prepared.card, maps=prepared.maps)

    def _forget(self, *_: Any) -> None:
        self._fitted, self._settings_key = StudentTable(), None
        self._asking.cancel()

    def _is_running(self) -> bool:
        status = self.session.status
        return status is not None and status.state == "running"

    def _follow_status(self, *_: Any) -> None:
        before, self._running = self._running, self._is_running()
        if self._running != before:
            self.redraw()

    def _choose(self, settings_key: str) -> None:
        self._settings_key = settings_key
        self.redraw()

    def _lay(self, method: str) -> None:
        self.session.navigation.overlay = method

    def _fit(self) -> None:
        run, sample = self.session.run, self.session.navigation.focus
        if run is not None and sample is not None:
            fitted = self._fitted  # of this run, also when another is open by then
            self._asking.ask(f"#{sample}", fit_request(run, sample), lambda batch: fitted.extend([batch]))


LONGEST = 18  # letters of a class in a heading


def _drawn(student: Student, scene: Scene, choices: dict[str, Any]) -> Prepared:
    table, row, run = scene.table, scene.row, scene.run
    assert table is not None
    assert row is not None
    assert run is not None
    image, label, names = table.images([row])[0], int(table.label[row]), table.class_names
    known = explanations(run)
    shown = explained(student, image, known.get(scene.focus), known)
    drawn, end, maps = pictures(shown.methods)
    drawer, further = classes(student, image, names)
    short = shortened(tuple(names), LONGEST)
    card: Drawn = {
        "sample": int(table.samples[row]),
        "shape": list(image.shape[:2]),
        "contrast": [short[index] for index in shown.contrast],
        "correct": shown.contrast[0] == label,
        "sums": sums(shown.decision),
        "pictures": drawn,
        "end": end,
        "beats_chance": shown.beats_chance,
        "sentence": explained_in_words(shown),
        "missing": None if shown.ranking else _missing(run, scene.focus, any_=len(known) > 0),
        "overlay": scene.overlay,
        "drawer": drawer,
        "warning": wording.gate(student, names, student.contrast[0]),
        "settings": wording.settings(student),
        "settings_key": student.settings_key,
        "choices": [[key, wording.settings_choice(use)] for key, use in choices.items()],
    }
    return Prepared(card, maps + further)


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
        return _saying({"title": "No student yet", "text": lacks.text})
    fit = "" if run.read_only else _fit_command(run, scene.focus)
    if own.running and not own.asked.busy:
        title = f"No student for #{scene.focus} yet"
        return _saying({"title": title, "text": UNDER_WAY, "command": fit})
    title = f"No student was fitted for #{scene.focus}"
    return _saying({"title": title, "command": fit, **offer(own.asked, scene)})


def _fit_command(run: Run, sample: int | None) -> str:
    return command("fit-students", run.id, "--images", sample, "--store", run.path.parent)


def _saying(card: Absent) -> Prepared:
    return Prepared(card, b"")
