"""Whether the chosen run still has the bytes that were committed."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from dashboards.data.writable import local
from dashboards.kit.elements import Box, Button, text
from dashboards.session.session import Session
from dashboards.views.archive.tab import Sheet, Tab
from deepvid import wording
from deepvid.progress import Progress
from deepvid.store import RunListing, RunVerification, Verification, verify
from deepvid.wording import command

LONG = 12  # names of a list that is seen before it folds


class VerifyTab(Tab):
    """Reads every file of the run and compares its sha256 with the journal's."""

    doing = "Verifying"

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        super().__init__(session, changed)
        self._verdicts: dict[str, Verdict] = {}  # by the run's id

    @property
    def actions(self) -> Mapping[str, Callable[[RunListing, Any], None]]:
        return {"verify": self._verify}

    def sheet(self, listing: RunListing) -> Sheet:
        if local(listing) is None:
            file = PurePosixPath(str(listing.path)).name
            return Sheet(
                "What lies behind an address cannot be verified from here",
                "Every byte would have to come over the network. Download the archive and verify it: "
                + command("verify", file),
            )
        size = wording.size(listing.summary.get("bytes", 0))
        if (known := self._verdicts.get(listing.id)) is not None:
            lists = map(_listed, known.lists)
            return Sheet(known.title, known.text, (self._button("Verify again"), *lists), known.whole)
        return Sheet(
            "Not verified in this session",
            "Every file of the run is read and its sha256 compared with what was committed. "
            f"That is {size}, a second for every few hundred MB. Nothing is changed.",
            (self._button(f"Verify {size}" if listing.summary else "Verify"),),
        )

    def _button(self, words: str) -> Box:
        return text(Button((words,), "verify", disabled=self.task.busy, look="action"), tag="p")

    def _verify(self, listing: RunListing, _: Any) -> None:
        if (path := local(listing)) is None:
            return
        self._verdicts.pop(listing.id, None)

        def work(progress: Progress) -> Verification:
            return verify(path, progress=progress)

        self.task.start(listing.id, work, partial(self._arrive, listing.id))

    def _arrive(self, run_id: str, verification: Verification) -> None:
        self._verdicts[run_id] = verdict(verification)


class NameList(NamedTuple):
    """Files or commits of one kind."""

    title: str
    names: tuple[str, ...]


class Verdict(NamedTuple):
    """Whether a run is whole, and what of it is not."""

    whole: bool
    title: str
    text: str
    lists: list[NameList]  # none of them empty


def _listed(found: NameList) -> Box:
    names = Box(tuple(text(name, tag="li") for name in found.names), "ul")
    if len(found.names) <= LONG:
        return Box((text(found.title, tag="h3"), names), "section")
    return Box((text(found.title, tag="summary"), names), "details")


def verdict(verification: Verification) -> Verdict:
    """The verdict on the one run that was verified."""
    run = verification.runs[0]  # what lies in its folder beside it comes behind it
    lists = (
        NameList(f"{wording.quantity(len(names), noun)} {kind}", names)
        for noun, kind, names in (
            ("file", "damaged", run.damaged),
            ("file", "missing", run.missing),
            ("file", "of another form", run.unfit),
            ("file", "that cannot be read", run.unread),
            ("file", "that no commit lists", run.extra),
            ("commit", "no longer whole", run.bad),
            ("commit", "still good", () if run.ok else run.good),
        )
        if names
    )
    if run.ok:
        title = f"All {wording.quantity(run.files, 'file')} are what was committed"
        return Verdict(True, title, _whole(run), list(lists))
    return Verdict(False, _title(run), _broken(run), list(lists))


def _title(run: RunVerification) -> str:
    faults = [
        f"{wording.quantity(len(names), 'file')} {kind}"
        for kind, names in (
            ("damaged", run.damaged),
            ("missing", run.missing),
            ("of another form", run.unfit),
            ("unread", run.unread),
            ("too many", run.extra),
        )
        if names
    ]
    if run.journal_error is not None:
        faults.insert(0, "the journal is damaged")
    return wording.sentence_case(wording.enumeration(faults))


def _whole(run: RunVerification) -> str:
    text = (
        f"{wording.size(run.bytes)} read. The sha256 of every file agrees with the journal, and each of "
        f"its {wording.quantity(len(run.good), 'commit')} follows from the one before."
    )
    return (
        f"{text} What no commit lists counts for nothing; the next writer removes it." if run.extra else text
    )


def _broken(run: RunVerification) -> str:
    sentences = [f"{run.journal_error.rstrip('.')}."] if run.journal_error else []
    if run.bad and run.good:
        sentences.append("What is listed as good can still be used.")
    return " ".join([*sentences, "Restore it from a copy, or delete this run and import an archive of it."])
