"""What verifying a run found, in plain words."""

from typing import TypedDict

from deepvid import wording
from deepvid.store import RunVerification, Verification


class NameList(TypedDict):
    """Files or commits of one kind."""

    title: str
    names: list[str]


class Verdict(TypedDict):
    """Whether a run is whole, and what of it is not."""

    whole: bool
    title: str
    text: str
    lists: list[NameList]  # none of them empty


def verdict(verification: Verification) -> Verdict:
    """What is said of the one run that was verified."""
    run = verification.runs[0]  # what lies in its folder beside it comes behind it
    return {
        "whole": run.ok,
        "title": f"All {wording.quantity(run.files, 'file')} are what was committed"
        if run.ok
        else _title(run),
        "text": _whole(run) if run.ok else _broken(run),
        "lists": [
            {"title": title, "names": list(names)}
            for title, names in (
                (f"{wording.quantity(len(run.damaged), 'file')} damaged", run.damaged),
                (f"{wording.quantity(len(run.missing), 'file')} missing", run.missing),
                (f"{wording.quantity(len(run.unfit), 'file')} of another form", run.unfit),
                (f"{wording.quantity(len(run.unread), 'file')} that cannot be read", run.unread),
                (f"{wording.quantity(len(run.extra), 'file')} that no commit lists", run.extra),
                (f"{wording.quantity(len(run.bad), 'commit')} no longer whole", run.bad),
                (f"{wording.quantity(len(run.good), 'commit')} still good", () if run.ok else run.good),
            )
            if names
        ],
    }


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
    text = wording.enumeration(faults)
    return text[:1].upper() + text[1:]


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
