"""The chosen run beside another one."""

from collections.abc import Callable, Mapping
from typing import Any, NotRequired, TypedDict

from dashboards.data.agreement import Part, part_words
from dashboards.data.runs import MOST_CHOICES, run_choices
from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.views.archive.compare.table import SideBySide, side_by_side
from dashboards.views.archive.state import archive_state
from dashboards.views.archive.tab import Card, Tab, run_of
from dashboards.widgets.component import Nothing
from dashboards.widgets.work import Fault
from deepvid.compare import Agreement, Comparison, compare_runs
from deepvid.progress import Progress
from deepvid.store import RunListing


class Choices(TypedDict):
    """Which runs are compared, and could be."""

    choices: list[str]  # ids of the latest other runs that have what is sought
    more: int  # how many others there are, where these are not all
    first: str
    other: str  # empty: none is chosen yet


class CompareCard(Card, Choices):
    """Two runs; what `SideBySide` says only when they are compared."""

    agreement: NotRequired[list[Part]]
    metrics: NotRequired[list[tuple[str, list[list[str]]]]]
    settings: NotRequired[list[list[str]]]
    different: NotRequired[str]


class CompareTab(Tab):
    """Compares as soon as both runs are known, and again when one of them has grown."""

    doing = "Comparing"

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        super().__init__(session, changed)
        self._sought = ""  # in the ids of the other runs
        self._asked: tuple[str, ...] = ()  # both ids and when they were last written
        self._compared: SideBySide | None = None  # what was asked; None until it is known
        self._agreement: Agreement | None = None

    @property
    def actions(self) -> Mapping[str, Callable[[RunListing, Any], None]]:
        return {"other": self._choose, "seek": self._seek, "part": self._study}

    def card(self, listing: RunListing) -> CompareCard:
        others = [run for run in self.session.runs if run.error is None and run.id != listing.id]
        other = next((run for run in others if run.id == archive_state(self.session).other), None)
        choices = run_choices(others, other.id if other else "", self._sought)
        runs: Choices = {
            "choices": [run_id for run_id, _ in choices],
            "more": len(others) if len(others) > MOST_CHOICES else 0,
            "first": listing.id,
            "other": other.id if other else "",
        }
        if not others:
            text = (
                "Import an archive, or run the experiment again with other settings: "
                "deepvid run EXPERIMENT.toml --set seed=1"
            )
            return {**runs, "title": "There is no other run to compare with", "text": text}
        if other is None:
            return {**runs, "title": "Choose a run to compare with"}
        asked = (listing.id, other.id, listing.time, other.time)
        if asked != self._asked:
            self._compare(listing, other, asked)
        if self._compared is None:
            return {**runs, "title": "Comparing …"}
        return {**runs, **self._compared}

    def fault(self, listing: RunListing) -> Fault | Nothing:
        return super().fault(listing) if archive_state(self.session).other else {}

    def _choose(self, listing: RunListing, other: Any) -> None:
        archive_state(self.session).other = str(other)

    def _seek(self, listing: RunListing, text: Any) -> None:
        self._sought = str(text).strip()
        self.changed()

    def _study(self, listing: RunListing, part: Any) -> None:
        """Opens the first run with the images of one part selected."""
        if self._agreement is None or part not in Agreement._fields or listing.id != self._asked[0]:
            return
        samples = getattr(self._agreement, part).tolist()
        self.session.study(listing.id)
        words = part_words(part, "this run", self._asked[1])
        self.session.select(Step(Mode.REPLACE, Samples(tuple(samples), words)))

    def _compare(self, listing: RunListing, other: RunListing, asked: tuple[str, ...]) -> None:
        self._asked, self._compared, self._agreement = asked, None, None

        def work(_: Progress) -> Comparison:
            return compare_runs(run_of(listing), run_of(other))

        # Later: what is drawn just now must not be drawn anew from inside.
        self.session.schedule(lambda: self.task.start(listing.id, work, self._arrive))

    def _arrive(self, comparison: Comparison) -> None:
        self._compared, self._agreement = side_by_side(comparison), comparison.agreement
