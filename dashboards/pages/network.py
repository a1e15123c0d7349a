"""What has the classifier learned, layer by layer? The river over the whole width, a layer's map below."""

import panel as pn

from dashboards.pages.arrangement import card, column, row
from dashboards.pages.page import Page
from dashboards.pages.tabbed import Tab, Tabbed
from dashboards.session import needs
from dashboards.session.session import Session
from dashboards.views.grid.view import GridView
from dashboards.views.network.flip.view import FlipView
from dashboards.views.network.layer_map.view import LayerMapView
from dashboards.views.network.river.view import RiverView
from dashboards.views.network.state import NAME, NetworkState, network_state
from dashboards.views.network.strip.view import StripView
from dashboards.views.network.superpixels.view import SuperpixelsView

ABOUT = (
    Tab("strip", "What would change its mind", StripView),
    Tab("flip", "Distance to flip", FlipView),
    Tab("superpixels", "Superpixels", SuperpixelsView),
)
"""What is said of the images; the first is open where an address names none."""


def build(session: Session) -> pn.viewable.Viewable:
    """The river, and below it where the images lie in one layer, and the images themselves."""
    state = network_state(session)
    below = row(card(LayerMapView(session), 32), card(GridView(session), 68), share=37)
    about = Tabbed(session, state, ABOUT, "What would change its mind")
    return column(card(RiverView(session), 26), column(below, card(about, 37), share=74))


PAGE = Page(NAME, "Network", build, NetworkState, needs=(needs.RUN,), selects=True)
