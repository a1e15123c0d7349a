"""What the Time travel page shows now: which form, and which epoch of it."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import param

from dashboards.data.commands import travelling
from dashboards.data.time_travel import Travel, begun, travels
from dashboards.session.needs import IMAGES, Need
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.session.view import View

NAME = "time-travel"
TABS = ("confusion", "measures", "events")

HELD = Need(
    lambda scene: (
        scene.run is None or bool(travels(scene.run)) or begun(scene.run) or not scene.run.read_only
    ),
    "It shows a map and what the classifier decides there, epoch by epoch.\nThis archive was made without "
    "time travel.\nCompute it in the run itself, and archive that again.",
    "No time travel in this archive",
)
BEGUN = Need(
    lambda scene: scene.run is None or bool(travels(scene.run)) or begun(scene.run),
    "It shows a map and what the classifier decides there, epoch by epoch.\nThis run has none yet.\n"
    "Compute it from the epochs that the run has kept:",
    "No time travel yet",
    lambda scene: "" if scene.run is None else travelling(scene.run),
)
FIRST = Need(
    lambda scene: scene.run is not None and bool(travels(scene.run)),
    "Its first epoch is being computed and appears here.",
    "Time travel begins",
)
LANDSCAPE = (IMAGES.saying("It appears once the run has read its images."), HELD, BEGUN, FIRST)
TRAVELLED = FIRST.saying("It appears with the first landscape.")._replace(title="")


class TimeTravelState(PageState):
    """What the page remembers; all of it stands in the address."""

    tab: str = param.Selector(default=TABS[0], objects=list(TABS))  # type: ignore[assignment]
    form: str = param.String("", doc="form of time travel shown; empty: the run's first")  # type: ignore[assignment]
    epoch: int | None = param.Integer(None, allow_None=True, doc="epoch shown, from 1; None: the last")  # type: ignore[assignment]
    training: bool = param.Boolean(True, doc="whether training images are drawn")  # type: ignore[assignment]
    test: bool = param.Boolean(True, doc="whether test images are drawn")  # type: ignore[assignment]
    boundary: bool = param.Boolean(False, doc="whether boundary points are drawn")  # type: ignore[assignment]
    trust: bool = param.Boolean(False, doc="whether what is not to be believed is marked")  # type: ignore[assignment]
    trails: bool = param.Boolean(True, doc="whether the way of what is selected is drawn")  # type: ignore[assignment]
    among: str = param.String("", doc="training images that are highlighted; empty: none are")  # type: ignore[assignment]
    isolate: bool = param.Boolean(False, doc="whether what is selected is drawn alone")  # type: ignore[assignment]


class Moment(NamedTuple):
    """One epoch, from 0, of a form."""

    travel: Travel
    epoch: int


class Asked(NamedTuple):
    """What the page's state says."""

    form: str
    epoch: int | None


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

    def own(self) -> Any:
        """What the page's state says."""
        return Asked(self.state.form, self.state.epoch)

    def go(self, epoch: int) -> None:
        """Shows an epoch, from 1, in every view of the page."""
        with self.session.hold():
            self.state.epoch = epoch


def moment(scene: Scene, asked: Asked) -> Moment:
    """The form that is asked for, else the run's first, and its epoch, else its last."""
    assert scene.run is not None
    known = travels(scene.run)
    travel = known.get(asked.form) or next(iter(known.values()))
    epoch = travel.epochs if asked.epoch is None else asked.epoch
    return Moment(travel, max(1, min(travel.epochs, epoch)) - 1)
