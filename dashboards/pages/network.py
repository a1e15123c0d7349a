"""What has the classifier learned, layer by layer? The river over the whole width, a layer's map below."""

import panel as pn

from dashboards.pages.arrangement import card, column, row
from dashboards.pages.page import Page
from dashboards.session import needs
from dashboards.session.session import Session
from dashboards.views.grid.view import GridView
from dashboards.views.network.layer_map.view import LayerMapView
from dashboards.views.network.river.view import RiverView
from dashboards.views.network.state import NAME, NetworkState


def build(session: Session) -> pn.viewable.Viewable:
    """The river, and below it where the images lie in one layer, and the images themselves."""
    below = row(card(LayerMapView(session), 1), card(GridView(session), 1), share=54)
    return column(card(RiverView(session), 46), below)


PAGE = Page(NAME, "Network", build, NetworkState, needs=(needs.RUN,), selects=True)
