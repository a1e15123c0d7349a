"""What the run is doing, under the header: progress, a failure, an interruption, or a gesture's fault."""

from typing import Any

import panel as pn

from dashboards.data.commands import NONE, Command, continuation
from dashboards.session.computation_rows import ComputationRow
from dashboards.session.failing import failed
from dashboards.session.session import Session
from dashboards.views.progress.status_strip import Offer, StatusStrip, Strip
from dashboards.widgets.component import Nothing
from dashboards.widgets.work import status_line
from deepvid.config import words_of
from deepvid.store import Run, Status


class ProgressView(pn.viewable.Viewer):
    """Follows the run's status; takes no room while there is nothing to say."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._widget = StatusStrip(
            {
                "dismiss": self._dismiss,
                "run": lambda _: self._go_on(),
                "cancel": lambda _: self._cancel(),
            },
            sizing_mode="stretch_width",
            margin=0,
        )
        session.param.watch(self._show, ["status", "version", "notice", "computations"])
        self._show()

    def __panel__(self) -> StatusStrip:
        return self._widget

    def _dismiss(self, _: Any) -> None:
        self._session.notice = ""

    def _go_on(self) -> None:
        if (run := self._session.run) is not None:
            with self._session.hold():
                self._session.start(continuation(run))

    def _cancel(self) -> None:
        if (row := self._row) is not None:
            with self._session.hold():
                self._session.cancel(row.entry.number)

    @property
    def _row(self) -> ComputationRow | None:
        """Computation that a page has started for the run, while it waits or goes on."""
        run, rows = self._session.run, self._session.computations
        under_way = [row for row in rows if row.entry.open and run is not None and row.run == run.id]
        return under_way[-1] if under_way else None

    def _show(self, *_: Any) -> None:
        strip = self._told()
        if strip != self._widget.strip:
            self._widget.strip = strip

    def _told(self) -> Strip | Nothing:
        """What a run says of itself takes no page away."""
        try:
            return self._strip()
        except Exception as error:
            lacks = failed("What the run does", self._session.linker.scene, error)
            return {"kind": "notice", "text": f"{lacks.title}.", "detail": lacks.text}

    def _strip(self) -> Strip | Nothing:
        session = self._session
        if session.notice:
            return {"kind": "notice", "text": "That did not work.", "detail": session.notice}
        if session.status is None or session.run is None:
            return {}
        table = session.population
        what = words_of(session.status.stage, session.run.teacher_source)
        kept, command = onwards(session.run)
        command = command._replace(refusal=command.refusal or session.linker.scene.refusal)
        strip = strip_of(session.status, what, table.partial if table else None, kept, command)
        return strip if (row := self._row) is None else _started(strip, row)


def _started(strip: Strip | Nothing, row: ComputationRow) -> Strip | Nothing:
    """The same while a page's computation goes on with the run, or is about to."""
    if not strip:
        return strip
    if row.waits_for:
        return {
            "kind": "stopped",
            "text": f"{row.entry.computation.title}:",
            "detail": f"waits for {row.waits_for}",
            "cancel": True,
        }
    if strip["kind"] != "running":
        return {"kind": "running", "text": "Starting", "detail": "", "share": None, "cancel": True}
    return {**strip, "cancel": True}


def onwards(run: Run) -> tuple[str, Command]:
    """What goes on with an interrupted run, in words, and the command that does, if one does."""
    command = continuation(run)
    if command.text:
        return "What was committed is kept; the command that began it continues it:", command
    if run.logged and not run.read_only:
        return f"Its epochs are kept. Its program goes on with deepvid.log_run(…, resume='{run.id}').", NONE
    return "What was committed by then is here, and only read.", NONE


def strip_of(status: Status, what: str, partial: str | None, kept: str, command: Command) -> Strip | Nothing:
    """The strip for a status; empty for a run that is finished.

    `what` its stage does is of `words_of`, `kept` and `command` are of `onwards`.
    """
    offer: Offer = {
        "command": command.text,
        "can": command.computation is not None and not command.refusal,
        "refusal": command.refusal,
    }
    if status.state == "failed" and status.error is not None:
        must, found, action = status.error
        return {
            "kind": "failed",
            "text": f"The run failed while {what}.",
            "detail": f"{must}. Found: {found}. {action}.",
            "can": offer["can"],
        }
    if status.state == "interrupted":
        return {
            "kind": "interrupted",
            "text": f"The run was interrupted while {what}." if status.stage else "The run was interrupted.",
            "detail": kept,
            **offer,
        }
    if status.state == "stopped":
        return {
            "kind": "stopped",
            "text": f"The run stopped after {what}, as asked.",
            "detail": "This computes what is left of it:"
            if command.text
            else "Its later stages are not here.",
            **offer,
        }
    if status.state != "running":
        return {}
    return {"kind": "running", "partial": partial, **status_line(what, status)}
