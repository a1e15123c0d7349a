"""How did the classifier come to think this way? Its epochs on the left, one of them on the right."""

import panel as pn

from dashboards.pages.arrangement import card, column, half, row
from dashboards.pages.page import Page
from dashboards.pages.tabbed import Disclosure, Tab, Tabbed, open_tab
from dashboards.session import needs
from dashboards.session.session import Session
from dashboards.views.time_travel.confusion import EpochConfusionView
from dashboards.views.time_travel.differences import DifferencesView
from dashboards.views.time_travel.epoch.view import EpochView
from dashboards.views.time_travel.events import EventsView
from dashboards.views.time_travel.landscape.view import BesideView, LandscapeView
from dashboards.views.time_travel.measures import MeasuresView
from dashboards.views.time_travel.state import NAME, TimeTravelState

TABS = (
    Tab("confusion", "Confusion", EpochConfusionView),
    Tab("measures", "Measures", MeasuresView),
    Tab("events", "Events", EventsView),
    Tab("differences", "Differences", DifferencesView),
)
"""Answers about an epoch."""


class TabbedTimeTravelState(TimeTravelState):
    """State of the page, with its tabs."""

    tab: str = open_tab(TABS)


def build(session: Session) -> pn.viewable.Viewable:
    """Its views fill in as the run goes."""
    state = session.pages[NAME]
    said = Tabbed(session, state, TABS, "The epoch shown")
    right = column(card(EpochView(session), 42), card(said, 58), share=36)
    landscape = LandscapeView(session)
    Disclosure(session, landscape.maps, 1, lambda: half(BesideView(session)), source=state, name="beside")
    return row(card(landscape, 64), right)


PAGE = Page(NAME, "Time travel", build, TabbedTimeTravelState, needs=(needs.RUN,), selects=True)
