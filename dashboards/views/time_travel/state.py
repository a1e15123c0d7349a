"""What the Time travel page shows now: which form, and which epoch of it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
import param

from dashboards.data.commands import time_travel_command
from dashboards.data.runs import reader, runs_beside
from dashboards.data.time_travel import PREFIX, Travel, begun, travels
from dashboards.data.turning import turned
from dashboards.session.needs import IMAGES, Need, of_run
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.session.view import View
from deepvid.errors import DataError
from deepvid.store import Address, RunListing

NAME = "time-travel"
EPOCH = "epoch"
"""In the place of a run's id: another epoch of the run that is open."""

HELD = Need(
    lambda scene: (
        scene.run is None or bool(travels(scene.run)) or begun(scene.run) or not scene.run.read_only
    ),
    "It shows a map and what the classifier decides there, epoch by epoch.\nThis archive was made without "
    "time travel.\nCompute it in the run itself, and archive that again.",
    "No time travel in this archive",
)
PLANNED = Need(
    lambda scene: (
        scene.run is None
        or begun(scene.run)
        or scene.run.status().state != "running"
        or not scene.run.config.get("time_travel")
    ),
    "It shows a map and what the classifier decides there, epoch by epoch.\nThis run is to have one.\n"
    "It appears here epoch by epoch, during the training where a core is free, and else after it.",
    "Time travel comes with the run",
)
BEGUN = Need(
    lambda scene: scene.run is None or bool(travels(scene.run)) or begun(scene.run),
    "It shows a map and what the classifier decides there, epoch by epoch.\nThis run has none yet.\n"
    "Compute it from the epochs that the run has kept:",
    "No time travel yet",
    of_run(time_travel_command),
)
FIRST = Need(
    lambda scene: scene.run is not None and bool(travels(scene.run)),
    "Its first epoch is being computed and appears here.",
    "Time travel begins",
)
LANDSCAPE = (IMAGES.saying("It appears once the run has read its images."), HELD, PLANNED, BEGUN, FIRST)
TRAVELLED = FIRST.saying("It appears with the first landscape.")._replace(title="")


class TimeTravelState(PageState):
    """What the page remembers beside its open tab; all of it stands in the address."""

    form: str = param.String("", doc="form of time travel shown; empty: the run's first")  # type: ignore[assignment]
    epoch: int | None = param.Integer(None, allow_None=True, doc="epoch shown, from 1; None: the last")  # type: ignore[assignment]
    beside: str = param.String("", doc="run whose map stands beside it, or `epoch`; empty: none")  # type: ignore[assignment]
    beside_epoch: int | None = param.Integer(  # type: ignore[assignment]
        None, allow_None=True, doc="epoch shown there; None: of another run the same, of this one the first"
    )
    training: bool = param.Boolean(True, doc="whether training images are drawn")  # type: ignore[assignment]
    test: bool = param.Boolean(True, doc="whether test images are drawn")  # type: ignore[assignment]
    boundary: bool = param.Boolean(False, doc="whether boundary points are drawn")  # type: ignore[assignment]
    trust: bool = param.Boolean(False, doc="whether what is not to be believed is marked")  # type: ignore[assignment]
    trails: bool = param.Boolean(True, doc="whether the way of what is selected is drawn")  # type: ignore[assignment]
    neighbors: bool = param.Boolean(False, doc="whether what is near the image under study is drawn")  # type: ignore[assignment]
    among: str = param.String("", doc="training images that are highlighted; empty: none are")  # type: ignore[assignment]
    isolate: bool = param.Boolean(False, doc="whether what is selected is drawn alone")  # type: ignore[assignment]

    def left(self, run_id: str, opened: str) -> None:
        """It stands beside nothing any more."""
        if run_id == self.beside:
            self.param.update(beside="", beside_epoch=None)

    def forget(self) -> None:
        """Another run has other forms and other epochs of them, and is compared with others."""
        self.param.update(
            {name: self.param[name].default for name in ("form", "epoch", "among", "beside", "beside_epoch")}
        )


class Moment(NamedTuple):
    """One epoch, from 0, of a form."""

    travel: Travel
    epoch: int

    @property
    def name(self) -> str:
        """In a sentence."""
        return f"epoch {self.epoch + 1}"


class Asked(NamedTuple):
    """What the page's state says."""

    form: str
    epoch: int | None
    beside: str
    beside_epoch: int | None
    among: str
    runs: Mapping[str, Address]  # that could stand beside, by id


class Beside(NamedTuple):
    """What stands beside the moment shown, by samples of the run that is open."""

    moment: Moment
    run: str  # id
    asked: int | None  # epoch
    explained: float | None  # how well another run's map is turned onto this one's; None: it is this one's
    follows: bool  # whether it goes where the moment shown goes


class TravelView(View):
    """A view of the page: what it prepares is of one moment."""

    needs: ClassVar[Sequence[Need]] = (TRAVELLED,)
    follows: ClassVar[Sequence[str]] = ("run", "version", "facts")
    watched: ClassVar[Sequence[str]] = ("form", "epoch")  # of the state

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        state = session.pages[NAME]
        assert isinstance(state, TimeTravelState)
        self.state = state
        self.showing.watch(state, list(self.watched), self.redraw)

    def local_state(self) -> Any:
        """What the page's state says."""
        return self.asked

    def is_stale(self, scene: Scene) -> bool:
        """Another epoch may be asked for while one is prepared."""
        return bool(self.local_state() != scene.own)

    @property
    def asked(self) -> Asked:
        """What the page's state says, and of which runs."""
        state, run = self.state, self.session.run
        other = "" if state.beside == EPOCH else state.beside
        runs = {} if run is None else runs_beside(self.session.runs, run.id, _travels, other)
        return Asked(state.form, state.epoch, state.beside, state.beside_epoch, state.among, runs)

    def go(self, epoch: int) -> None:
        """Shows an epoch, from 1, in every view of the page."""
        with self.session.hold():
            self.state.epoch = epoch


def moment(scene: Scene, asked: Asked) -> Moment:
    """The form that is asked for, else the run's first, and its epoch, else its last."""
    assert scene.run is not None
    known = travels(scene.run)
    travel = known.get(asked.form) or next(iter(known.values()))
    return _at(travel, asked.epoch)


def beside(scene: Scene, asked: Asked) -> Beside | None:
    """What stands beside it; None where nothing does. Raises DataError where that cannot be compared."""
    shown, run = moment(scene, asked), scene.run
    assert run is not None
    if not asked.beside:
        return None
    if asked.beside == EPOCH:
        epoch = 1 if asked.beside_epoch is None else asked.beside_epoch
        return Beside(_at(shown.travel, epoch), run.id, epoch, None, follows=False)
    if asked.beside not in asked.runs:
        raise DataError(
            "The run beside it is in this store and has time travel",
            asked.beside,
            "Choose another run",
        )
    other = turned(shown.travel, run, reader(asked.runs[asked.beside]))
    epoch = shown.epoch + 1 if asked.beside_epoch is None else asked.beside_epoch
    return Beside(
        _at(other.travel, epoch),
        asked.beside,
        asked.beside_epoch,
        other.explained,
        asked.beside_epoch is None,
    )


def frame(shown: Moment, other: Beside | None) -> np.ndarray:
    """f64 (2, 2): corners of the plane that both are seen in, so that a place is in the same place."""
    frames = [shown.travel.frame] if other is None else [shown.travel.frame, other.moment.travel.frame]
    low, high = np.stack(frames, axis=1)
    return np.array([low.min(axis=0), high.max(axis=0)])


def _at(travel: Travel, epoch: int | None) -> Moment:
    wanted = travel.epochs if epoch is None else epoch
    return Moment(travel, max(1, min(travel.epochs, wanted)) - 1)


def _travels(listing: RunListing) -> bool:
    epochs = listing.summary.get("epochs", {})
    return any(done and name.startswith(PREFIX) for name, done in epochs.items())
