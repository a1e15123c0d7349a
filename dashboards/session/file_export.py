"""Files that a session gives to a person: written aside, and saved by the browser."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from dashboards.data.population import both
from dashboards.data.saving import csv_of
from dashboards.serving.transfer import Download, Export
from dashboards.session.session import Session
from dashboards.session.work import Task
from deepvid.progress import Progress
from deepvid.store import Mark, Run


class FileExport:
    """One file at a time; `changed(export)` is called when there is more to say of it."""

    def __init__(self, session: Session, changed: Callable[["FileExport"], None]) -> None:
        self.download: Download | None = None  # to be saved at once
        self._session = session
        self._export = Export()
        self._saving = Task(session.schedule, partial(changed, self))
        session.on_end(self._export.close)
        session.on_end(self._saving.cancel)

    @property
    def failed(self) -> bool:
        """Whether there is no file, and `status` says why."""
        return self._saving.error is not None

    @property
    def status(self) -> str:
        """How far the file is, or why there is none."""
        error = self._saving.error
        why = "" if error is None else f"{error.must}: {error.found}. {error.action}"
        return "Writing …" if self._saving.busy else why

    def write(self, name: str, write: Callable[[Path, Progress], object]) -> None:
        """Begins a file, and returns at once."""
        path = self._export.path(Path(name).suffix)

        def arrived(_: object) -> None:
            self.download = self._export.offer(path, name)

        self._saving.start(name, partial(write, path), arrived)

    def write_marks(self) -> None:
        """All marks of the open run, as CSV."""
        run, marks = self._session.run, self._session.marks.entries
        if run is not None:
            self.write(marks_file(run), lambda path, _: _write_marks(path, run, marks))


def file_name(run: Run, name: str) -> str:
    """Name of a file about a run."""
    return f"{run.id.removesuffix('.zip')}-{name}"


def marks_file(run: Run) -> str:
    """Name of the file of its marks."""
    return file_name(run, "marks.csv")


def _write_marks(path: Path, run: Run, marks: Mapping[int, Mark]) -> None:
    path.write_text(csv_of(both(run), marks), encoding="utf-8", newline="")
