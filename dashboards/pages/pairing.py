"""Two images side by side: the pinned one to the left of the one under study."""

from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn

from dashboards.pages.arrangement import row
from dashboards.pages.revealing import Revealing
from dashboards.session.session import Session
from dashboards.session.view import Of


def paired(session: Session, build: Callable[[Session, Of], Any]) -> pn.Row:
    """What `build` makes of the image under study, and beside it the same of the pinned one, while one is."""
    box = row(build(session, "focus"))
    Revealing(session, box, 0, partial(build, session, "pin"), source=session.navigation, name="pin")
    return box
