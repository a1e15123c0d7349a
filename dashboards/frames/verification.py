"""What verifying a run found, in plain words."""

from typing import Any

from dashboards.frames import wording
from deepvid.store import RunVerification, Verification


def verdict(verification: Verification) -> dict[str, Any]:
    """The card of a verified run: title, text, whether it is whole, and lists of what is not."""
    (run,) = verification.runs
    files, commits = wording.counted(run.files, "file"), len(run.good) + len(run.bad)
    if run.ok:
        return {
            "whole": True,
            "title": f"All {files} are what was committed",
            "text": f"{wording.size(run.bytes)} read. The sha256 of every file agrees with the journal, and "
            f"each of its {wording.counted(commits, 'commit')} follows from the one before.",
        }
    return {
        "whole": False,
        "title": _title(run),
        "text": _text(run),
        "lists": [
            {"title": title, "names": list(names)}
            for title, names in (
                (f"{wording.counted(len(run.damaged), 'file')} damaged", run.damaged),
                (f"{wording.counted(len(run.missing), 'file')} missing", run.missing),
                (f"{wording.counted(len(run.extra), 'file')} that no commit lists", run.extra),
                (f"{wording.counted(len(run.bad), 'commit')} no longer whole", run.bad),
                (f"{wording.counted(len(run.good), 'commit')} still good", run.good),
            )
            if names
        ],
    }


def _title(run: RunVerification) -> str:
    found = [
        f"{wording.counted(len(names), 'file')} {kind}"
        for kind, names in (("damaged", run.damaged), ("missing", run.missing), ("too many", run.extra))
        if names
    ]
    if run.journal_error is not None:
        found.insert(0, "the journal is damaged")
    text = wording.listed(found)
    return text[:1].upper() + text[1:]


def _text(run: RunVerification) -> str:
    parts = [f"{run.journal_error.rstrip('.')}."] if run.journal_error else []
    if run.bad:
        parts.append("What is listed as good can still be used.")
    if run.damaged or run.missing or run.journal_error:
        parts.append("Restore it from a copy, or delete this run and import an archive of it.")
    elif run.extra:
        parts.append("Everything committed is whole; the next writer removes what no commit lists.")
    return " ".join(parts)
