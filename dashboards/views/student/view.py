"""The student of the image under study: the store's, or one fitted now."""

from typing import Any

import panel as pn

from dashboards.data.population import Population
from dashboards.data.students import Student, StudentTable, students
from dashboards.session.session import Session
from dashboards.views.student.fitting import Fitting
from dashboards.views.student.plot import student_picture
from dashboards.views.student.student_card import StudentCard
from deepvid.errors import DeepVIDError

NO_FOCUS = "Its student appears here: what a simple model, fitted around the image, says of each class."
NO_TEACHER = "Students appear here once the teacher and the autoencoder are trained."


class StudentView(pn.viewable.Viewer):
    """Follows the focus, the run as students are committed, and what this session fits itself."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._own = StudentTable()  # fitted in this session, not written to the run
        self._settings_key: str | None = None
        self._fitting = Fitting(session, self._arrived, self._show)
        self._widget = StudentCard(
            {"fit": lambda _: self._fit(), "settings": self._choose}, sizing_mode="stretch_both"
        )
        session.navigation.param.watch(self._show, "focus")
        session.navigation.param.watch(self._forget, "run")
        session.param.watch(self._show, ["version", "status"])
        self._show()

    def __panel__(self) -> StudentCard:
        return self._widget

    def _forget(self, *_: Any) -> None:
        self._own, self._settings_key = StudentTable(), None

    def _choose(self, settings_key: str) -> None:
        self._settings_key = settings_key
        self._show()

    def _fit(self) -> None:
        if self._session.navigation.focus is not None:
            self._fitting.start(self._session.navigation.focus)
        self._show()

    def _arrived(self, batch: Any) -> None:
        self._own.extend([batch])
        self._show()

    def _show(self, *events: Any) -> None:
        run, table, sample = self._session.run, self._session.population, self._session.navigation.focus
        row = None if table is None or sample is None else table.row_of(sample)
        if run is None or table is None or sample is None or row is None:
            self._write({"text": NO_FOCUS})
            return
        if any(event.name == "status" for event in events) and not self._fitting.busy:
            return  # only a fit under way has news between commits
        try:
            known = students(run)
            choices = known.settings(sample) | self._own.settings(sample)
            found = self._own.get(sample, self._settings_key) or known.get(sample, self._settings_key)
        except (DeepVIDError, OSError) as error:
            self._write({"title": f"The student of #{sample} cannot be read now", "error": str(error)})
            return
        if found is None:
            self._write(self._absent(sample))
        else:
            self._draw(found, table, row, choices)

    def _draw(self, student: Student, table: Population, row: int, choices: dict[str, Any]) -> None:
        image, label = table.images([row])[0], int(table.label[row])
        picture = student_picture(student, image, label, table.class_names, choices)
        self._write(picture.card, picture.maps)

    def _write(self, card: dict[str, Any], maps: bytes = b"") -> None:
        if card != self._widget.card:
            with self._session.hold():
                self._widget.param.update(card=card, maps=maps)

    def _absent(self, sample: int) -> dict[str, Any]:
        run, status = self._session.run, self._session.status
        assert run is not None
        if "teacher" not in run.stages or "vae" not in run.stages:
            return {"title": "No student yet", "text": NO_TEACHER}
        command = "" if run.read_only else f"deepvid fit-students {run.id} --images {sample}"
        if status is not None and status.state == "running" and not self._fitting.busy:
            text = (
                "Students are being fitted, the most confident errors first. This image's may be among them."
            )
            return {"title": f"No student for #{sample} yet", "text": text, "command": command}
        return {"title": f"No student was fitted for #{sample}", "command": command} | self._fitting.offer()
