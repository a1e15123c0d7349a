"""Every run of the store: how it was made, whether it is whole, and the way in and out."""

import panel as pn

from dashboards.pages.arrangement import card, column, row, strip
from dashboards.pages.page import Page
from dashboards.pages.tabbed import Tab, open_tab
from dashboards.session.session import Session
from dashboards.views.archive.chosen import ChosenView
from dashboards.views.archive.compare import CompareTab
from dashboards.views.archive.delete import DeleteTab
from dashboards.views.archive.download import DownloadTab
from dashboards.views.archive.importing import ImportView
from dashboards.views.archive.provenance import ProvenanceTab
from dashboards.views.archive.runs import RunsView
from dashboards.views.archive.state import NAME, ArchiveState
from dashboards.views.archive.verify import VerifyTab

TABS = (
    Tab("provenance", "Provenance", ProvenanceTab),
    Tab("download", "Download", DownloadTab),
    Tab("verify", "Verify", VerifyTab),
    Tab("compare", "Compare", CompareTab),
    Tab("delete", "Delete", DeleteTab),
)
"""Facts about the chosen run, and things to do with it."""


class TabbedArchiveState(ArchiveState):
    """State of the page, with its tabs."""

    tab: str = open_tab(TABS)


def build(session: Session) -> pn.viewable.Viewable:
    """Runs on the left, the chosen one on the right."""
    imports = ImportView(session)
    runs = column(card(RunsView(session, imports), 1), strip(imports), share=60)
    return row(runs, card(ChosenView(session, TABS), 40))


PAGE = Page(NAME, "Archive", build, TabbedArchiveState)
