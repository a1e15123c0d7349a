"""Bringing an archive into the store: from this computer, a path of the server, or an address."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import param

from dashboards.data.writable import store_refusal
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Button, Child, text
from dashboards.kit.forms import Entry, FileButton, Upload
from dashboards.serving import transfer
from dashboards.serving.log import record
from dashboards.serving.scratch import scratch_folder
from dashboards.session.session import Session
from dashboards.session.work import Task
from dashboards.views.archive.fetching import located
from dashboards.views.archive.state import choose
from dashboards.views.archive.tab import fault
from dashboards.widgets.component import Actions
from dashboards.widgets.work import work_line
from deepvid.errors import DeepVIDError, StoreError
from deepvid.permissions import permissions
from deepvid.progress import Progress
from deepvid.store import import_archive


class ImportView(pn.viewable.Viewer):
    """An upload is streamed to a temporary file, which is imported once it is whole."""

    link: str = param.String("", doc="to post the next file to, good for one; relative to the page")  # type: ignore[assignment]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._task = Task(session.schedule, self._show)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._done = ""  # id of the new run
        self._emptied = 0  # times that what was typed went away
        self._broken: tuple[str, DeepVIDError] | None = None  # what became of the last upload
        actions = {"from": self._import, "cancel": self._cancel, "dismiss": self._dismiss}
        self._card = CardComponent(
            {**actions, **self.actions()}, "import", sizing_mode="stretch_width", margin=0
        )
        session.on_end(self._close)
        session.showing.watch(session, "listed", self._show)
        self._show()

    def __panel__(self) -> CardComponent:
        return self._card

    def actions(self) -> Actions:
        """Of its `button`."""
        return {"offer": self._expect}

    def button(self, words: str) -> Upload | None:
        """Chooses an archive to import; None where nothing can be imported."""
        if store_refusal(self._session.store):
            return None
        button = FileButton((words,), look="action")
        return Upload((button,), "offer", self.link, ".zip", label="Import an archive")

    def _expect(self, asked: Any) -> None:
        """The browser has a file for us, and is told where to post it; or it could not."""
        name = Path(asked["file"]).name
        if "fault" in asked:
            self._fail(name, asked["fault"])
            return
        if refusal := transfer.refusal():
            self._session.notice = refusal
            return
        self._forget()
        transfer.withdraw(self.link)
        path = Path(self._scratch()) / "upload.zip"

        def arrived(path: Path) -> None:
            self._session.schedule(lambda: self._bring(name, lambda _: path))

        def failed(found: str) -> None:
            self._session.schedule(lambda: self._fail(name, found))

        with self._session.hold():
            self.link = transfer.expect(path, arrived, failed)
            self._show()

    def _import(self, asked: Any) -> None:
        """Imports a path or an address that a person has typed."""
        source, store, folder = asked["text"].strip(), Path(self._session.store), Path(self._scratch())
        anywhere = permissions().allow_paths

        def locate(progress: Progress) -> Path:
            return located(source, store, folder / "fetched.zip", progress, anywhere=anywhere)

        self._forget()
        self._bring(source, locate)

    def _fail(self, name: str, found: str) -> None:
        """The browser and the server may both find out: the first has said it."""
        if self._broken is None:
            error = StoreError(
                "The file reaches the server whole, and its temporary folder has room for it",
                found,
                "Try again, or have the file copied to the server",
            )
            self._broken = name, error
            self._show()

    def _bring(self, name: str, locate: Callable[[Progress], Path]) -> None:
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
        self._emptied += 1
        with self._session.hold():
            self._session.list_runs()
            choose(self._session, run_id)

    def _cancel(self, _: Any) -> None:
        transfer.withdraw(self.link)
        self._task.cancel()

    def _dismiss(self, _: Any) -> None:
        self._forget()
        self._emptied += 1
        self._show()

    def _forget(self) -> None:
        """Puts away words about the last import."""
        self._task.error, self._done, self._broken = None, "", None

    def _show(self, *_: Any) -> None:
        task = self._task
        failure = self._broken or ((task.subject, task.error) if task.error is not None else None)
        with self._session.hold():
            self._card.work = work_line(f"Importing {task.subject}", task.tick) if task.busy else {}
            self._card.draw(self._bar(failure))

    def _bar(self, failure: tuple[str, DeepVIDError] | None) -> Upload:
        refused = store_refusal(self._session.store)
        field = Entry(
            "from",
            "or a file of the store, or https://…, s3://…",
            button="Import",
            about=str(self._emptied),
            label="Path or address of an archive",
            look="source",
        )
        button = FileButton(("Choose a file",), look="action")
        title = text("Import an archive", tag="h2", look="title")
        line = Box((title, button, field), look="main")
        result = Box((_result(refused, self._done, failure),), look="result")
        return Upload(
            (line, result), "offer", self.link, ".zip", disabled=bool(refused), label="Import an archive"
        )

    def _scratch(self) -> str:
        self._folder = self._folder or scratch_folder()
        return self._folder.name

    def _close(self) -> None:
        self._cancel(None)
        if self._folder is not None:
            self._folder.cleanup()


def _result(refused: str, done: str, failure: tuple[str, DeepVIDError] | None) -> Child:
    """The result of the last import, or why there can be none."""
    dismiss = Button(("Dismiss",), "dismiss", look="plain-text")
    if refused:
        return text(f"Nothing can be imported here: {refused}", tag="p", look="quiet")
    if failure is not None:
        name, error = failure
        return fault(error, f"{name} was not imported; nothing in the store has changed.", dismiss)
    if done:
        return text(text(done, tag="b"), " was imported. ", dismiss, tag="p", look="done", role="status")
    return None
