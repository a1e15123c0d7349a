"""What the Network page shows now: which layer, and what it needs of a run."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import param

from dashboards.data.layers import Layers
from dashboards.session.scene import Scene
from dashboards.session.selection import Steps
from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.session.view import View
from dashboards.views.network.comparing import Own

NAME = "network"
ORDERS = ["difference", "alike", "index"]
"""Of the units of a layer."""


class NetworkState(PageState):
    """What the page remembers beside its open tabs; it stands in the address."""

    column: str = param.String("", doc="layer shown, pixels and logits too; empty: the last")  # type: ignore[assignment]
    unit: int | None = param.Integer(  # type: ignore[assignment]
        None, allow_None=True, doc="unit of it shown in full; None: the one that differs most"
    )
    grouped: bool = param.Boolean(False, doc="groups of units are shown instead of units")  # type: ignore[assignment]
    unit_group: int | None = param.Integer(  # type: ignore[assignment]
        None, allow_None=True, doc="group shown in full; None: the one that differs most"
    )
    compare: str = param.String(  # type: ignore[assignment]
        "", doc="what the selection is held against; empty: recognized images of its commonest class"
    )
    order: str = param.Selector(default=ORDERS[0], objects=ORDERS, doc="of the units")  # type: ignore[assignment]
    patches: str = param.String(  # type: ignore[assignment]
        "", doc="of which images the strongest of a unit are shown; empty: of the selection, or of all"
    )

    mapped: str = param.String("", doc="samples whose maps are kept side by side, 10021,10035; empty: none")  # type: ignore[assignment]
    map_scale: str = param.Selector(default="channel", objects=["channel", "all"], doc="of the maps' colors")  # type: ignore[assignment]

    def forget(self) -> None:
        """Another run has other layers, and other classes."""
        of_a_run = ("column", "unit", "unit_group", "compare", "patches", "mapped")
        self.param.update({name: self.param[name].default for name in of_a_run})


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

    def __init__(self, session: Session, **of: Any) -> None:
        super().__init__(session, **of)
        self.state = network_state(session)
        self.showing.watch(self.state, ["column"], self.redraw)

    def local_state(self) -> str:
        """The column that is asked for."""
        return self.state.column

    def is_stale(self, scene: Scene) -> bool:
        """Another layer may be asked for while one is prepared."""
        return bool(self.local_state() != scene.own)

    def asked(self, named: tuple[tuple[str, Steps], ...]) -> Own:
        """All of it; `named` are the selections that have a name."""
        state = self.state
        own = Own(state.column, state.unit, state.compare, state.order, state.patches, named)
        return own._replace(grouped=state.grouped, group=state.unit_group)

    def open_unit(self, unit: int, layer: str | None = None) -> None:
        """Shows a unit in every view of the page: of the layer whose units are shown, or of another one."""
        with self.session.hold():
            self.state.param.update(unit=unit, grouped=False, **({} if layer is None else {"column": layer}))

    def open_group(self, group: int) -> None:
        """The same of a group of units of the layer whose groups are shown."""
        with self.session.hold():
            self.state.param.update(unit_group=group, grouped=True)

    def go(self, column: str) -> None:
        """Shows a layer in every view of the page; a unit of another one means nothing there."""
        with self.session.hold():
            self.state.param.update(column=column, unit=None, unit_group=None)


def chosen(found: Layers, asked: str) -> Chosen:
    """The column of that name, else the last layer: that before the logits."""
    if asked in found.names:
        return Chosen(found.names.index(asked))
    return Chosen(max(0, len(found.columns) - 2), asked)
