"""Small networks that learn in the browser: what a training is, and what goes wrong in one."""

import panel as pn

from dashboards.pages.arrangement import card, row
from dashboards.pages.page import Page
from dashboards.session.session import Session
from dashboards.views.playground.view import NAME, PlaygroundState, PlaygroundView


def build(session: Session) -> pn.viewable.Viewable:
    """One view, of no run."""
    return row(card(PlaygroundView(session), 1))


PAGE = Page(NAME, "Playground", build, PlaygroundState)
