"""The class hierarchy as a sunburst: the root in the middle, a ring a step, classes at the rim."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from bokeh.models import AnnularWedge, ColumnDataSource, CustomJSHover, Scatter, Text
from bokeh.plotting import figure as Figure  # noqa: N812 - a class in all but name

from dashboards.data.hierarchy import Decisions, called
from dashboards.theme import FONT, Palette, class_color, mixed
from dashboards.views.sunburst.table import Rings, Sectors
from dashboards.views.sunburst.words import ring_words
from dashboards.widgets.circle import (
    NameColumns,
    empty_circle,
    hover,
    name_glyph,
    names_beside,
    radians,
    wedge_glyph,
)
from dashboards.widgets.figures import empty_sources
from deepvid.hierarchy.tree import Tree

NAME = "sunburst"
_MANY = 60  # leaves; of more the sectors are so narrow that a line between them would be most of them
_DISC = 14  # px, behind the number of a ring
_FADED = 0.28  # of what is not selected

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
  parts.push(`${percent(right, images)} % end at ${labeled ? "their" : "the teacher's"} class`)
  if (astray > 0) parts.push(`${astray} ${labeled ? "went wrong" : "left it"} by coming here`)
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


class FrameColumns(NamedTuple):
    """Columns of `Drawing.frames`: the sectors that gestures named."""

    inner: list[float]
    outer: list[float]
    start: list[float]
    end: list[float]
    dash: list[str]


class RingColumns(NamedTuple):
    """Columns of `Drawing.rings`: the numbers of the decisions, at 12 o'clock."""

    x: list[float]
    y: list[float]
    text: list[str]
    said: list[str]
    width: list[float]  # px, of the line around it: of those that gestures named
    dash: list[str]


class Drawing(NamedTuple):
    """The figure, its live sources, and what takes the colors of a theme."""

    figure: Figure
    wedges: ColumnDataSource  # `WedgeColumns`
    names: ColumnDataSource  # `NameColumns`
    frames: ColumnDataSource  # `FrameColumns`
    rings: ColumnDataSource  # `RingColumns`
    wedge: AnnularWedge
    name: Text
    frame: AnnularWedge
    disc: Scatter
    number: Text


def build(decisions: Decisions, class_names: Sequence[str]) -> Drawing:
    """An empty circle of radius 1 around (0, 0) for this tree."""
    plot = empty_circle(NAME)
    wedges, names, frames, rings = empty_sources(WedgeColumns, NameColumns, FrameColumns, RingColumns)
    wedge = wedge_glyph(
        fill_color="color",
        fill_alpha="alpha",
        line_alpha="edge",
        line_width=1 if decisions.tree.leaves <= _MANY else 0.25,
    )
    frame = wedge_glyph(fill_color=None, line_width=2, line_dash="dash")
    name = name_glyph()
    renderer = plot.add_glyph(wedges, wedge)
    plot.add_glyph(frames, frame)
    plot.add_glyph(names, name)
    _add_hover(plot, renderer, wedges, decisions, class_names)
    disc = Scatter(size=_DISC, line_width="width", line_dash="dash")
    number = Text(
        text="text",
        text_font={"value": FONT},
        text_font_size="10px",
        text_align="center",
        text_baseline="middle",
    )
    discs = plot.add_glyph(rings, disc)
    plot.add_glyph(rings, number)
    plot.add_tools(hover(discs, "@said", width=240))
    return Drawing(plot, wedges, names, frames, rings, wedge, name, frame, disc, number)


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
        start=radians(shown.start[at]),
        end=radians(shown.end[at]),
        color=[colors[node] for node in at],
        alpha=np.where(shown.selected[at] > 0, 1.0, _FADED).tolist(),
        edge=np.where(shown.end[at] - shown.start[at] < 1 - 1e-9, 1.0, 0.0).tolist(),
        images=shown.images[at].tolist(),
        above=above[at].tolist(),
        right=shown.right[at].tolist(),
        astray=shown.astray[at].tolist(),
        probability=decisions.node_probability[at].tolist(),
    )
    first, last = _neighbors_of_a_class(tree, shown)
    middle = (shown.start[first] + shown.end[last]) / 2
    share = shown.end[last] - shown.start[first]
    return wedges, names_beside(middle, share, [names[label] for label in tree.label[first]])


def _neighbors_of_a_class(tree: Tree, shown: Sectors) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last leaf of each run of leaves of one class, which have one name."""
    drawn = tree.order[shown.images[tree.order] > 0]
    label = tree.label[drawn]
    ends = np.flatnonzero(np.append(label[1:] != label[:-1], True)) if len(drawn) else np.empty(0, np.intp)
    starts = np.append(0, ends[:-1] + 1) if len(ends) else ends
    return drawn[starts], drawn[ends]


def frames(named: dict[int, bool], shown: Sectors) -> FrameColumns:
    """A frame around every sector of a gesture; a dashed one where a gesture took it out."""
    at = [node for node in named if shown.images[node]]
    return FrameColumns(
        inner=shown.inner[at].tolist(),
        outer=shown.outer[at].tolist(),
        start=radians(shown.start[at]),
        end=radians(shown.end[at]),
        dash=["dashed" if named[node] else "solid" for node in at],
    )


def ring_numbers(numbered: Rings) -> RingColumns:
    """A number for each decision; a line around those that gestures named, dashed where one took it out."""
    depths = numbered.depth.tolist()
    return RingColumns(
        x=[0.0] * len(depths),
        y=numbered.radius.tolist(),
        text=[str(depth) for depth in depths],
        said=[ring_words(numbered, at) for at in range(len(depths))],
        width=[2.0 if depth in numbered.named else 0.0 for depth in depths],
        dash=["dashed" if numbered.named.get(depth) else "solid" for depth in depths],
    )


def paint(drawing: Drawing, theme: Palette) -> None:
    """Gives the sunburst the colors of a theme that its sources do not have."""
    drawing.wedge.line_color = theme.surface
    drawing.frame.line_color = theme.ink
    drawing.name.text_color = theme.quiet
    drawing.disc.fill_color = theme.surface
    drawing.disc.line_color = drawing.number.text_color = theme.ink


def _by_class(shown: Sectors, theme: Palette) -> list[str]:
    """The class most images have, the paler the fewer of them have it."""
    pure = shown.most / np.maximum(shown.images, 1)
    return [
        mixed(theme.surface, class_color(int(major)), 0.2 + 0.8 * float(share))
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
        mixed(theme.surface, theme.negative, 0.12 + 0.88 * float(value / most)) if value > 0 else theme.sunken
        for value in values
    ]


def _add_hover(
    plot: Figure, renderer: Any, source: ColumnDataSource, decisions: Decisions, names: Sequence[str]
) -> None:
    tree, class_names = decisions.tree, tuple(names)
    words = [called(tree, class_names, node) for node in range(tree.nodes)]
    known = {"source": source, "parent": tree.parent.tolist(), "called": words}
    path = CustomJSHover(args=known, code=_PATH)
    numbers = CustomJSHover(args={"source": source, "labeled": decisions.labeled}, code=_NUMBERS)
    said, formatters = "<b>@node{custom}</b><br>@images{custom}", {"@node": path, "@images": numbers}
    plot.add_tools(hover(renderer, said, formatters=formatters))
