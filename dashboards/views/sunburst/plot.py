"""The class hierarchy as a sunburst: the root in the middle, a ring a step, classes at the rim."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from bokeh.models import (
    AnnularWedge,
    ColumnDataSource,
    CustomJS,
    CustomJSHover,
    HoverTool,
    Range1d,
    Text,
)
from bokeh.plotting import figure as Figure  # noqa: N812 - a class in all but name

from dashboards.data.hierarchy import Decisions, called
from dashboards.data.naming import shortened
from dashboards.theme import FONT, Palette, class_color
from dashboards.views.sunburst.table import Sectors
from dashboards.widgets.outline import NO_OUTLINE

NAME = "sunburst"
_LONGEST = 11  # letters of a name
_LINE = 0.15  # of the radius: the least distance of two names
_NAMES = 14  # on a side, at most
_AWAY = 1.06  # radius that names stand at
_MANY = 60  # classes; of more the sectors are so narrow that a line between them would be most of them
_FADED = 0.28  # of what is not selected

_FIT = """
  const {inner_width: width, inner_height: height} = plot
  const radius = Math.max(10, Math.min(height / 2 - 14, width / 2 - 76))
  plot.x_range.setv({start: -width / 2 / radius, end: width / 2 / radius})
  plot.y_range.setv({start: -height / 2 / radius, end: height / 2 / radius})
"""
"""The same unit on both axes, and room for the names beside the circle."""

_PATH = """
  const path = []
  for (let at = source.data.node[special_vars.index]; at >= 0; at = parent[at]) path.unshift(called[at])
  return path.join(" › ")
"""
_NUMBERS = """
  const {data} = source, at = special_vars.index
  const percent = (part, whole) => {
    const rounded = Number((100 * part / whole).toPrecision(2))
    return rounded == 100 && part < whole ? "more than 99" : rounded
  }
  const [images, above, right, astray] = [data.images[at], data.above[at], data.right[at], data.astray[at]]
  const parts = [`${images} image${images == 1 ? "" : "s"}`]
  if (above > 0) parts[0] += `, ${percent(images, above)} % of those one step before`
  parts.push(`${percent(right, images)} % end at their class`)
  if (astray > 0) parts.push(`${astray} went wrong by coming here`)
  const sure = data.probability[at]
  const mean = `mean node probability ${sure.toFixed(2)} of all test images`
  if (above > 0 && Number.isFinite(sure)) parts.push(mean)
  return parts.join(" · ")
"""


class WedgeColumns(NamedTuple):
    """Columns of `Drawing.wedges`: a sector each, those with images alone."""

    node: list[int]
    inner: list[float]
    outer: list[float]
    start: list[float]  # radians, counter-clockwise from the right, as Bokeh has it
    end: list[float]
    color: list[str]
    alpha: list[float]
    edge: list[float]  # opacity of the outline; a whole ring has none
    images: list[int]
    above: list[int]  # images of the parent; 0 of the root
    right: list[int]
    astray: list[int]
    probability: list[float]


class NameColumns(NamedTuple):
    """Columns of `Drawing.names`: classes beside the rim."""

    x: list[float]
    y: list[float]
    text: list[str]
    align: list[str]


class FrameColumns(NamedTuple):
    """Columns of `Drawing.frames`: the sectors that gestures named."""

    inner: list[float]
    outer: list[float]
    start: list[float]
    end: list[float]
    dash: list[str]


class Drawing(NamedTuple):
    """The figure, its live sources, and what takes the colors of a theme."""

    figure: Figure
    wedges: ColumnDataSource  # `WedgeColumns`
    names: ColumnDataSource  # `NameColumns`
    frames: ColumnDataSource  # `FrameColumns`
    wedge: AnnularWedge
    name: Text
    frame: AnnularWedge


def build(decisions: Decisions, class_names: Sequence[str]) -> Drawing:
    """An empty circle of radius 1 around (0, 0) for this tree."""
    plot = Figure(
        name=NAME,
        x_range=Range1d(start=-1.5, end=1.5),
        y_range=Range1d(start=-1.2, end=1.2),
        tools="",
        toolbar_location=None,
        sizing_mode="stretch_both",
        min_border=0,
    )
    plot.axis.visible = plot.grid.visible = False
    plot.background_fill_color = plot.border_fill_color = plot.outline_line_color = None
    plot.stylesheets = [NO_OUTLINE]
    for side in ("inner_width", "inner_height"):
        plot.js_on_change(side, CustomJS(args={"plot": plot}, code=_FIT))
    wedges, names, frames = (
        ColumnDataSource({column: [] for column in kind._fields})
        for kind in (WedgeColumns, NameColumns, FrameColumns)
    )
    wedge = _wedge(
        fill_color="color",
        fill_alpha="alpha",
        line_alpha="edge",
        line_width=1 if decisions.tree.classes <= _MANY else 0.25,
    )
    frame = _wedge(fill_color=None, line_width=2, line_dash="dash")
    name = Text(
        text="text",
        text_font={"value": FONT},
        text_font_size="12px",
        text_align="align",
        text_baseline="middle",
    )
    renderer = plot.add_glyph(wedges, wedge)
    plot.add_glyph(frames, frame)
    plot.add_glyph(names, name)
    _add_hover(plot, renderer, wedges, decisions, class_names)
    return Drawing(plot, wedges, names, frames, wedge, name, frame)


def fill(
    decisions: Decisions, shown: Sectors, names: Sequence[str], coloring: str, theme: Palette
) -> tuple[WedgeColumns, NameColumns]:
    """The sectors, colored by a key of `COLORINGS`, and the names of the larger classes."""
    tree = decisions.tree
    at = np.flatnonzero(shown.images)
    above = np.where(tree.parent < 0, 0, shown.images[tree.parent])
    colors = COLORINGS[coloring](shown, theme)
    wedges = WedgeColumns(
        node=at.tolist(),
        inner=shown.inner[at].tolist(),
        outer=shown.outer[at].tolist(),
        start=_radians(shown.start[at]),
        end=_radians(shown.end[at]),
        color=[colors[node] for node in at],
        alpha=np.where(shown.selected[at] > 0, 1.0, _FADED).tolist(),
        edge=np.where(shown.end[at] - shown.start[at] < 1 - 1e-9, 1.0, 0.0).tolist(),
        images=shown.images[at].tolist(),
        above=above[at].tolist(),
        right=shown.right[at].tolist(),
        astray=shown.astray[at].tolist(),
        probability=decisions.node_probability[at].tolist(),
    )
    return wedges, _names(shown, shortened(tuple(names), _LONGEST))


def frames(named: dict[int, bool], shown: Sectors) -> FrameColumns:
    """A frame around every sector of a gesture; a dashed one where a gesture took it out."""
    at = [node for node in named if shown.images[node]]
    return FrameColumns(
        inner=shown.inner[at].tolist(),
        outer=shown.outer[at].tolist(),
        start=_radians(shown.start[at]),
        end=_radians(shown.end[at]),
        dash=["dashed" if named[node] else "solid" for node in at],
    )


def paint(drawing: Drawing, theme: Palette) -> None:
    """Gives the sunburst the colors of a theme that its sources do not have."""
    drawing.wedge.line_color = theme.surface
    drawing.frame.line_color = theme.ink
    drawing.name.text_color = theme.quiet


def _by_class(shown: Sectors, theme: Palette) -> list[str]:
    """The class most images have, the paler the fewer of them have it."""
    pure = shown.most / np.maximum(shown.images, 1)
    return [
        _mixed(theme.surface, class_color(int(major)), 0.2 + 0.8 * float(share))
        for major, share in zip(shown.majority, pure, strict=True)
    ]


def _by_error(shown: Sectors, theme: Palette) -> list[str]:
    """The share of a sector's images that end at another class than theirs."""
    return _ramped((shown.images - shown.right) / np.maximum(shown.images, 1), theme)


def _by_turn(shown: Sectors, theme: Palette) -> list[str]:
    """How many images go wrong by the step to a sector: of all errors."""
    return _ramped(shown.astray.astype(np.float64), theme)


COLORINGS = {"class": _by_class, "error": _by_error, "turn": _by_turn}
"""By the name of what sectors are colored by."""


def _ramped(values: np.ndarray, theme: Palette) -> list[str]:
    """From the card's color to full, at the largest value; zero is sunken."""
    most = values.max(initial=0)
    return [
        _mixed(theme.surface, theme.negative, 0.12 + 0.88 * float(value / most))
        if value > 0
        else theme.sunken
        for value in values
    ]


def _names(shown: Sectors, names: Sequence[str]) -> NameColumns:
    """On either side as many as fit, of the largest classes, pushed apart where they would touch."""
    middle = (shown.start + shown.end)[: len(names)] / 2
    placed = NameColumns([], [], [], [])
    for side, align in ((1, "left"), (-1, "right")):
        on_side = np.flatnonzero((shown.images[: len(names)] > 0) & ((middle < 0.5) == (side > 0)))
        largest = on_side[np.argsort(-shown.images[on_side], kind="stable")][:_NAMES]
        order = largest[np.argsort(np.cos(2 * np.pi * middle[largest]))]  # from the bottom to the top
        for leaf, y in zip(order, _apart(_AWAY * np.cos(2 * np.pi * middle[order])), strict=True):
            beside = max(_AWAY**2 - y**2, 0.0) ** 0.5
            placed.x.append(side * max(beside, 0.06))
            placed.y.append(float(y))
            placed.text.append(names[leaf])
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


def _radians(shares: np.ndarray) -> list[float]:
    return (np.pi / 2 - 2 * np.pi * shares).tolist()


def _mixed(first: str, second: str, share: float) -> str:
    ends = [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in (first, second)]
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in zip(*ends, strict=True))


def _wedge(**look: Any) -> AnnularWedge:
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


def _add_hover(
    plot: Figure, renderer: Any, source: ColumnDataSource, decisions: Decisions, names: Sequence[str]
) -> None:
    tree, class_names = decisions.tree, tuple(names)
    words = [called(tree, class_names, node) for node in range(tree.nodes)]
    known = {"source": source, "parent": tree.parent.tolist(), "called": words}
    path = CustomJSHover(args=known, code=_PATH)
    numbers = CustomJSHover(args={"source": source}, code=_NUMBERS)
    tip = (
        "<div style='font: 12px/1.4 sans-serif; padding: 2px 4px; max-width: 320px'>"
        "<b>@node{custom}</b><br>@images{custom}</div>"
    )
    hover = HoverTool(renderers=[renderer], tooltips=tip, formatters={"@node": path, "@images": numbers})
    plot.add_tools(hover)
