"""Whether the chosen run still has the bytes that were committed."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NotRequired

from dashboards.data.writable import local
from dashboards.session.session import Session
from dashboards.views.archive.tab import Card, Tab
from dashboards.views.archive.verify.table import NameList, Verdict, verdict
from deepvid import wording
from deepvid.progress import Progress
from deepvid.store import RunListing, Verification, verify
from deepvid.wording import command


class VerifyCard(Card):
    """A run before or after it is verified; a verdict only after."""

    action: NotRequired[str]  # on the button; none where it cannot be verified
    whole: NotRequired[bool]
    lists: NotRequired[list[NameList]]


class VerifyTab(Tab):
    """Reads every file of the run and compares its sha256 with the journal's."""

    doing = "Verifying"

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        super().__init__(session, changed)
        self._verdicts: dict[str, Verdict] = {}  # by the run's id

    @property
    def actions(self) -> Mapping[str, Callable[[RunListing, Any], None]]:
        return {"verify": self._verify}

    def card(self, listing: RunListing) -> VerifyCard:
        if local(listing) is None:
            file = PurePosixPath(str(listing.path)).name
            return {
                "title": "What lies behind an address cannot be verified from here",
                "text": "Every byte would have to come over the network. Download the archive and verify it: "
                + command("verify", file),
            }
        size = wording.size(listing.summary.get("bytes", 0))
        if (known := self._verdicts.get(listing.id)) is not None:
            return {**known, "action": "Verify again"}
        return {
            "title": "Not verified in this session",
            "text": "Every file of the run is read and its sha256 compared with what was committed. "
            f"That is {size}, a second for every few hundred MB. Nothing is changed.",
            "action": f"Verify {size}" if listing.summary else "Verify",
        }

    def _verify(self, listing: RunListing, _: Any) -> None:
        if (path := local(listing)) is None:
            return
        self._verdicts.pop(listing.id, None)

        def work(progress: Progress) -> Verification:
            return verify(path, progress=progress)

        self.task.start(listing.id, work, partial(self._arrive, listing.id))

    def _arrive(self, run_id: str, verification: Verification) -> None:
        self._verdicts[run_id] = verdict(verification)
