"""Deleting the chosen run, after saying what is lost."""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from dashboards.data.runs import forget
from dashboards.data.writable import run_refusal
from dashboards.kit.elements import Box, Button, text
from dashboards.kit.forms import Confirm
from dashboards.serving.log import record
from dashboards.views.archive.tab import Sheet, Tab
from deepvid import wording
from deepvid.progress import Progress
from deepvid.store import RunListing, remove_run


class DeleteTab(Tab):
    """Asks twice in the browser; whether it may is asked again here."""

    doing = "Deleting"

    @property
    def actions(self) -> Mapping[str, Callable[[RunListing, Any], None]]:
        return {"delete": self._delete}

    def sheet(self, listing: RunListing) -> Sheet:
        size = wording.size(listing.summary.get("bytes", 0))
        refused = run_refusal(self.session.store, listing)
        question = (
            text("Delete it for good?", tag="b"),
            text("Download an archive first if anybody may ask for it again.", tag="p"),
            Button(("Download first",), "tab", "download", look="action"),
            Button(("Delete for good",), "delete", listing.id, look="action danger"),
        )
        rows = ((text(name, tag="dt"), text(value, tag="dd")) for name, value in loss(listing))
        return Sheet(
            f"Deleting this run frees {size} and cannot be undone",
            children=(
                Box(tuple(chain.from_iterable(rows)), "dl"),
                text(refused, tag="p", look="warning") if refused else None,
                Confirm(
                    question,
                    "Delete this run …",
                    "Keep it",
                    about=listing.id,
                    disabled=bool(refused) or self.task.busy,
                    label="Delete this run",
                    look="action danger",
                ),
            ),
        )

    def _delete(self, listing: RunListing, run_id: str) -> None:
        if listing.id != run_id or run_refusal(self.session.store, listing):
            return  # another one is chosen, or it began to run since the page was drawn
        self.task.start(listing.id, partial(_remove, listing, self.session.origin), self._gone)

    def _gone(self, listing: RunListing) -> None:
        forget(listing.path)
        with self.session.hold():
            self.session.opening.leave(listing.id)


def loss(run: RunListing) -> list[list[str]]:
    """[name, value] rows: what will be gone."""
    summary = run.summary
    if run.error is not None:
        return [["run", run.id], ["contents", "not readable: its journal is damaged"]]
    stages = list(summary.get("stages", {}))
    students = summary.get("metrics", {}).get("students")
    rows = [
        ["run", run.id],
        ["made", wording.moment(summary.get("created", ""))],
        ["last written", wording.moment(run.time)],
        ["size", wording.size(summary.get("bytes", 0))],
        ["stages", wording.enumeration(stages) or "none yet"],
        ["students", f"{students:,}" if students else ""],
        ["computing", _seconds(summary)],
        ["an archive", "Whether one exists is not known here; a downloaded one stays where it is."],
    ]
    return [row for row in rows if row[1]]


def _seconds(summary: Mapping[str, Any]) -> str:
    seconds = sum(stage.get("seconds", 0.0) for stage in summary.get("stages", {}).values())
    return f"{wording.duration(seconds)} of work, to be done again" if seconds else ""


def _remove(listing: RunListing, origin: str, _: Progress) -> RunListing:
    remove_run(Path(listing.path))
    record(f"{listing.id} was deleted", origin)
    return listing
