"""What the Training page shows now: along which axis, and beside which other run."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import param

from dashboards.data.runs import reader, runs_beside
from dashboards.data.training import EPOCH, course
from dashboards.session.needs import Need
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.session.view import View
from dashboards.views.training.table import UNITS, Other
from deepvid.store import Address, RunListing
from deepvid.stored_training import SERIES, trained_series

NAME = "training"

TRAINED = Need(
    lambda scene: scene.run is None or scene.run.teacher_source == "trained",
    "This classifier came trained: nothing tells how it learned. Log a training of your own with "
    "deepvid.log_run, or train one here.",
    "No training to watch",
)
EPOCHS = Need(
    lambda scene: scene.run is not None and trained_series(scene.run) is not None,
    "It appears after the first epoch.",
    "The training begins",
)


class TrainingState(PageState):
    """What the page remembers beside its open tab; all of it stands in the address."""

    axis: str = param.Selector(default=EPOCH, objects=list(UNITS), doc="unit of the curves' axis")  # type: ignore[assignment]
    ratios: bool = param.Boolean(False, doc="whether equal ratios of losses are equally far apart")  # type: ignore[assignment]
    beside: str = param.String("", doc="run on the same axes; empty: none")  # type: ignore[assignment]
    pattern: str = param.String("", doc="of the names of numbers that are listed; empty: all")  # type: ignore[assignment]

    def left(self, run_id: str, opened: str) -> None:
        """It stands beside nothing any more."""
        if run_id == self.beside:
            self.beside = ""

    def forget(self) -> None:
        """Another run is compared with others."""
        self.beside = ""


class CurveAxes(NamedTuple):
    """What the page's state says, and which runs could stand beside, by id."""

    axis: str
    ratios: bool
    beside: str
    pattern: str
    runs: Mapping[str, Address]


class TrainingView(View):
    """A view of the page: it follows the page's state."""

    needs: ClassVar[Sequence[Need]] = (TRAINED, EPOCHS)
    follows: ClassVar[Sequence[str]] = ("run", "version", "facts", "steps", "mask")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        state = session.pages[NAME]
        assert isinstance(state, TrainingState)
        self.state = state
        self.showing.watch(state, ["axis", "ratios", "beside", "pattern"], self.redraw)

    def local_state(self) -> Any:
        """What the page's state says."""
        state, run = self.state, self.session.run
        runs = {} if run is None else runs_beside(self.session.runs, run.id, _has_epochs, state.beside)
        return CurveAxes(state.axis, state.ratios, state.beside, state.pattern, runs)

    def update(self, **values: Any) -> None:
        """Changes what the page's state says."""
        with self.session.hold():
            self.state.param.update(**values)

    def is_stale(self, scene: Scene) -> bool:
        """Something else may be asked for while it is prepared."""
        return bool(self.local_state() != scene.own)


def beside(axes: CurveAxes) -> Other | None:
    """The run beside; None where there is none, or it has no epochs any more."""
    address = axes.runs.get(axes.beside)
    run = None if address is None else reader(address)
    if run is None or trained_series(run) is None:
        return None
    return Other(run, course(run))


def _has_epochs(listing: RunListing) -> bool:
    return bool(listing.summary.get("epochs", {}).get(SERIES))
