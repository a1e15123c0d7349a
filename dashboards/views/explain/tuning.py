"""Trying settings of a student while a person waits, and what was found of each image."""

from collections.abc import Callable
from typing import NamedTuple

from pydantic import ValidationError

from dashboards.data.students import Student, known_students
from dashboards.session.engine_task import EngineTask
from dashboards.session.session import Session
from dashboards.views.explain.front import front
from dashboards.views.explain.shapes import Front
from deepvid import config
from deepvid.engine.requests import TuneStudent
from deepvid.store import Run
from deepvid.tuning import Tuned


class Found(NamedTuple):
    """What tuning found of an image, and what is drawn of it while no student is shown."""

    tuned: Tuned
    front: Front


class TuningTask(EngineTask):
    """What is found stays in this page, as long as its run is open."""

    def __init__(self, session: Session, changed: Callable[[], None], *, of: str) -> None:
        super().__init__(session, changed, of=of)
        self._found: dict[int, Found] = {}  # by sample

    def of(self, sample: int | None) -> Found | None:
        """What was found of an image."""
        return None if sample is None else self._found.get(sample)

    def forget(self) -> None:
        """Another run is open."""
        self.cancel()
        self._found = {}

    def tune(self, run: Run, sample: int) -> None:
        """Returns at once; a tuning of this image that is under way goes on."""
        if self.status.about(f"#{sample}").busy:
            return
        own = config.Students.model_validate(run.config.get("students", {}))
        student = known_students(run, self._session.fitted).get(sample, self._session.navigation.student)
        shown = None if student is None else settings_of(student)
        others = () if shown is None else (shown,)
        seed = int(run.config.get("seed", 0))

        def arrived(found: Tuned) -> None:
            if run is self._session.run:
                self._found[sample] = Found(found, front(found, None))

        self.ask(f"#{sample}", TuneStudent(run.address, sample, own, others, seed), arrived)


def settings_of(student: Student) -> config.Students | None:
    """What a student was fitted with; None where another version had other settings."""
    try:
        return config.Students.model_validate(student.settings)
    except ValidationError:
        return None
