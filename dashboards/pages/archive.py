"""Every run of the store: how it was made, whether it is whole, and the way in and out."""

import panel as pn

from dashboards.pages.arrangement import card, column, row, strip
from dashboards.pages.page import Page
from dashboards.session.session import Session
from dashboards.views.archive.bring.view import ImportView
from dashboards.views.archive.chosen.view import ChosenView
from dashboards.views.archive.runs.view import RunsView
from dashboards.views.archive.state import NAME, ArchiveState


def build(session: Session) -> pn.viewable.Viewable:
    """Runs on the left, the chosen one on the right."""
    runs = column(card(RunsView(session), 1), strip(ImportView(session)), share=60)
    return row(runs, card(ChosenView(session), 40))


PAGE = Page(NAME, "Archive", build, ArchiveState)
