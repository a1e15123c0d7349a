"""How pages share their room among cards."""

from typing import Any

import panel as pn

from dashboards.theme import CARD

GAP = 8  # px


def card(view: Any, share: int) -> pn.Column:
    """A view in its box, with its share of the room."""
    return pn.Column(view, sizing_mode="stretch_both", margin=0, styles={**CARD, **_share(share)})


def strip(view: Any) -> pn.Column:
    """A view in its box, as high as its content."""
    return pn.Column(view, sizing_mode="stretch_width", margin=0, styles={**CARD, "flex": "0 0 auto"})


def column(upper: Any, lower: Any, share: int = 1) -> pn.Column:
    """One above the other."""
    lower.margin = (GAP, 0, 0, 0)  # a `gap` would also stand before the column's hidden scroll button
    return pn.Column(upper, lower, sizing_mode="stretch_both", margin=0, styles=_share(share))


def row(left: Any, right: Any, share: int = 1) -> pn.Row:
    """One beside the other."""
    styles = {"gap": f"{GAP}px", **_share(share)}
    return pn.Row(left, right, sizing_mode="stretch_both", margin=0, styles=styles)


def _share(share: int) -> dict[str, str]:
    """Takes a share of the room in proportion, whatever the content would like."""
    return {"flex": f"{share} 1 0", "min-height": "0", "min-width": "0"}
