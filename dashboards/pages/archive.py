"""Every run of the store, sortable, with how it was made."""

import panel as pn

from dashboards.session import Session
from dashboards.views.archive import ArchiveView


def archive(session: Session) -> pn.viewable.Viewable:
    """The page of one session."""
    return pn.Column(ArchiveView(session), sizing_mode="stretch_both", margin=0)
