"""The Explain card: maps of an image, each judged there, or what can be done to have them."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

from dashboards.data import sentences
from dashboards.data.class_labels import shortened
from dashboards.data.decision import smoothest
from dashboards.data.explanations import Explanation
from dashboards.data.image_maps import MOST, MOST_OF_TWO, Explained, explained
from dashboards.data.population import Population
from dashboards.data.students import PageStudents, Student
from dashboards.kit.elements import Box, Child, Choice, Element, text
from dashboards.kit.forms import Fold, Progress, Sheet
from dashboards.kit.pictures import Lens
from dashboards.session.engine_task import TaskStatus
from dashboards.session.scene import Scene
from dashboards.views.explain.absent import absent, nothing, offer
from dashboards.views.explain.classes import classes
from dashboards.views.explain.curve import curve_sheet
from dashboards.views.explain.drawer import drawer
from dashboards.views.explain.margin import heading, margin
from dashboards.views.explain.pictures import colors, explained_in_words, faithfulness, key, picture, scale_of
from dashboards.views.explain.settings import settings_popover
from dashboards.views.explain.tuning import tuning_sheet
from deepvid.engine.requests import Followed
from deepvid.trust import Infill
from deepvid.tuning import Tuned
from deepvid.wording import command

ADDED = " · fitted in a page"
LONGEST = 18  # letters of a class in a heading
LINES = (Progress("work", "cancel"), Progress("tuning", "leave"), Progress("curve", "stop"))


class OpenSheet(NamedTuple):
    """The sheet that lies over the card of an image, and the texts that the fields of a curve begin with."""

    sample: int
    kind: Literal["tuning", "curve"]
    texts: Mapping[str, str]


class Own(NamedTuple):
    """The fit that was asked for, what becomes of one, and what was tuned."""

    asked: TaskStatus
    tuning: TaskStatus
    tuned: Tuned | None  # of this image
    following: TaskStatus
    course: Followed | None  # the image's last curve
    running: bool  # the run goes on, so that more students may come
    unkept: str  # why a student that is fitted here stays in this page; empty: the run's notes keep it
    opened: OpenSheet | None


def content(scene: Scene) -> Element:
    """Maps of the image under study and its student; where there are none, what can be done."""
    known, some, sample, opened = scene.students, scene.explanations, scene.focus, scene.own.opened
    assert known is not None
    assert some is not None
    assert sample is not None
    student = known.get(sample, scene.student)
    explanation = some.get(sample, student)
    if opened is not None and opened.sample == sample:
        return _sheet(opened, student, scene.own)
    card = _drawn(student, explanation, known, scene)
    return card or Box((*LINES, nothing(absent(scene), scene)), look="none")


def _sheet(opened: OpenSheet, student: Student | None, own: Own) -> Sheet:
    if opened.kind == "tuning":
        return tuning_sheet(opened.sample, own.tuned, student, own.tuning)
    return curve_sheet(opened.sample, opened.texts, own.course, own.following)


def _drawn(
    student: Student | None,
    explanation: Explanation | None,
    known: PageStudents,
    scene: Scene,
) -> Element | None:
    run, table, row, sample = scene.studied
    assert scene.explanations is not None
    image, names = table.images([row])[0], table.class_names
    of_run, most = scene.explanations.run, MOST if scene.beside is None else MOST_OF_TWO
    own = student is not None and known.of_run(sample, student)
    shown = explained(student, image, explanation, of_run, of_run=own, most=most)
    if shown is None:
        return None
    beside = _beside(known, scene)
    scale = scale_of(shown.methods + (beside.methods if beside else ()))
    first, second = (shortened(tuple(names), LONGEST)[index] for index in shown.contrast)
    signs = shown.beats_chance is not False
    warning = "" if student is None else sentences.gate(student, names, student.contrast[0])
    told = explained_in_words(shown, "errors" if table.labeled else "images")
    use = run.config.get("students", {}) if student is None else student.settings
    judged = (
        faithfulness(shown, scale, told, *_judges(shown))
        if shown.measured
        else _missing(scene, any_=len(of_run) > 0)
    )
    maps = tuple(
        picture(method, scale, signs=signs, pressed=method.name == scene.overlay) for method in shown.methods
    )
    side, over = image.shape[:2]
    return Lens(
        (
            heading(sample, first, second, colors(shown, scale, first, second), settings_popover(use, scene)),
            margin(shown.decision, _teachers(scene, shown), first, second),
            *LINES,
            text(warning, tag="p", look="warning gate") if warning else None,
            Box(maps, look="row methods", style=f"--pictures: {len(maps)}"),
            judged,
            offer(absent(scene), scene) if student is None else None,
            None if student is None else _drawer(student, image, known, scene),
        ),
        look="filled",
        style=f"--ratio: {over / side:.5g}",
    )


def _teachers(scene: Scene, shown: Explained) -> float:
    """The teacher's, of the two classes in question."""
    if shown.decision is not None:
        return shown.decision.teacher
    assert scene.table is not None
    said, (first, second) = scene.table.predictions, shown.contrast
    assert said is not None
    logits = said.logits[int(said.source[scene.row])].to_numpy()
    return float(logits[first] - logits[second])


def _roles(table: Population, label: int, contrast: tuple[int, ...]) -> list[str]:
    """The roles of the two classes in question."""
    if not table.labeled:
        return ["predicted", "runner-up"]
    return ["predicted, true", "runner-up"] if contrast[0] == label else ["predicted", "true"]


def _beside(known: PageStudents, scene: Scene) -> Explained | None:
    """The maps of the image that it is compared with; None where there are none."""
    table, run, sample = scene.table, scene.run, scene.beside
    row = None if table is None or sample is None else table.row_of(sample)
    if table is None or run is None or sample is None or row is None:
        return None
    student = known.get(sample, scene.student)
    some, own = scene.explanations, student is not None and known.of_run(sample, student)
    assert some is not None
    image = table.images([row])[0]
    return explained(student, image, some.get(sample, student), some.run, of_run=own, most=MOST_OF_TWO)


def _drawer(student: Student, image: np.ndarray, known: PageStudents, scene: Scene) -> Fold:
    """Every class by the student; of several students, which one."""
    _, table, row, sample = scene.studied
    found = classes(student, image, table.class_names, table.link)
    options = tuple(
        (key, sentences.settings_choice(use) + ("" if key in known.run.keys(sample) else ADDED), "")
        for key, use in known.settings(sample).items()
    )
    choice = Choice("settings", options, student.settings_key, label="Settings of the student")
    return drawer(
        found,
        _roles(table, int(table.label[row]), student.contrast),
        sentences.settings(student),
        choice if len(options) > 1 else None,
        smoothest(student),  # whose picture is above
    )


def _missing(scene: Scene, *, any_: bool) -> Box:
    """The command where other methods were not computed."""
    run, sample = scene.run, scene.focus
    assert run is not None
    if any_:
        told = "How true these are was not measured on this image, and other methods were not computed."
        does = command("evaluate", run.id, "--images", sample, "--store", run.path.parent)
    else:
        told = "This run has no explanations by other methods, and none of these pictures was measured."
        does = command("evaluate", run.id, "--store", run.path.parent)
    return Box((text(told, tag="p"), None if run.read_only else text(does, tag="code")), look="missing")


def _judges(shown: Explained) -> tuple[Child, ...]:
    """Their keys, where there are two."""
    if shown.infill is Infill.KNOWS_NOTHING:
        return (text("The autoencoder knows nothing of this image.", look="key"),)
    if shown.infill is not Infill.JUDGED:
        return ()
    return key("value", "by flat colors"), key("value", "by the autoencoder", "infill")
