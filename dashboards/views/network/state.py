"""What the Network page shows now: which layer, and what it needs of a run."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import param

from dashboards.data.commands import looking
from dashboards.data.layers import STAGE, Layers
from dashboards.session.needs import IMAGES, MODEL, NETWORK, Need, missing, stage, variable
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.session.view import View
from deepvid.tier import Tier

NAME = "network"
WHAT = "It shows what every layer has learned: what the nearest training images say there, of which image."


def _elsewhere(found: str) -> str:
    """Which tier is needed, where a run has less."""
    needed = f"{Tier.ACTIVATIONS.word} of a classifier that DeepVID has trained"
    return f"{WHAT}\n{found}\nLayers are looked into by the {needed}. Map, confusions and images need none."


HELD = Need(
    lambda scene: scene.run is None or STAGE in scene.run.stages or not scene.run.read_only,
    f"{WHAT}\nThis archive was made without it.\nLook into the run itself, and archive that again.",
    "No layers in this archive",
)
PLANNED = Need(
    lambda scene: (
        scene.run is None
        or STAGE in scene.run.stages
        or scene.run.status().state != "running"
        or not scene.run.config.get("network")
    ),
    f"{WHAT}\nThis run is to have it.\nIt appears here when the teacher is trained and was looked into.",
    "The layers come with the run",
)
LOOKED = stage(STAGE)._replace(
    text=f"{WHAT}\nThis run was not looked into yet.\nFor the demo's run it takes a minute or two:",
    title="No layers looked into yet",
    command=lambda scene: "" if scene.run is None else looking(scene.run),
)
RIVER = (
    IMAGES.saying("It appears once the run has read its images."),
    MODEL.saying(_elsewhere("Another program trained the classifier and logged its answers.")),
    NETWORK.saying(_elsewhere("This classifier was trained elsewhere, and answers for whole images.")),
    HELD,
    PLANNED,
    LOOKED,
    variable(STAGE, "probe"),
)
MAPPED = (
    Need(lambda scene: missing(RIVER, scene) is None, "It appears with the river."),
    variable(STAGE, "layout"),
)


class NetworkState(PageState):
    """What the page remembers; it stands in the address."""

    column: str = param.String("", doc="layer shown, pixels and logits too; empty: the last")  # type: ignore[assignment]

    tab: str = param.Selector(default="strip", objects=["strip", "flip", "superpixels"])  # type: ignore[assignment]
    space: str = param.Selector(default="latent", objects=["latent", "smooth", "pixel"], doc="of changes")  # type: ignore[assignment]
    target: str = param.String("", doc="class by its index, or away; empty: true class or runner-up")  # type: ignore[assignment]

    def forget(self) -> None:
        """Another run has other layers, and other classes."""
        self.param.update(column=self.param["column"].default, target=self.param["target"].default)


def network_state(session: Session) -> NetworkState:
    """The one of a session."""
    state = session.pages[NAME]
    assert isinstance(state, NetworkState)
    return state


class Chosen(NamedTuple):
    """A column, and what was asked for where there is none of that name."""

    number: int
    lacking: str = ""


class NetworkView(View):
    """A view of the page: what it shows is of one layer."""

    follows: ClassVar[Sequence[str]] = ("run", "version", "facts", "steps", "mask")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.state = network_state(session)
        self.showing.watch(self.state, ["column"], self.redraw)

    def own(self) -> str:
        """The column that is asked for."""
        return self.state.column

    def outdated(self, scene: Scene) -> bool:
        """Another layer may be asked for while one is prepared."""
        return bool(self.own() != scene.own)

    def go(self, column: str) -> None:
        """Shows a layer in every view of the page."""
        with self.session.hold():
            self.state.column = column


def chosen(found: Layers, asked: str) -> Chosen:
    """The column of that name, else the last layer: that before the logits."""
    if asked in found.names:
        return Chosen(found.names.index(asked))
    return Chosen(max(0, len(found.columns) - 2), asked)
