"""What has the classifier learned, layer by layer? The river over the whole width, a layer's map below."""

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
from dashboards.views.network.training.view import TrainingView
from dashboards.views.network.what_if.view import WhatIfView

ABOUT = (
    Tab("training", "Training images", TrainingView),
    Tab("whatif", "What if", WhatIfView),
)
"""What is said of the selection and the image under study."""


def build(session: Session) -> pn.viewable.Viewable:
    """The river, below it where the images lie in one layer beside the images, and what is said of them."""
    state = session.pages[NAME]
    assert isinstance(state, NetworkState)
    about = Tabbed(session, state, ABOUT, "What is said of them")
    below = row(card(LayerMapView(session), 32), card(GridView(session), 68), share=37)
    return column(card(RiverView(session), 26), column(below, card(about, 37), share=74))


PAGE = Page(NAME, "Network", build, NetworkState, needs=(needs.RUN,), selects=True)
