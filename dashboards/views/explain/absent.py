"""The place of a student that is not there: why, and what can be done to have it."""

from typing import NamedTuple

from dashboards.kit.card import empty
from dashboards.kit.elements import Box, Button, quiet, text
from dashboards.session import needs
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.views.explain.settings import refusal, settings_popover
from deepvid.store import Run
from deepvid.wording import command

NO_MODELS = "Students appear here once the teacher and the autoencoder are trained."
UNDER_WAY = "Students are being fitted, {} first. This image's may be among them."
CLASSIFIER = (needs.MODEL, needs.QUERIES, needs.stage("teacher").saying(NO_MODELS))
MODELS = (*CLASSIFIER, needs.stage("vae").saying(NO_MODELS))


class Absent(NamedTuple):
    """Why there is no student; a button where `action` says what is on it."""

    title: str
    text: str
    command: str = ""  # that fits it
    action: str = ""
    busy: bool = False  # a fit is under way


def nothing(lacks: Absent, scene: Scene) -> Box:
    """Ways to have a student."""
    assert scene.run is not None
    unable, use = refusal(scene) if lacks.action else "", scene.run.config.get("students", {})
    fault = scene.own.asked.error if lacks.action else ""
    tools = (
        _fit_button(lacks, scene, "action", unable),
        None if lacks.busy or unable else settings_popover(use, scene),
    )
    return empty(
        text(lacks.title, tag="strong"),
        text(lacks.text, tag="p"),
        text(fault, tag="p", look="warning") if fault else None,
        Box(tools, look="tools") if lacks.action else None,
        text(unable, tag="p", role="note", look="quiet") if unable else None,
        text(lacks.command, tag="code") if lacks.command else None,
    )


def offer(lacks: Absent, scene: Scene) -> Box:
    """A student of an image whose maps need none."""
    unable = refusal(scene) if lacks.action else ""
    fault = scene.own.asked.error if lacks.action else ""
    return Box(
        (
            quiet(
                text(lacks.title, tag="b"),
                f" {unable or lacks.text}",
                text(fault, look="warning") if fault else None,
                tag="p",
            ),
            _fit_button(lacks, scene, "chip", lacks.command) if lacks.action and not unable else None,
        ),
        look="offer",
    )


def _fit_button(lacks: Absent, scene: Scene, look: str, hint: str) -> Button:
    off, of_run = lacks.busy or bool(refusal(scene)), {"sample": scene.focus, "texts": dict[str, str]()}
    return Button((lacks.action,), "fit", of_run, disabled=off, look=look, hint=hint)


def absent(scene: Scene) -> Absent:
    """Ways to have a student; while maps are computed, that."""
    run, own = scene.run, scene.own
    assert run is not None
    if lacks := missing(MODELS, scene):
        return Absent(lacks.title or "No student yet", lacks.text)
    fit = "" if run.read_only else _fit_command(run, scene.focus)
    if own.running and not own.asked.busy:
        labeled = scene.table is None or scene.table.labeled
        first = "the most confident errors" if labeled else "the images it is least sure of"
        return Absent(f"No student for #{scene.focus} yet", UNDER_WAY.format(first), fit)
    return _offered(scene)._replace(command=fit)


def _offered(scene: Scene) -> Absent:
    """A student, where none was fitted."""
    title = f"No student was fitted for #{scene.focus}"
    if scene.own.asked.busy:
        return Absent(title, "A student is being fitted around it.", action="Fitting …", busy=True)
    can = "It can be fitted now. " + (scene.own.unkept or "The run keeps it in its notes.")
    return Absent(title, "None can be fitted here." if refusal(scene) else can, action="Fit now")


def _fit_command(run: Run, sample: int | None) -> str:
    return command("fit-students", run.id, "--images", sample, "--store", run.path.parent)
