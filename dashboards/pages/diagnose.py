"""Where is it wrong, and why this one? The population on the left, the image under study on the right."""

from typing import Any

import panel as pn

from dashboards.session import Session
from dashboards.theme import CARD
from dashboards.views.confusion import ConfusionView
from dashboards.views.focus import FocusView
from dashboards.views.grid import GridView
from dashboards.views.map import MapView
from dashboards.views.student import StudentView

GAP = 8  # px


def diagnose(session: Session) -> pn.viewable.Viewable:
    """The page of one session; its views fill in as the run goes."""
    left = _column(
        _card(MapView(session), 57),
        _row(_card(ConfusionView(session), 1), _card(GridView(session), 1), share=43),
    )
    right = _column(_card(FocusView(session), 33), _card(StudentView(session), 67))
    return _row(left, right)


def _card(view: Any, share: int) -> pn.Column:
    return pn.Column(view, sizing_mode="stretch_both", margin=0, styles={**CARD, **_share(share)})


def _column(upper: Any, lower: Any) -> pn.Column:
    lower.margin = (GAP, 0, 0, 0)  # a `gap` would also stand before the column's hidden scroll button
    return pn.Column(upper, lower, sizing_mode="stretch_both", margin=0, styles=_share(1))


def _row(left: Any, right: Any, share: int = 1) -> pn.Row:
    styles = {"gap": f"{GAP}px", **_share(share)}
    return pn.Row(left, right, sizing_mode="stretch_both", margin=0, styles=styles)


def _share(share: int) -> dict[str, str]:
    """Takes a part of the room in proportion, whatever the content would like."""
    return {"flex": f"{share} 1 0", "min-height": "0", "min-width": "0"}
