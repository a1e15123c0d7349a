"""Bringing an archive into the store: from this computer, a path of the server, or an address."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn

from dashboards.data.writable import store_refusal
from dashboards.serving import transfer
from dashboards.serving.log import record
from dashboards.serving.scratch import scratch_folder
from dashboards.session.session import Session
from dashboards.session.work import Task
from dashboards.views.archive.bring.fetching import located
from dashboards.views.archive.bring.import_bar import ImportBar, NamedFault, Outcome
from dashboards.views.archive.state import choose
from dashboards.views.archive.tab import fault, progress
from dashboards.widgets.component import Nothing
from dashboards.widgets.work import WorkLine
from deepvid.errors import StoreError
from deepvid.permissions import permissions
from deepvid.progress import Progress
from deepvid.store import import_archive


class ImportView(pn.viewable.Viewer):
    """An upload is streamed to a temporary file, which is imported once it is whole."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._task = Task(session.schedule, self._show)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._link, self._done = "", ""
        self._broken: NamedFault | None = None  # what became of the last upload
        self._widget = ImportBar(
            {"offer": self._expect, "from": self._import, "cancel": self._cancel, "dismiss": self._dismiss},
            sizing_mode="stretch_width",
            margin=0,
        )
        session.on_end(self._close)
        session.showing.watch(session, "listed", self._show)
        self._show()

    def __panel__(self) -> ImportBar:
        return self._widget

    def _expect(self, name: str) -> None:
        """The browser has a file for us: it is told where to post it."""
        if store_refusal(self._session.store):
            return
        if refusal := transfer.refusal():
            self._session.notice = refusal
            return
        self._dismiss()
        transfer.withdraw(self._link)
        path = Path(self._scratch()) / "upload.zip"

        def arrived(path: Path) -> None:
            self._session.schedule(lambda: self._bring(Path(name).name, lambda _: path))

        def failed(found: str) -> None:
            self._session.schedule(lambda: self._fail(Path(name).name, found))

        self._link = transfer.expect(path, arrived, failed)
        self._widget.link = self._link

    def _import(self, source: str) -> None:
        if source.strip() and not store_refusal(self._session.store):
            self._start(source.strip(), source.strip())

    def _fail(self, name: str, found: str) -> None:
        error = StoreError(
            "The file reaches the server whole, and its temporary folder has room for it",
            found,
            "Try again, or have the file copied to the server",
        )
        self._broken = {"name": name, **fault(error)}
        self._show()

    def _start(self, name: str, source: str) -> None:
        """Imports a path or an address that a person has typed."""
        store, folder = Path(self._session.store), Path(self._scratch())
        anywhere = permissions().allow_paths

        def locate(progress: Progress) -> Path:
            return located(source, store, folder / "fetched.zip", progress, anywhere=anywhere)

        self._bring(name, locate)

    def _bring(self, name: str, locate: Callable[[Progress], Path]) -> None:
        self._done = ""
        store, folder, origin = Path(self._session.store), self._scratch(), self._session.origin

        def work(progress: Progress) -> str:
            file = locate(progress)
            try:
                run_id = import_archive(file, store, progress=progress).name
            finally:
                if str(file.parent) == folder:
                    file.unlink(missing_ok=True)
            record(f"{run_id} was imported from {name}", origin)
            return run_id

        self._task.start(name, work, self._arrive)

    def _arrive(self, run_id: str) -> None:
        self._done = run_id
        with self._session.hold():
            self._session.list_runs()
            choose(self._session, run_id)

    def _cancel(self, _: Any) -> None:
        transfer.withdraw(self._link)
        self._task.cancel()

    def _dismiss(self, _: Any = None) -> None:
        self._task.error, self._done, self._broken = None, "", None
        self._show()

    def _show(self, *_: Any) -> None:
        task = self._task
        bar: Outcome = {"refused": store_refusal(self._session.store), "done": self._done}
        if self._broken is not None:
            bar["fault"] = self._broken
        elif task.error is not None:
            bar["fault"] = {"name": task.subject, **fault(task.error)}
        work: WorkLine | Nothing = progress(f"Importing {task.subject}", task) if task.busy else {}
        with self._session.hold():
            self._widget.param.update(bar=bar, work=work)

    def _scratch(self) -> str:
        self._folder = self._folder or scratch_folder()
        return self._folder.name

    def _close(self) -> None:
        self._cancel(None)
        if self._folder is not None:
            self._folder.cleanup()
