"""Deleting the chosen run, after saying what is lost."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from dashboards.data.runs import forget
from dashboards.data.writable import run_refusal
from dashboards.serving.log import record
from dashboards.views.archive.delete.table import loss
from dashboards.views.archive.tab import Card, Tab
from deepvid import wording
from deepvid.progress import Progress
from deepvid.store import RunListing, remove_run


class DeleteCard(Card):
    """What deleting a run would do."""

    lost: list[list[str]]  # [name, value]
    refused: str  # why it cannot be deleted; empty where it can


class DeleteTab(Tab):
    """Asks twice in the browser; whether it may is asked again here."""

    doing = "Deleting"

    @property
    def actions(self) -> Mapping[str, Callable[[RunListing, Any], None]]:
        return {"delete": self._delete}

    def card(self, listing: RunListing) -> DeleteCard:
        size = wording.size(listing.summary.get("bytes", 0))
        return {
            "title": f"Deleting this run frees {size} and cannot be undone",
            "lost": loss(listing),
            "refused": run_refusal(self.session.store, listing),
        }

    def _delete(self, listing: RunListing, _: Any) -> None:
        if run_refusal(self.session.store, listing):
            return  # it began to run since the page was drawn
        self.task.start(listing.id, partial(_remove, listing, self.session.origin), self._gone)

    def _gone(self, listing: RunListing) -> None:
        forget(listing.path)
        with self.session.hold():
            self.session.opening.leave(listing.id)


def _remove(listing: RunListing, origin: str, _: Progress) -> RunListing:
    remove_run(Path(listing.path))
    record(f"{listing.id} was deleted", origin)
    return listing
