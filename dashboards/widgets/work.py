"""What `work.js` draws: work under way, and an error in three parts."""

from typing import NotRequired, TypedDict


class WorkLine(TypedDict):
    """Work under way."""

    text: str  # what is done, and to what
    detail: str  # the last report
    share: float | None  # 0 to 1; None where it is not known
    end: str  # how long it will take


class Fault(TypedDict):
    """The parts of an error, each a sentence; of an error that is not ours only what was found."""

    must: NotRequired[str]
    found: str
    action: NotRequired[str]
