"""Maps that nobody has computed yet: they are asked for once, when their image is under study."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import xarray as xr
from pydantic import ValidationError

from dashboards.data.explanations import Explanation
from dashboards.data.students import PageStudents, Student
from dashboards.kit.elements import Box, Button, Child, text
from dashboards.session import needs
from dashboards.session.engine_task import ResultStatus
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from deepvid import config
from deepvid.config.sections.section import Section
from deepvid.engine.requests import ExplainImage
from deepvid.trust import Infill
from deepvid.wording import command

NEEDED = (needs.MODEL, needs.QUERIES, needs.stage("teacher"), needs.WEIGHTS, needs.PICTURES, needs.PREDICTED)
JUDGE = "A second judge: the autoencoder fills in what is absent, instead of flat colors"
EARLIER = "An earlier version fitted its student, and this one would explain another."
Explaining = ResultStatus[ExplainImage, xr.Dataset]


class MapsInquiry(NamedTuple):
    """The maps that were asked for last."""

    explaining: Explaining
    infill: int | None  # image of which the autoencoder was asked to judge the maps


def map_request(
    scene: Scene,
    known: PageStudents,
    student: Student | None,
    explanation: Explanation | None,
    asked: MapsInquiry,
) -> ExplainImage | None:
    """Maps to be computed: none were, or not of the student shown. None where they are here, or cannot be."""
    run, sample = scene.run, scene.focus
    if run is None or sample is None or missing((*NEEDED, needs.ENGINE), scene):
        return None
    of_run = student is not None and known.of_run(sample, student)
    infill = asked.infill == sample and "vae" in run.stages
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


def absent(scene: Scene, request: ExplainImage | None, asked: MapsInquiry) -> Box:
    """Why there is no map yet, and how to have it."""
    run, sample = scene.run, scene.focus
    assert run is not None
    if request is None:
        lacks = missing((*NEEDED, needs.ENGINE), scene)
        told = (
            lacks.text if lacks else "An earlier version fitted its student, this one would explain another."
        )
        does = "" if run.read_only else command("evaluate", run.id, "--images", sample)
        return Box((text(told, tag="p"), text(does, tag="code") if does else None), look="empty absent")
    if not asked.explaining.given_up(request):
        return Box((text("Its maps are computed and judged …", tag="p", role="status"),), look="empty absent")
    fault = asked.explaining.error(request)
    return Box(
        (
            text(fault, tag="p", look="warning") if fault else None,
            text("Its maps were not computed.", tag="p"),
            Button(("Explain",), "explain", sample, look="action"),
        ),
        look="empty absent",
    )


def second_judge(
    infill: Infill, scene: Scene, request: ExplainImage | None, explaining: Explaining
) -> tuple[Child, ...]:
    """The autoencoder: how it is asked where it was not, or what it cannot say."""
    run = scene.run
    if infill is Infill.KNOWS_NOTHING:
        return (text("The autoencoder knows nothing of this image.", tag="p"),)
    asked = request if request is not None and request.infill else None
    there = run is not None and "vae" in run.stages and not missing((*NEEDED, needs.ENGINE), scene)
    if infill is Infill.JUDGED or not there or (asked is not None and not explaining.given_up(asked)):
        return ()
    fault = "" if asked is None else explaining.error(asked)
    button = Button(("Ask a second judge",), "infill", scene.focus, look="chip", hint=JUDGE)
    return Box((button,)), text(fault, tag="p", look="warning") if fault else None
