"""What the Diagnose page says while the store has no run."""

import panel as pn

from dashboards.session.session import Session
from dashboards.widgets.message import Message


def welcome(session: Session) -> pn.viewable.Viewable:
    """How to make a first run; the page follows by itself once there is one."""
    return Message(
        {},
        message={
            "title": "No run to show yet",
            "text": f"This page shows the runs of {session.store}. Make a first one:",
            "command": "deepvid demo",
        },
        sizing_mode="stretch_both",
    )
