"""How pages share their room among cards."""

from typing import Any

import panel as pn

from dashboards.theme import CARD, NARROW

GAP = 8  # px
DRAWER = 232  # px
# Where a window is narrow, boxes are as high as what is in them, and cards as high as they need.
_LOOSE = f"{NARROW} {{ :host {{ flex: none !important; height: auto !important; width: 100% !important; }} }}"
_STACKED = f"{_LOOSE} {NARROW} {{ :host {{ flex-direction: column !important; }} }}"
_TALL = f"{NARROW} {{ :host {{ flex: none !important; height: 460px !important; width: 100% !important; }} }}"


def loose(*stylesheets: str, **params: Any) -> pn.Column:
    """A box that takes the room there is; in a narrow window it is as high as what is in it."""
    return pn.Column(sizing_mode="stretch_both", margin=0, stylesheets=[_LOOSE, *stylesheets], **params)


def card(view: Any, share: int) -> pn.Column:
    """A view in its box, with its share of the room."""
    return _column(view, {**CARD, **_share(share)}, _TALL, css_classes=["dv-card"])


def drawer(view: Any) -> pn.Column:
    """A view in a narrow box beside others, which keeps its width."""
    return _column(
        view, {**CARD, "flex": f"0 0 {DRAWER}px", "min-height": "0"}, _TALL, css_classes=["dv-card"]
    )


def over(view: Any) -> pn.Column:
    """A view over the whole window."""
    room = {"width": f"calc(100vw - {2 * GAP}px)", "height": f"calc(100vh - {2 * GAP}px)"}
    place = {"position": "fixed", "top": f"{GAP}px", "left": f"{GAP}px", "z-index": "2000"}
    return pn.Column(view, sizing_mode="stretch_both", margin=0, styles={**CARD, **place, **room})


def half(view: Any) -> pn.Column:
    """A view beside another one in the same box."""
    return _column(view, {"border-left": "1px solid var(--dv-line)", **_share(1)}, _TALL)


def strip(view: Any) -> pn.Column:
    """A view in its box, as high as its content."""
    return pn.Column(view, sizing_mode="stretch_width", margin=0, styles={**CARD, "flex": "0 0 auto"})


def column(upper: Any, lower: Any, share: int = 1) -> pn.Column:
    """One above the other."""
    lower.margin = (GAP, 0, 0, 0)  # a `gap` would also stand before the column's hidden scroll button
    box = _column(upper, _share(share), _LOOSE)
    box.append(lower)
    return box


def row(*parts: Any, share: int = 1) -> pn.Row:
    """One beside the other, from the left."""
    styles = {"gap": f"{GAP}px", **_share(share)}
    return pn.Row(*parts, sizing_mode="stretch_both", margin=0, styles=styles, stylesheets=[_STACKED])


def _column(view: Any, styles: dict[str, str], sheet: str, **look: Any) -> pn.Column:
    return pn.Column(view, sizing_mode="stretch_both", margin=0, styles=styles, stylesheets=[sheet], **look)


def _share(share: int) -> dict[str, str]:
    """Takes a share of the room in proportion, whatever the content would like."""
    return {"flex": f"{share} 1 0", "min-height": "0", "min-width": "0"}
