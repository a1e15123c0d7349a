"""The classifier layer by layer: the river of what it has learned over the width, a layer's map below."""

from typing import Any

import panel as pn

from dashboards.pages.arrangement import card, column, row
from dashboards.pages.page import Page
from dashboards.pages.tabbed import Tab, Tabbed, open_tab
from dashboards.session import needs
from dashboards.session.session import Session
from dashboards.views.grid.view import GridView
from dashboards.views.network.layer_map.view import LayerMapView
from dashboards.views.network.maps.view import MapsView
from dashboards.views.network.maximized import MaximizedView
from dashboards.views.network.occlusion import OcclusionView
from dashboards.views.network.river.view import RiverView
from dashboards.views.network.state import NAME, NetworkState, network_state
from dashboards.views.network.unit.view import UnitView
from dashboards.views.network.units import UnitsView


def _unhelped(view: GridView) -> Any:
    """A view whose help stands on the bar of tabs."""
    view.helped_elsewhere()
    return view


READINGS = (
    Tab("units", "Units", UnitsView),
    Tab("images", "Images", lambda session: _unhelped(GridView(session))),
)
"""Readings of the selection in a layer."""
UNIT_TABS = (
    Tab("patches", "Unit", UnitView),
    Tab("occlusion", "Occlusion", OcclusionView),
    Tab("maximized", "Maximized", MaximizedView),
    Tab("maps", "Maps", MapsView),
)
"""Answers about the unit."""


class TabbedNetworkState(NetworkState):
    """State of the page, with its tabs."""

    reading: str = open_tab(READINGS)
    unit_tab: str = open_tab(UNIT_TABS)


def build(session: Session) -> pn.viewable.Viewable:
    """The river; below it where images lie in one layer and what its units make of them; and a unit."""
    state = network_state(session)
    read = Tabbed(session, state, READINGS, "The selection in a layer", parameter="reading")
    unit = Tabbed(session, state, UNIT_TABS, "The unit", parameter="unit_tab")
    left = column(card(LayerMapView(session), 50), card(unit, 50), share=32)
    return column(card(RiverView(session), 26), row(left, card(read, 68), share=74))


PAGE = Page(NAME, "Network", build, TabbedNetworkState, needs=(needs.RUN,), selects=True)
