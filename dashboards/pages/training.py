"""How did the classifier learn? Alarms, its curves on the left, and what they are made of on the right."""

import panel as pn

from dashboards.pages.arrangement import card, column, loose, row
from dashboards.pages.page import Page
from dashboards.pages.tabbed import Tab, Tabbed, open_tab
from dashboards.session import needs
from dashboards.session.session import Session
from dashboards.views.grid.view import GridView
from dashboards.views.training.alarms import AlarmsView
from dashboards.views.training.classes import ClassesView
from dashboards.views.training.control import ControlView
from dashboards.views.training.curves import CurvesView
from dashboards.views.training.forks import ForksView
from dashboards.views.training.layers import LayersView
from dashboards.views.training.numbers import NumbersView
from dashboards.views.training.state import NAME, TrainingState

TABS = (
    Tab("classes", "Classes", ClassesView),
    Tab("layers", "Layers", LayersView),
    Tab("numbers", "Numbers", NumbersView),
    Tab("forks", "Forks", ForksView),
)
"""Readings of the epochs."""


class TabbedTrainingState(TrainingState):
    """State of the page, with its tabs."""

    tab: str = open_tab(TABS)


def build(session: Session) -> pn.viewable.Viewable:
    """The curves fill in as the training goes; the images below are those of the selection."""
    read = Tabbed(session, session.pages[NAME], TABS, "The training")
    right = column(card(read, 56), card(GridView(session), 44), share=46)
    return loose(
        objects=[ControlView(session), AlarmsView(session), row(card(CurvesView(session), 54), right)]
    )


PAGE = Page(NAME, "Training", build, TabbedTrainingState, needs=(needs.RUN,), selects=True)
