"""The chord diagram: two arcs a class, and ribbons from what a class sent to where it was received."""

from typing import Any, NamedTuple

import numpy as np
from bokeh.models import AnnularWedge, ColumnDataSource, CustomJSHover, Text
from bokeh.models.glyphs import Patches
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure as Figure  # noqa: N812 - a class in all but name

from dashboards.data.class_groups import Groups
from dashboards.session.selection import OutlinedCells
from dashboards.theme import Palette, class_color, mixed
from dashboards.views.chord.ribbons import INNER, OUTER, Layout
from dashboards.views.chord.table import Exchange
from dashboards.views.chord.words import arc_words, empty_words, ribbon_words
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

NAME = "chord"
_OPAQUE, _FADED = 0.78, 0.1  # of ribbons, which lie over each other
_PALE = 0.25  # how much of its class's color a received arc has, and an arc without a selected image
_DIGITS = 4  # of a coordinate; the radius is 1

_TOPMOST = """
  const {xs, ys} = source.data, {x, y} = special_vars
  const crosses = (x0, y0, x1, y1) => (y0 > y) != (y1 > y) && x < x0 + (y - y0) / (y1 - y0) * (x1 - x0)
  const inside = (xs, ys) => {
    let odd = false
    for (let i = 0, j = xs.length - 1; i < xs.length; j = i++)
      if (crosses(xs[i], ys[i], xs[j], ys[j])) odd = !odd
    return odd
  }
  let at = xs.length - 1
  while (at >= 0 && !inside(xs[at], ys[at])) at--
  return source.data[column][at < 0 ? special_vars.index : at]
"""
"""Ribbons lie over each other; Bokeh names the lowest."""


class RibbonColumns(NamedTuple):
    """Columns of `Drawing.ribbons`, the topmost last."""

    xs: list[list[float]]
    ys: list[list[float]]
    color: list[str]
    alpha: list[float]
    head: list[str]
    numbers: list[str]


class ArcColumns(NamedTuple):
    """Columns of `Drawing.arcs`."""

    inner: list[float]
    outer: list[float]
    start: list[float]
    end: list[float]
    color: list[str]
    alpha: list[float]
    head: list[str]
    numbers: list[str]


class FrameColumns(NamedTuple):
    """Columns of `Drawing.frames`: the ribbons that gestures took out."""

    xs: list[list[float]]
    ys: list[list[float]]


class Drawing(NamedTuple):
    """The figure, its live sources, and what takes the colors of a theme."""

    figure: Figure
    ribbons: ColumnDataSource  # `RibbonColumns`
    arcs: ColumnDataSource  # `ArcColumns`
    names: ColumnDataSource  # `NameColumns`
    frames: ColumnDataSource  # `FrameColumns`
    arc: AnnularWedge
    name: Text
    frame: Patches


def build() -> Drawing:
    """An empty circle."""
    plot = empty_circle(NAME)
    ribbons, arcs, names, frames = empty_sources(RibbonColumns, ArcColumns, NameColumns, FrameColumns)
    ribbon = Patches(
        xs="xs",
        ys="ys",
        fill_color="color",
        fill_alpha="alpha",
        line_color="color",
        line_alpha="alpha",
        line_width=0.75,
    )
    arc = wedge_glyph(fill_color="color", fill_alpha="alpha")
    frame = Patches(xs="xs", ys="ys", fill_color=None, line_dash="dashed")
    name = name_glyph()
    _add_hover(plot, plot.add_glyph(ribbons, ribbon), topmost=True)
    plot.add_glyph(frames, frame)
    _add_hover(plot, plot.add_glyph(arcs, arc), topmost=False)
    plot.add_glyph(names, name)
    return Drawing(plot, ribbons, arcs, names, frames, arc, name, frame)


def fill_ribbons(
    shown: Exchange,
    layout: Layout,
    corners: np.ndarray,
    names: tuple[str, ...],
    theme: Palette,
    *,
    everything: bool,
) -> RibbonColumns:
    """A ribbon for each confusion, in the color of the predicted class; the paler, the less is selected."""
    colors = group_colors(shown.groups, theme)
    at = tuple(layout.pair.T)
    lit = shown.selected[at] / np.maximum(shown.shared[at], 1)
    return RibbonColumns(
        *_coordinates(corners),
        [colors[predicted] for _, predicted in layout.pair.tolist()],
        (_FADED + (_OPAQUE - _FADED) * lit).round(3).tolist(),
        *ribbon_words(shown, names, layout.pair, everything=everything),
    )


def fill_arcs(shown: Exchange, layout: Layout, names: tuple[str, ...], theme: Palette) -> ArcColumns:
    """Two arcs for each group that has any: sent, full, and received, in a paler color."""
    colors = group_colors(shown.groups, theme)
    arcs = ArcColumns([], [], [], [], [], [], [], [])
    drawn, selected = shown.shown, np.where(shown.drawn, shown.selected, 0)
    for side, axis in ((0, 1), (1, 0)):
        lit = selected.sum(axis=axis) > 0
        for group in np.flatnonzero(drawn.sum(axis=axis)).tolist():
            start, end = radians(layout.arcs[group, side])
            head, numbers = arc_words(shown, names, group, sent=side == 0)
            color = colors[group] if side == 0 else pale(colors[group], theme)
            row = (INNER, OUTER, start, end, color, 1.0 if lit[group] else _PALE, head, numbers)
            for column, value in zip(arcs, row, strict=True):
                column.append(value)  # type: ignore[attr-defined]
    return arcs


def fill_names(
    shown: Exchange, layout: Layout, names: tuple[str, ...], *, first: bool = False
) -> NameColumns:
    """Beside the rim, of the largest and, where it is wanted, the first; in the middle why there is none."""
    if not len(layout.pair):
        return NameColumns([0], [0], [empty_words(shown)], ["center"])
    middle = (layout.arcs[:, 0, 0] + layout.arcs[:, 1, 1]) / 2
    size = layout.arcs[:, 1, 1] - layout.arcs[:, 0, 0]
    if first and size[0] > 0:
        size[0] = 1
    return names_beside(middle, size, shown.groups.names(names))


def frames(framed: OutlinedCells, layout: Layout, corners: np.ndarray) -> FrameColumns:
    """A dashed line around what gestures took out; what they chose is lit, and narrow."""
    at = [
        ribbon for ribbon, (sent, received) in enumerate(layout.pair.tolist()) if framed.get((sent, received))
    ]
    return FrameColumns(*_coordinates(corners[at]))


def group_colors(groups: Groups, theme: Palette) -> list[str]:
    """Of every single class its own, of the rest gray."""
    single = [class_color(index) for index in groups.classes]
    return [*single, theme.quiet] if groups.rest else single


def pale(color: str, theme: Palette) -> str:
    """The color of what was received where `color` is that of what was sent."""
    return mixed(theme.surface, color, 0.45)


def paint(drawing: Drawing, theme: Palette) -> None:
    """Gives the diagram the colors of a theme that its sources do not have."""
    drawing.arc.line_color = theme.surface
    drawing.frame.line_color = theme.ink
    drawing.name.text_color = theme.quiet


def _coordinates(corners: np.ndarray) -> tuple[list[list[float]], list[list[float]]]:
    xs, ys = np.moveaxis(corners.round(_DIGITS), -1, 0)
    return xs.tolist(), ys.tolist()


def _add_hover(plot: Figure, renderer: GlyphRenderer, *, topmost: bool) -> None:
    code = _TOPMOST if topmost else "return source.data[column][special_vars.index]"
    formatters: Any = {
        f"@{column}": CustomJSHover(args={"source": renderer.data_source, "column": column}, code=code)
        for column in ("head", "numbers")
    }
    said = "<b>@head{custom}</b><br>@numbers{custom}"
    plot.add_tools(hover(renderer, said, formatters=formatters, limit=1))
