"""Where is it wrong, and why this one? The population on the left, the image under study on the right."""

import panel as pn
import param

from dashboards.pages.arrangement import card, column, loose, over, row
from dashboards.pages.page import Page
from dashboards.pages.tabbed import Disclosure, Tab, Tabbed, open_tab
from dashboards.session import needs
from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.session.view import Of
from dashboards.views.causes_bar.view import CausesBarView
from dashboards.views.chord.view import ChordView
from dashboards.views.columns import ColumnsView
from dashboards.views.confusion import ConfusionView
from dashboards.views.explain.view import ExplainView
from dashboards.views.filters.view import FiltersView
from dashboards.views.focus.view import FocusView
from dashboards.views.grid.view import GridView
from dashboards.views.latent.view import LatentView
from dashboards.views.map.view import MapView
from dashboards.views.modes import ModesView
from dashboards.views.morph import MorphView
from dashboards.views.neighbors.view import NeighborsView
from dashboards.views.pairs import PairsView
from dashboards.views.path import PathView
from dashboards.views.review.table import LISTS
from dashboards.views.review.view import ReviewView
from dashboards.views.similar import SimilarView
from dashboards.views.sunburst.view import SunburstView

NAME = "diagnose"
TABS = (
    Tab("explain", "Explain", ExplainView),
    Tab("similar", "Similar", SimilarView),
    Tab("latent", "Latent", LatentView),
    Tab("neighbors", "Neighbors", NeighborsView),
    Tab("morph", "Morph", MorphView),
    Tab("path", "Path", PathView),
    Tab("filters", "Filters", FiltersView),
)
"""Answers about an image."""
LABELS: dict[Of, str] = {"focus": "The image under study", "pin": "The pinned image"}
READINGS = (
    Tab("matrix", "Matrix", ConfusionView),
    Tab("modes", "Kinds", ModesView),
    Tab("pairs", "Pairs", PairsView),
    Tab("sunburst", "Sunburst", SunburstView),
    Tab("chord", "Chord", ChordView),
    Tab("columns", "Columns", ColumnsView),
)
"""Readings of what the teacher takes for what."""
THERE = {
    "modes": lambda session: bool(session.population and session.population.modes),
    "columns": lambda session: bool(session.population and session.population.columns),
}


class DiagnoseState(PageState):
    """State of the page."""

    tab: str = open_tab(TABS)
    reading: str = open_tab(READINGS)
    review: str = param.Selector(default="", objects=["", *LISTS], doc="labels under review; empty: none")  # type: ignore[assignment]


def build(session: Session) -> pn.viewable.Viewable:
    """Its views fill in as the run goes."""
    state = session.pages[NAME]
    read = Tabbed(session, state, READINGS, "What is taken for what", parameter="reading", there=THERE)
    left = column(card(MapView(session), 57), row(card(read, 1), card(GridView(session), 1), share=43))
    right = row(_answers(session, "focus"))
    Disclosure(session, right, 0, lambda: _answers(session, "pin"), source=session.navigation, name="pin")
    page = loose(objects=[CausesBarView(session, state), row(left, right)])
    Disclosure(session, page, 2, lambda: over(ReviewView(session, state)), source=state, name="review")
    return page


def _answers(session: Session, of: Of) -> pn.viewable.Viewable:
    """About one image."""
    said = Tabbed(session, session.pages[NAME], TABS, LABELS[of], of=of)
    return column(card(FocusView(session, of=of), 33), card(said, 67))


PAGE = Page(NAME, "Diagnose", build, DiagnoseState, needs=(needs.RUN,), selects=True)
