"""Content of the Explain card: maps of an image, each judged there, or what can be done to have them."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import xarray as xr
from pydantic import ValidationError

from dashboards.data import sentences
from dashboards.data.class_labels import shortened
from dashboards.data.explanations import Explanation
from dashboards.data.population import Population
from dashboards.data.students import PageStudents, Student
from dashboards.session import needs
from dashboards.session.engine_task import ResultStatus, TaskStatus
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.views.explain.classes import classes
from dashboards.views.explain.offer import offer, refit
from dashboards.views.explain.plot import explained_in_words, pictures, scale_of, sums
from dashboards.views.explain.shapes import Absent, Course, Drawn, Front, Missing, SecondJudge
from dashboards.views.explain.table import MOST, MOST_OF_TWO, Explained, explained
from dashboards.views.explain.tuning import Found, settings_of
from deepvid import config
from deepvid.config.sections.section import Section
from deepvid.engine.requests import ExplainImage
from deepvid.store import Run
from deepvid.trust import Infill
from deepvid.tuning import place_of
from deepvid.wording import command

NO_MODELS = "Students appear here once the teacher and the autoencoder are trained."
UNDER_WAY = "Students are being fitted, {} first. This image's may be among them."
ADDED = " · fitted in a page"
CLASSIFIER = (needs.MODEL, needs.QUERIES, needs.stage("teacher").saying(NO_MODELS))
MODELS = (*CLASSIFIER, needs.stage("vae").saying(NO_MODELS))
EXPLAINING = (*CLASSIFIER, needs.WEIGHTS, needs.PICTURES, needs.PREDICTED, needs.ENGINE)


class Own(NamedTuple):
    """The fit that was asked for, what becomes of one, the maps that are computed, and what was tuned."""

    asked: TaskStatus
    explaining: ResultStatus[ExplainImage, xr.Dataset]
    infill: int | None  # image of which the autoencoder was asked to judge the maps
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
    request: ExplainImage | None = None  # maps that nobody has computed yet


LONGEST = 18  # letters of a class in a heading


def content(scene: Scene) -> Prepared:
    """Maps of the image under study and its student; where there are none, what can be done."""
    known, some, sample = scene.students, scene.explanations, scene.focus
    assert known is not None
    assert some is not None
    assert sample is not None
    student = known.get(sample, scene.student)
    explanation = some.get(sample, student)
    request = _request(scene, known, student, explanation)
    card = _drawn(student, explanation, known, scene, request) or Prepared(_absent(scene, request), b"")
    front = _front(scene.own.found, student)
    return card._replace(front=front, course=scene.own.course, request=request)


def _request(
    scene: Scene, known: PageStudents, student: Student | None, explanation: Explanation | None
) -> ExplainImage | None:
    """Maps to be computed: none were, or not of the student shown. None where they are here, or cannot be."""
    run, sample = scene.run, scene.focus
    if run is None or sample is None or missing(EXPLAINING, scene):
        return None
    of_run = student is not None and known.of_run(sample, student)
    infill = scene.own.infill == sample and "vae" in run.stages
    if (
        explanation is not None
        and (student is None or explanation.is_of(student, of_run))
        and not (infill and explanation.infill is Infill.NOT_ASKED)
    ):
        return None
    settings = known_settings(config.Explanations, run.config.get("explanations", {}))
    own = None if student is None else known_settings(config.Students, student.settings)
    if student is not None and own is None:
        return None  # an earlier version fitted it, and this one would fit another
    if settings is None or not settings.methods:
        settings = config.Explanations()
    return ExplainImage(run.address, sample, settings, own, int(run.config.get("seed", 0)), infill)


S = TypeVar("S", bound=Section)


def known_settings(section: type[S], stored: Mapping[str, Any]) -> S | None:
    """Settings as they were stored; None where an earlier version had others."""
    try:
        return section.model_validate(stored)
    except ValidationError:
        return None


def _drawn(
    student: Student | None,
    explanation: Explanation | None,
    known: PageStudents,
    scene: Scene,
    request: ExplainImage | None,
) -> Prepared | None:
    table, row, run, sample = scene.table, scene.row, scene.run, scene.focus
    assert table is not None
    assert row is not None
    assert run is not None
    assert sample is not None
    assert scene.explanations is not None
    image, label, names = table.images([row])[0], int(table.label[row]), table.class_names
    of_run, most = scene.explanations.run, MOST if scene.beside is None else MOST_OF_TWO
    own = student is not None and known.of_run(sample, student)
    shown = explained(student, image, explanation, of_run, of_run=own, most=most)
    if shown is None:
        return None
    beside = _beside(known, scene)
    scale = scale_of(shown.methods + (beside.methods if beside else ()))
    drawn, maps = pictures(shown.methods, scale.end)
    short = shortened(tuple(names), LONGEST)
    card: Drawn = {
        "sample": int(table.samples[row]),
        "shape": list(image.shape[:2]),
        "contrast": [short[index] for index in shown.contrast],
        "roles": _roles(table, label, shown.contrast),
        "teacher": round(_margin(scene, shown), 2),
        "sums": None,
        "pictures": drawn,
        "end": scale.end,
        "axis": [scale.low, scale.high],
        "beats_chance": shown.beats_chance,
        "sentence": explained_in_words(shown, "errors" if table.labeled else "images"),
        "infill": _infill(shown, scene, request),
        "missing": None if shown.measured else _missing(scene, request, any_=len(of_run) > 0),
        "overlay": scene.overlay,
        "drawer": None,
        "offer": None,
        "warning": "",
        "settings": "",
        "settings_key": "",
        "choices": [],
        "refit": refit(run.config.get("students", {}), scene),
    }
    if student is None or shown.decision is None:
        return Prepared({**card, "offer": _absent(scene, None)}, maps)
    drawer, further = classes(student, image, names, table.link)
    return Prepared(
        {
            **card,
            "sums": sums(shown.decision),
            "drawer": drawer,
            "warning": sentences.gate(student, names, student.contrast[0]),
            "settings": sentences.settings(student),
            "settings_key": student.settings_key,
            "choices": [
                [key, sentences.settings_choice(use) + ("" if key in known.run.settings(sample) else ADDED)]
                for key, use in known.settings(sample).items()
            ],
            "refit": refit(student.settings, scene),
        },
        maps + further,
    )


def _margin(scene: Scene, shown: Explained) -> float:
    """The teacher's, of the two classes in question."""
    if shown.decision is not None:
        return shown.decision.teacher
    assert scene.table is not None
    said, (first, second) = scene.table.predictions, shown.contrast
    assert said is not None
    logits = said.logits[int(said.source[scene.row])].to_numpy()
    return float(logits[first] - logits[second])


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
    if table is None or run is None or sample is None or row is None:
        return None
    student = known.get(sample, scene.student)
    some, own = scene.explanations, student is not None and known.of_run(sample, student)
    assert some is not None
    image = table.images([row])[0]
    return explained(student, image, some.get(sample, student), some.run, of_run=own, most=MOST_OF_TWO)


def _missing(scene: Scene, request: ExplainImage | None, *, any_: bool) -> Missing:
    """What to do where other methods were not computed."""
    run, sample = scene.run, scene.focus
    assert run is not None
    if request is not None and not scene.own.explaining.given_up(request):
        return {"text": "Other maps are being computed, and how true each is.", "command": ""}
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


def _infill(shown: Explained, scene: Scene, request: ExplainImage | None) -> SecondJudge:
    """Whether the autoencoder has judged the maps, or can."""
    if shown.infill is not Infill.NOT_ASKED:
        return {"state": shown.infill.name.lower().replace("_", " "), "fault": ""}
    asked, explaining = request is not None and request.infill, scene.own.explaining
    if not shown.measured or scene.run is None or "vae" not in scene.run.stages or missing(EXPLAINING, scene):
        return {"state": "", "fault": ""}
    if not asked or request is None or explaining.given_up(request):
        return {"state": "ask", "fault": explaining.error(request) if asked and request else ""}
    return {"state": "", "fault": ""}


def _absent(scene: Scene, request: ExplainImage | None) -> Absent:
    """What can be done to have a student; while maps are computed, that."""
    run, own = scene.run, scene.own
    assert run is not None
    explaining = request is not None and not own.explaining.given_up(request)
    doing: Absent = {"title": f"Explaining #{scene.focus}", "text": "Its maps are computed and judged."}
    if lacks := missing(MODELS, scene):
        return doing if explaining else {"title": lacks.title or "No student yet", "text": lacks.text}
    fit = "" if run.read_only else _fit_command(run, scene.focus)
    if own.running and not own.asked.busy:
        title = f"No student for #{scene.focus} yet"
        labeled = scene.table is None or scene.table.labeled
        first = "the most confident errors" if labeled else "the images it is least sure of"
        waiting: Absent = {"title": title, "text": UNDER_WAY.format(first), "command": fit}
        return doing if explaining else waiting
    offered = offer(run, scene)
    if explaining and not own.asked.busy:
        return {**offered, **doing}
    offered["command"] = fit
    if request is not None:
        offered |= {"again": "Explain", "fault": own.explaining.error(request)}
    return offered


def _fit_command(run: Run, sample: int | None) -> str:
    return command("fit-students", run.id, "--images", sample, "--store", run.path.parent)
