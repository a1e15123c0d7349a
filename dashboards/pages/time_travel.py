"""How did the classifier come to think this way? Its epochs on the left, one of them on the right."""

import panel as pn

from dashboards.pages.arrangement import card, column, row
from dashboards.pages.page import Page
from dashboards.pages.tabbed import Tab, Tabbed
from dashboards.session import needs
from dashboards.session.session import Session
from dashboards.views.time_travel.confusion.view import EpochConfusionView
from dashboards.views.time_travel.epoch.view import EpochView
from dashboards.views.time_travel.events.view import EventsView
from dashboards.views.time_travel.landscape.view import LandscapeView
from dashboards.views.time_travel.measures.view import MeasuresView
from dashboards.views.time_travel.state import NAME, TimeTravelState

TABS = (
    Tab("confusion", "Confusion", EpochConfusionView),
    Tab("measures", "Measures", MeasuresView),
    Tab("events", "Events", EventsView),
)
"""What is said of an epoch; the first is open where an address names none."""


def build(session: Session) -> pn.viewable.Viewable:
    """Its views fill in as the run goes."""
    said = Tabbed(session, session.pages[NAME], TABS, "The epoch shown")
    right = column(card(EpochView(session), 42), card(said, 58), share=36)
    return row(card(LandscapeView(session), 64), right)


PAGE = Page(NAME, "Time travel", build, TimeTravelState, needs=(needs.RUN,), selects=True)
