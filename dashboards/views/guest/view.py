"""Is it right about another image? A file dropped, pasted or chosen is asked about like the run's own."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, NamedTuple

from dashboards.kit.card import Card
from dashboards.kit.elements import Box, Button, Child, Element, text
from dashboards.kit.forms import Upload
from dashboards.serving import transfer
from dashboards.serving.scratch import scratch_folder
from dashboards.session import computing
from dashboards.session.engine_task import EngineTask, tell_work
from dashboards.session.file_export import FileExport
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.work import Task
from dashboards.views.guest.card import guest_card
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.engine.requests import OpenedImage, OpenImage
from deepvid.errors import DataError, DeepVIDError
from deepvid.report import Case, StoredCases, write_report
from deepvid.store import Run

OPENS = "dv-open-image"
"""The event that the header's button sends."""

LARGEST = 2**25  # bytes of a file


class Guest(NamedTuple):
    """A file that somebody opened, and what came of it."""

    run: str  # id
    name: str
    case: Case


class Own(NamedTuple):
    """State that the scene does not know."""

    guests: tuple[Guest, ...]
    shown: int
    link: str
    fault: DeepVIDError | None


class GuestView(Card):
    """Draws nothing until a file is opened; opened images stay with the session."""

    title = "An opened image"
    subject = "The opened image"
    follows: ClassVar = ("table",)
    look = "guest-card"
    help: ClassVar = Help(
        what="An image that is none of the run's: the teacher's answer, what speaks against it, its "
        "first map with its worth, and its nearest training images.",
        use="Drop or paste a file anywhere on the page, or choose one in the save menu. It is read as the "
        "images of the run are: in their size and colors.",
        beware="It has no label, so that nobody knows whether the answer is right. It is in no count.",
        source="docs/causes.md.",
    )

    def __init__(self, session: Session) -> None:
        self._guests: tuple[Guest, ...] = ()
        self._shown, self._link = 0, ""
        self._fault: DeepVIDError | None = None
        self._export = FileExport(session, self.save)
        self._opening = Task(session.schedule, self._report_opening)
        self._asking = EngineTask(session, self._report_work, of="opened")
        self._folder: TemporaryDirectory[str] | None = None
        super().__init__(session)
        self.fit_content()
        session.on_end(self._close)

    def actions(self) -> Actions:
        """`open` a {file}, `show` or `drop` an opened one, `report` it; `cancel`, `dismiss`."""
        return {
            "open": self._expect,
            "show": self._show,
            "drop": self._drop,
            "report": lambda _: self._report(),
            "cancel": lambda _: self._cancel(),
            "dismiss": lambda _: self._fail(None),
        }

    def local_state(self) -> Own:
        """Images of the open run, and the last fault."""
        return Own(self._of_run, self._place, self._link, self._fault)

    def prepare(self, scene: Scene) -> Element:
        """The image that is shown, or nothing but a place for files."""
        own = scene.own
        children: tuple[Child, ...] = ()
        if own.fault is not None:
            said = text(str(own.fault), tag="p", look="warning")
            children += (
                Box((said, Button(("Dismiss",), "dismiss", look="plain-text")), look="opened fault"),
            )
        if own.guests and scene.table is not None:
            case = own.guests[own.shown].case
            names = [guest.name for guest in own.guests]
            children += (guest_card(names, own.shown, case, scene.table.class_names),)
        return Upload(children, "open", own.link, "image/*", OPENS, label="Files dropped on the page")

    @property
    def _of_run(self) -> tuple[Guest, ...]:
        run = self.session.run
        return tuple(guest for guest in self._guests if run is not None and guest.run == run.id)

    @property
    def _place(self) -> int:
        """The one that is shown; in another run there are others."""
        return max(0, min(self._shown, len(self._of_run) - 1))

    def _expect(self, asked: Any) -> None:
        """The browser has a file, and is told where to post it; or it could not."""
        name, run = Path(asked["file"]).name[:100], self.session.run
        if "fault" in asked:
            self._fail(_unsent(name, asked["fault"]))
        elif refusal := computing.refusal() or transfer.refusal():
            self.session.notice = f"No image can be opened here. {refusal}"
        elif run is not None:
            self._folder = self._folder or scratch_folder()
            transfer.withdraw(self._link)
            self._fault = None
            path, schedule = Path(self._folder.name) / "picture", self.session.schedule
            self._link = transfer.expect(
                path,
                lambda path: schedule(partial(self._ask, run, name, path)),
                lambda found: schedule(partial(self._fail, _unsent(name, found))),
                LARGEST,
            )
            self.redraw()

    def _ask(self, run: Run, name: str, path: Path) -> None:
        content, seed = path.read_bytes(), int(run.config.get("seed", 0))
        path.unlink()
        self._asking.ask(name, OpenImage(run.address, name, content, seed), partial(self._take, run, name))

    def _take(self, run: Run, name: str, found: OpenedImage) -> None:
        """The answer has arrived: what the run knows beside it is read aside."""

        def arrived(case: Case) -> None:
            self._guests = (*self._guests, Guest(run.id, name, case))
            self._show(len(self._of_run) - 1)

        self._opening.start(name, lambda _: StoredCases(run).opened(name, found), arrived)

    def _show(self, place: int) -> None:
        self._shown = place
        self.redraw()

    def _drop(self, place: int) -> None:
        gone = self._of_run[place]
        self._guests = tuple(guest for guest in self._guests if guest is not gone)
        self._show(max(0, place - 1))

    def _report(self) -> None:
        run = self.session.run
        if run is not None and self._of_run:
            guest = self._of_run[self._place]
            self._export.write(
                f"{Path(guest.name).stem}-report.html",
                lambda path, _: write_report(path, run, [guest.case]),
            )

    def _report_work(self) -> None:
        if self._asking.error is not None:
            self._fault = self._asking.error
        tell_work(self, self.component, f"Asking about {self._asking.subject}", self._asking.status)

    def _report_opening(self) -> None:
        if self._opening.error is not None:
            self._fail(self._opening.error)

    def _fail(self, fault: DeepVIDError | None) -> None:
        self._fault = fault
        self.redraw()

    def _cancel(self) -> None:
        transfer.withdraw(self._link)
        self._asking.cancel()
        self._opening.cancel()

    def _close(self) -> None:
        self._cancel()
        if self._folder is not None:
            self._folder.cleanup()


def _unsent(name: str, found: str) -> DataError:
    return DataError(
        f"A picture that is opened reaches the server whole, and has at most {LARGEST / 1e6:.0f} MB",
        f"{name}: {found}",
        "Try again, or with a smaller file",
    )
