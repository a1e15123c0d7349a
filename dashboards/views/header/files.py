"""Files that the header lets a person save: the selection as data, and reports."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from dashboards.data.saving import SAVES
from dashboards.serving.transfer import Download, Export
from dashboards.session.session import Session
from dashboards.session.work import Task
from deepvid.progress import Progress
from deepvid.report import StoredCases, write_report
from deepvid.store import Run


class FileSaver:
    """One file at a time, written aside; `changed` is called when there is more to say of it."""

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        self.download: Download | None = None  # to be saved at once
        self._session = session
        self._export = Export()
        self._saving = Task(session.schedule, changed)
        session.on_end(self._export.close)
        session.on_end(self._saving.cancel)

    @property
    def said(self) -> str:
        """How far the file is, or why there is none."""
        error = self._saving.error
        why = "" if error is None else f"{error.must}: {error.found}. {error.action}"
        return "Writing …" if self._saving.busy else why

    def save(self, kind: str) -> None:
        """The selection, or all images, as data of this kind."""
        table, run, mask = self._session.population, self._session.run, self._session.selection.mask
        if table is not None and run is not None:
            name = f"{'images' if mask is None else 'selection'}.{kind}"
            self._write(run, name, lambda path, progress: SAVES[kind](path, table, mask, progress))

    def report(self, of: str) -> None:
        """All that is known of the `image` under study, or of each image of the `selection`."""
        table, run, mask = self._session.population, self._session.run, self._session.selection.mask
        focus = self._session.navigation.focus
        if table is None or run is None:
            return
        if of == "selection":
            samples = [] if mask is None else np.sort(table.samples[mask]).tolist()
        else:
            samples = [] if focus is None else [focus]
        name = "selection" if of == "selection" else str(focus)

        def write(path: Path, _: Progress) -> None:
            write_report(path, run, StoredCases(run).cases(samples))

        self._write(run, f"{name}-report.html", write)

    def _write(self, run: Run, name: str, write: Callable[[Path, Progress], None]) -> None:
        path, name = self._export.path(Path(name).suffix), f"{run.id.removesuffix('.zip')}-{name}"

        def arrived(_: None) -> None:
            self.download = self._export.offer(path, name)

        self._saving.start(name, lambda progress: write(path, progress), arrived)
