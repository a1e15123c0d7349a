"""Where is it wrong, and why this one? The population on the left, the image under study on the right."""

import panel as pn

from dashboards.pages.arrangement import card, column, row
from dashboards.pages.page import Page
from dashboards.pages.pairing import Of, Paired
from dashboards.session import needs
from dashboards.session.session import Session
from dashboards.views.confusion.view import ConfusionView
from dashboards.views.explain.view import ExplainView
from dashboards.views.focus.view import FocusView
from dashboards.views.grid.view import GridView
from dashboards.views.map.view import MapView


def build(session: Session) -> pn.viewable.Viewable:
    """Its views fill in as the run goes."""
    left = column(
        card(MapView(session), 57),
        row(card(ConfusionView(session), 1), card(GridView(session), 1), share=43),
    )
    return row(left, Paired(session, _answers))


def _answers(session: Session, of: Of) -> pn.viewable.Viewable:
    """About one image."""
    return column(card(FocusView(session, of=of), 33), card(ExplainView(session, of=of), 67))


PAGE = Page("diagnose", "Diagnose", build, needs=(needs.RUN,))
