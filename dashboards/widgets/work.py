"""Data that `work.js` draws: work under way."""

from typing import TypedDict

from deepvid import wording
from deepvid.progress import Tick
from deepvid.store import Status
from deepvid.wording import sentence_case


class WorkLine(TypedDict):
    """Work under way."""

    text: str  # what is done, and to what
    detail: str  # the last report
    share: float | None  # 0 to 1; None where it is not known
    end: str  # how long it will take


def work_line(text: str, tick: Tick | None) -> WorkLine:
    """How far work is, by its last report."""
    if tick is None:
        return {"text": text, "detail": "", "share": None, "end": ""}
    share = min(1.0, tick.done / tick.total) if tick.total else None
    end = "" if tick.remaining is None else f"{wording.duration(tick.remaining)} left"
    return {"text": text, "detail": tick.message, "share": share, "end": end}


def status_line(what: str, status: Status) -> WorkLine:
    """How far the stage of a run is; `what` it does is of `words_of`."""
    return {
        "text": sentence_case(what) or "Starting",
        "detail": status.message or (f"{status.done:g} of {status.total:g}" if status.total else ""),
        "share": min(1.0, status.done / status.total) if status.total else None,
        "end": "" if status.remaining is None else f"{wording.duration(status.remaining)} left",
    }
