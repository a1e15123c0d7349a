"""A circle of radius 1 whose angles are shares, clockwise from the top, with names beside it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from bokeh.models import AnnularWedge, CustomJS, HoverTool, Range1d, Text
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure as Figure  # noqa: N812 - a class in all but name

from dashboards.data.class_labels import shortened
from dashboards.theme import FONT
from dashboards.widgets.figures import NO_OUTLINE

_LONGEST = 11  # letters of a name
_LINE = 0.17  # of the radius, of which 1280 x 800 leaves 75 px: the least distance of two names
_NAMES = 13  # on a side, at most
_AWAY = 1.06  # radius that names stand at
_NO_TOOLS: dict[str, Any] = {"tools": ""}  # mypy finds this option of a figure, or not, by what is installed

_FIT = """
  const {inner_width: width, inner_height: height} = plot
  const radius = Math.max(10, Math.min(height / 2 - 14, width / 2 - 76))
  plot.x_range.setv({start: -width / 2 / radius, end: width / 2 / radius})
  plot.y_range.setv({start: -height / 2 / radius, end: height / 2 / radius})
"""
"""The same unit on both axes, and room for the names beside the circle."""


class NameColumns(NamedTuple):
    """Columns of the source of `name_glyph`: what is called something, beside the rim."""

    x: list[float]
    y: list[float]
    text: list[str]
    align: list[str]


def empty_circle(name: str) -> Figure:
    """A figure with nothing in it; the circle around (0, 0) fits whatever its size."""
    plot = Figure(
        name=name,
        x_range=Range1d(start=-1.5, end=1.5),
        y_range=Range1d(start=-1.2, end=1.2),
        toolbar_location=None,
        sizing_mode="stretch_both",
        min_border=0,
        **_NO_TOOLS,
    )
    plot.axis.visible = plot.grid.visible = False
    plot.background_fill_color = plot.border_fill_color = plot.outline_line_color = None
    plot.stylesheets = [NO_OUTLINE]
    for side in ("inner_width", "inner_height"):
        plot.js_on_change(side, CustomJS(args={"plot": plot}, code=_FIT))
    return plot


def wedge_glyph(**look: Any) -> AnnularWedge:
    """Of columns `inner`, `outer`, `start` and `end`, the last two as `radians` gives them."""
    return AnnularWedge(
        x=0,
        y=0,
        inner_radius="inner",
        outer_radius="outer",
        start_angle="start",
        end_angle="end",
        direction="clock",
        **look,
    )


def hover(renderer: GlyphRenderer, text: str, *, width: int = 320, **more: Any) -> HoverTool:
    """Says in a text of Bokeh's what the pointer is on."""
    style = f"font: 12px/1.4 sans-serif; padding: 2px 4px; max-width: {width}px"
    return HoverTool(renderers=[renderer], tooltips=f"<div style='{style}'>{text}</div>", **more)


def name_glyph() -> Text:
    """Of `NameColumns`."""
    return Text(
        text="text",
        text_font={"value": FONT},
        text_font_size="12px",
        text_align="align",
        text_baseline="middle",
    )


def radians(shares: np.ndarray) -> list[float]:
    """Counter-clockwise from the right, as Bokeh has it."""
    return (np.pi / 2 - 2 * np.pi * shares).tolist()


def names_beside(middle: np.ndarray, size: np.ndarray, names: Sequence[str]) -> NameColumns:
    """On either side as many as fit, of the largest, pushed apart where they would touch.

    `middle` and `size` are (name,): shares of the circle; what has no size has no name.
    """
    short, placed = shortened(tuple(names), _LONGEST), NameColumns([], [], [], [])
    for side, align in ((1, "left"), (-1, "right")):
        on_side = np.flatnonzero((size > 0) & ((middle < 0.5) == (side > 0)))
        largest = on_side[np.argsort(-size[on_side], kind="stable")][:_NAMES]
        order = largest[np.argsort(np.cos(2 * np.pi * middle[largest]))]  # from the bottom to the top
        for at, y in zip(order, _apart(_AWAY * np.cos(2 * np.pi * middle[order])), strict=True):
            beside = max(_AWAY**2 - y**2, 0.0) ** 0.5
            placed.x.append(side * max(beside, 0.06))
            placed.y.append(float(y))
            placed.text.append(short[at])
            placed.align.append(align)
    return placed


def _apart(heights: np.ndarray) -> np.ndarray:
    """The ascending heights with `_LINE` between any two, moved as little as a sweep up and one down do."""
    moved = heights.copy()
    for k in range(1, len(moved)):
        moved[k] = max(moved[k], moved[k - 1] + _LINE)
    ceiling = max(_AWAY, (len(moved) - 1) * _LINE / 2)
    for k in reversed(range(len(moved))):
        moved[k] = min(moved[k], ceiling)
        ceiling = moved[k] - _LINE
    return moved
