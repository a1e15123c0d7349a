"""The chosen run beside another one."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from dashboards.session.session import Session
from dashboards.views.archive.compare.table import side_by_side
from dashboards.views.archive.state import archive_state
from dashboards.views.archive.tab import Tab, run_of
from deepvid.compare import Comparison, compare_runs
from deepvid.progress import Progress
from deepvid.store import RunListing


class CompareTab(Tab):
    """Compares as soon as both runs are known, and again when one of them has grown."""

    doing = "Comparing"

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        super().__init__(session, changed)
        self._asked: tuple[str, ...] = ()  # both ids and when they were last written
        self._found: dict[str, Any] = {}

    @property
    def actions(self) -> Mapping[str, Callable[[RunListing, Any], None]]:
        return {"other": self._choose}

    def card(self, listing: RunListing) -> dict[str, Any]:
        others = [run for run in self.session.runs if run.error is None and run.id != listing.id]
        other = next((run for run in others if run.id == archive_state(self.session).other), None)
        card = {
            "choices": [run.id for run in others],
            "first": listing.id,
            "other": other.id if other else "",
        }
        if not others:
            text = "Import an archive, or run the experiment again with other settings: deepvid run"
            return {**card, "title": "There is no other run to compare with", "text": text}
        if other is None:
            return {**card, "title": "Choose a run to compare with"}
        asked = (listing.id, other.id, listing.time, other.time)
        if asked != self._asked:
            self._compare(listing, other, asked)
        return {**card, **(self._found or {"title": "Comparing …"})}

    def fault(self, listing: RunListing) -> dict[str, str]:
        return super().fault(listing) if archive_state(self.session).other else {}

    def _choose(self, listing: RunListing, other: Any) -> None:
        archive_state(self.session).other = str(other)

    def _compare(self, listing: RunListing, other: RunListing, asked: tuple[str, ...]) -> None:
        self._asked, self._found = asked, {}

        def work(_: Progress) -> Comparison:
            return compare_runs(run_of(listing), run_of(other))

        # Later: what is drawn just now must not be drawn anew from inside.
        self.session.schedule(
            lambda: self.task.start(listing.id, work, partial(self._arrive, listing.id, other.id))
        )

    def _arrive(self, first: str, second: str, comparison: Comparison) -> None:
        self._found = side_by_side(comparison, first, second)
