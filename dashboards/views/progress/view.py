"""What the run is doing, under the header: progress, a failure, an interruption, or a gesture's fault."""

from typing import Any

import panel as pn

from dashboards.data.commands import continuation
from dashboards.session.failing import failed
from dashboards.session.session import Session
from dashboards.views.progress.status_strip import StatusStrip, Strip
from dashboards.widgets.component import Nothing
from deepvid import wording
from deepvid.config import words_of
from deepvid.store import Run, Status


class ProgressView(pn.viewable.Viewer):
    """Follows the run's status; takes no room while there is nothing to say."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._widget = StatusStrip({"dismiss": self._dismiss}, sizing_mode="stretch_width", margin=0)
        session.param.watch(self._show, ["status", "version", "notice"])
        self._show()

    def __panel__(self) -> StatusStrip:
        return self._widget

    def _dismiss(self, _: Any) -> None:
        self._session.notice = ""

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
        return strip_of(session.status, what, table.partial if table else None, *onwards(session.run))


def onwards(run: Run) -> tuple[str, str]:
    """What goes on with an interrupted run, in words, and the command that does, if one does."""
    if command := continuation(run):
        return "What was committed is kept; the command that began it continues it:", command
    if run.logged and not run.read_only:
        return f"Its epochs are kept. Its program goes on with deepvid.log_run(…, resume='{run.id}').", ""
    return "What was committed by then is here, and only read.", ""


def strip_of(status: Status, what: str, partial: str | None, kept: str, command: str) -> Strip | Nothing:
    """The strip for a status; empty for a run that is finished.

    `what` its stage does is of `words_of`, `kept` and `command` are of `onwards`.
    """
    if status.state == "failed" and status.error is not None:
        must, found, action = status.error
        return {
            "kind": "failed",
            "text": f"The run failed while {what}.",
            "detail": f"{must}. Found: {found}. {action}.",
        }
    if status.state == "interrupted":
        return {
            "kind": "interrupted",
            "text": f"The run was interrupted while {what}." if status.stage else "The run was interrupted.",
            "detail": kept,
            "command": command,
        }
    if status.state == "stopped":
        return {
            "kind": "stopped",
            "text": f"The run stopped after {what}, as asked.",
            "detail": "This computes what is left of it:" if command else "Its later stages are not here.",
            "command": command,
        }
    if status.state != "running":
        return {}
    remaining = "" if status.remaining is None else f"{wording.duration(status.remaining)} left"
    return {
        "kind": "running",
        "text": what[:1].upper() + what[1:] if what else "Starting",
        "detail": status.message or (f"{status.done:g} of {status.total:g}" if status.total else ""),
        "share": min(1.0, status.done / status.total) if status.total else None,
        "partial": partial,
        "end": remaining,
    }
