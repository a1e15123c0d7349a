"""Maps of the image under study with all that is known of them: read once, kept while nothing changes."""

import logging
from typing import NamedTuple

import numpy as np

from dashboards.data.explanations import Explanation
from dashboards.data.image_maps import Explained, Method, explained
from dashboards.data.sentences import gate
from dashboards.session.scene import Scene, differ
from dashboards.views.focus import maps
from dashboards.views.focus.asking import MapsInquiry, map_request
from dashboards.views.focus.table import Judgment, judgment
from deepvid.engine.requests import ExplainImage

MANY = 99  # maps of one image
OF_MAPS = (
    "run", "version", "table", "focus", "beside", "overlay", "method", "raw", "student", "fitted",
    "explained", "refusal",
)  # fmt: skip
"""Fields of a scene that the maps are made of."""


class ImageMaps(NamedTuple):
    """Everything that is known of the maps of the image."""

    shown: maps.ShownMaps | None = None
    judged: Judgment | None = None  # of its student
    warning: str = ""
    request: ExplainImage | None = None
    fault: bool = False


class Memory:
    """The maps that were read last: a selection changes none of them."""

    def __init__(self) -> None:
        self._last: tuple[Scene, ImageMaps] | None = None

    def get(self, scene: Scene, image: np.ndarray) -> ImageMaps:
        """The same maps while nothing that they are made of has changed."""
        last = self._last
        if last is None or differ(last[0], scene, OF_MAPS) or _infill(last[0]) != _infill(scene):
            self._last = last = scene, _image_maps(scene, image)
        return last[1]


def _infill(scene: Scene) -> int | None:
    asked: MapsInquiry = scene.own.asked
    return asked.infill


def _image_maps(scene: Scene, image: np.ndarray) -> ImageMaps:
    _, table, _, sample = scene.studied
    try:
        some, students = scene.explanations, scene.students
        assert some is not None
        assert students is not None
        student = students.get(sample, scene.student)
        explanation = some.get(sample, student)
        request = map_request(scene, students, student, explanation, scene.own.asked)
        of_run = student is not None and students.of_run(sample, student)
        found = explained(student, image, explanation, some.run, of_run=of_run, most=MANY)
        if found is None or not found.methods:
            return ImageMaps(request=request)
        is_of = explanation is not None and (student is None or explanation.is_of(student, of_run))
        shown, names = _shown(scene, found, explanation), table.class_names
        judged = None if student is None else judgment(student, explanation if is_of else None, names)
        warning = "" if student is None else gate(student, names, student.contrast[0])
        return ImageMaps(shown, judged, warning, request)
    except Exception:
        logging.getLogger(__name__).info("No maps of #%s", sample, exc_info=True)
        return ImageMaps(fault=True)


def _shown(scene: Scene, found: Explained, explanation: Explanation | None) -> maps.ShownMaps:
    names = {each.name for each in found.methods}
    over = scene.overlay in names
    wanted = scene.overlay if over else scene.method
    return maps.choose_maps(found, explanation, wanted, _beside(scene), raw=scene.raw, over=over)


def _beside(scene: Scene) -> tuple[Method, ...]:
    """The maps of the image that it is compared with: both have one scale."""
    table, sample = scene.table, scene.beside
    row = None if table is None or sample is None else table.row_of(sample)
    some, students = scene.explanations, scene.students
    if table is None or row is None or some is None or students is None or sample is None:
        return ()
    student = students.get(sample, scene.student)
    own = student is not None and students.of_run(sample, student)
    image, explanation = table.images([row])[0], some.get(sample, student)
    found = explained(student, image, explanation, some.run, of_run=own, most=MANY)
    return () if found is None else found.methods
