"""Where is it wrong, and why this one? The population on the left, the image under study on the right."""

from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import param

from dashboards.pages.arrangement import card, column, drawer, loose, over, row
from dashboards.pages.page import Page
from dashboards.pages.tabbed import Disclosure, PartedTab, Tab, Tabbed, open_part, open_tab
from dashboards.session import needs
from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.session.view import Of
from dashboards.session.visibility import Visibility
from dashboards.views.causes_bar.view import CausesBarView
from dashboards.views.chord.view import ChordView
from dashboards.views.columns import ColumnsView
from dashboards.views.confusion import ConfusionView
from dashboards.views.evidence import EvidenceView
from dashboards.views.explain.view import ExplainView
from dashboards.views.filter.view import FilterView
from dashboards.views.filters.view import FiltersView
from dashboards.views.flip import FlipView
from dashboards.views.focus.view import FocusView
from dashboards.views.grid.view import GridView
from dashboards.views.guest.view import GuestView
from dashboards.views.influence.view import InfluenceView
from dashboards.views.latent.view import LatentView
from dashboards.views.map.view import MapView
from dashboards.views.modes.view import ModesView
from dashboards.views.morph import MorphView
from dashboards.views.neighbors.view import NeighborsView
from dashboards.views.pairs import PairsView
from dashboards.views.path import PathView
from dashboards.views.review.table import LISTS
from dashboards.views.review.view import ReviewView
from dashboards.views.similar import SimilarView
from dashboards.views.strip import StripView
from dashboards.views.sunburst.view import SunburstView
from dashboards.views.superpixels import SuperpixelsView
from dashboards.views.what_if.view import WhatIfView

NAME = "diagnose"
TABS = (
    PartedTab(
        "why",
        "Why",
        parts=(
            Tab("evidence", "Evidence", EvidenceView),
            Tab("student", "Student", ExplainView),
            Tab("squares", "Superpixels", SuperpixelsView),
        ),
    ),
    PartedTab(
        "similar",
        "Similar",
        parts=(
            Tab("nearest", "Nearest", SimilarView),
            Tab("influence", "Influence", InfluenceView),
            Tab("neighbors", "Synthetic", NeighborsView),
        ),
    ),
    PartedTab(
        "change",
        "What would change it",
        parts=(
            Tab("strip", "Strip", StripView),
            Tab("flip", "Distance", FlipView),
            Tab("morph", "Morph", MorphView),
            Tab("latents", "Latents", LatentView),
        ),
    ),
    PartedTab(
        "try",
        "Try it",
        parts=(Tab("draw", "What if", WhatIfView), Tab("filters", "Filters", FiltersView)),
    ),
    Tab("path", "Path", PathView),
)
"""Answers about an image."""
LABELS: dict[Of, str] = {"focus": "The image under study", "pin": "The pinned image"}
READINGS = (
    PartedTab(
        "matrix",
        "Matrix",
        parts=(Tab("cells", "Cells", ConfusionView), Tab("pairs", "List", PairsView)),
    ),
    Tab("modes", "Kinds", ModesView),
    Tab("sunburst", "Sunburst", SunburstView),
    PartedTab(
        "more",
        "More",
        parts=(Tab("chord", "Chord", ChordView), Tab("columns", "Columns", ColumnsView)),
    ),
)
"""Readings of what the teacher takes for what."""
THERE: dict[str, Callable[[Session], bool]] = {
    "evidence": lambda session: bool(session.population and session.population.causes),
    "modes": lambda session: bool(session.population and session.population.modes),
    "columns": lambda session: bool(session.population and session.population.columns),
}


PAIRED = (27, 73)
"""Shares of the halves while an image is pinned."""


class DiagnoseState(PageState):
    """State of the page."""

    tab: str = open_tab(TABS)
    part: str = open_part(TABS)
    reading: str = open_tab(READINGS)
    shape: str = open_part(READINGS)
    review: str = param.Selector(default="", objects=["", *LISTS], doc="labels under review; empty: none")  # type: ignore[assignment]
    filters: str = param.Selector(default="", objects=["", "open"], doc="the column of filters")  # type: ignore[assignment]


def build(session: Session) -> pn.viewable.Viewable:
    """Its views fill in as the run goes."""
    state = session.pages[NAME]
    seen, label = session.showing.part(), "What is taken for what"
    with session.building(seen):
        read = Tabbed(session, state, READINGS, label, parameter="reading", part="shape", there=THERE)
    readings = card(read, 1)
    left = column(card(MapView(session), 57), row(readings, card(GridView(session), 1), share=43))
    right = row(_answers(session, "focus"))
    fold = partial(_fold, session, seen, readings, left, right)
    session.showing.watch(session.navigation, "pin", fold)
    fold()
    Disclosure(session, right, 0, lambda: _answers(session, "pin"), source=session.navigation, name="pin")
    parts = row(left, right)
    Disclosure(session, parts, 0, lambda: drawer(FilterView(session)), source=state, name="filters")
    page = loose(objects=[CausesBarView(session, state), GuestView(session), parts])
    Disclosure(session, page, 3, lambda: over(ReviewView(session, state)), source=state, name="review")
    return page


def _fold(
    session: Session, seen: Visibility, readings: pn.Column, left: pn.Column, right: pn.Row, *_: Any
) -> None:
    """Two images beside each other take the room of the readings; map and images stay, to choose from."""
    paired = session.navigation.pin is not None
    with session.hold():
        readings.visible = not paired
        for half, share in ((left, PAIRED[0]), (right, PAIRED[1])):
            half.styles = {**half.styles, "flex": f"{share if paired else 1} 1 0"}
        (seen.hide if paired else seen.show)()
    session.linker.catch_up()


def _answers(session: Session, of: Of) -> pn.viewable.Viewable:
    """About one image."""
    said = Tabbed(session, session.pages[NAME], TABS, LABELS[of], there=THERE, of=of)
    return column(card(FocusView(session, of=of), 58), card(said, 42))


PAGE = Page(NAME, "Diagnose", build, DiagnoseState, needs=(needs.RUN,), selects=True)
