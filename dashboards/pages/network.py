"""What has the classifier learned, layer by layer? The river over the whole width, a layer's map below."""

from typing import Any

import panel as pn

from dashboards.pages.arrangement import card, column, row
from dashboards.pages.page import Page
from dashboards.pages.tabbed import Tab, Tabbed
from dashboards.session import needs
from dashboards.session.session import Session
from dashboards.views.grid.view import GridView
from dashboards.views.network.layer_map.view import LayerMapView
from dashboards.views.network.river.view import RiverView
from dashboards.views.network.state import NAME, NetworkState
from dashboards.views.network.unit.view import UnitView
from dashboards.views.network.units.view import UnitsView


def _images(session: Session) -> Any:
    """The grid, whose help stands on the bar of tabs."""
    view = GridView(session)
    view.helped_elsewhere()
    return view


READINGS = (Tab("units", "Units", UnitsView), Tab("images", "Images", _images))
"""Readings of the selection in a layer."""


def build(session: Session) -> pn.viewable.Viewable:
    """The river; below it where images lie in one layer, what its units make of them, and one of these."""
    state = session.pages[NAME]
    assert isinstance(state, NetworkState)
    read = Tabbed(session, state, READINGS, "The selection in a layer", parameter="reading")
    left = column(card(LayerMapView(session), 50), card(UnitView(session), 50), share=32)
    return column(card(RiverView(session), 26), row(left, card(read, 68), share=74))


PAGE = Page(NAME, "Network", build, NetworkState, needs=(needs.RUN,), selects=True)
