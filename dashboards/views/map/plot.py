"""The map as HoloViews draws it, and what lies on top of its picture."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import holoviews as hv
import holoviews.plotting.bokeh
import numpy as np
from bokeh.models import (
    BoxSelectTool,
    ColumnDataSource,
    CustomJS,
    ImageURL,
    LassoSelectTool,
    Scatter,
    Text,
)
from bokeh.models.glyphs import Patches
from bokeh.plotting import figure as Figure  # noqa: N812 - a class in all but name

from dashboards.kernels.shading import LEVELS, Viewport
from dashboards.theme import FONT, Palette
from dashboards.views.map.coloring import Coloring, Label
from dashboards.widgets.outline import NO_OUTLINE

hv.Store.set_current_backend("bokeh")

NAME = "map"
_TOOLS = ("lasso_select", "box_select", "pan", "wheel_zoom", "reset")
TIP_PIXELS = 84  # side of the picture at the pointer
_GAP = 14  # px between a point and its picture
_CHIP: dict[str, Any] = {  # a constant text property is a {"value"}: a plain text would name a column
    "text_font": {"value": FONT},
    "text_font_size": "12px",
    "padding": 3,
    "border_radius": 4,
}
_THROTTLE = 40  # ms between two reports of where the pointer is

_POINTER = """
  const {event_name: name} = cb_obj
  const say = (x, y) => { pointer.data = {x, y} }
  if (name == "panstart" || name == "panend") pointer.dragging = name == "panstart"
  clearTimeout(pointer.timer)
  if (name == "mouseleave" || name == "panstart") { say([], []); return }
  if (pointer.dragging) return
  const wait = Math.max(0, (pointer.said ?? 0) + throttle - Date.now())
  const {x, y} = cb_obj
  pointer.timer = setTimeout(() => { pointer.said = Date.now(); say([x], [y]) }, wait)
"""


class Overlays(NamedTuple):
    """The live sources on top of the picture; writing into one moves what it draws."""

    outlines: ColumnDataSource  # `OutlineColumns`: the lassos of the selection
    rings: ColumnDataSource  # `RingColumns`: focus and hover
    names: ColumnDataSource  # `NameColumns`: the groups
    tip: ColumnDataSource  # `TipColumns`: the picture of the sample under the pointer
    pointer: ColumnDataSource  # x, y: written by the browser
    glyphs: tuple[Any, ...]  # those whose colors follow the theme


class OutlineColumns(NamedTuple):
    """Columns of `Overlays.outlines`, one row a polygon."""

    xs: list[list[float]]  # its corners
    ys: list[list[float]]
    dash: list[str]


class RingColumns(NamedTuple):
    """Columns of `Overlays.rings`."""

    x: list[float]
    y: list[float]
    size: list[float]  # diameter, px
    width: list[float]  # of the line, px


class NameColumns(NamedTuple):
    """Columns of `Overlays.names`."""

    x: list[float]
    y: list[float]
    text: list[str]
    color: list[str]


class TipColumns(NamedTuple):
    """Columns of `Overlays.tip`: the lower left corner of the picture, and the words below it."""

    x: list[float]
    y: list[float]
    url: list[str]
    text: list[str]
    text_y: list[float]


class PictureColumns(NamedTuple):
    """Columns of the source that HoloViews draws an element from."""

    image: list[np.ndarray]
    x: list[float]
    y: list[float]
    dw: list[float]
    dh: list[float]


def element(index: np.ndarray, view: Viewport, colors: list[str], hooks: list[Any]) -> hv.Image:
    """The picture of palette indices uint8 (y, x), bottom row first, on its axes with their tools."""
    bounds = (view.left, view.bottom, view.right, view.top)
    return hv.Image(index[::-1], bounds=bounds).opts(
        cmap=colors,
        clim=(0, len(colors) - 1),
        responsive=True,
        min_height=120,
        default_tools=[],
        tools=list(_TOOLS),
        active_tools=["lasso_select", "wheel_zoom"],
        xaxis=None,
        yaxis=None,
        show_frame=False,
        toolbar="right",
        hooks=hooks,
    )


def picture(index: np.ndarray, view: Viewport) -> PictureColumns:
    """The same picture for the element's live source."""
    return PictureColumns(
        [index], [view.left], [view.bottom], [view.right - view.left], [view.top - view.bottom]
    )


def index_palette(chosen: Coloring, theme: Palette) -> list[str]:
    """256 colors for the indices of `kernels.shading.shade`; 0 is transparent."""
    ramps = ["#00000000", *_ramp(theme.quiet, theme.surface, 0.22, 0.5)]
    for _, color, _ in chosen.groups[1:]:
        ramps += _ramp(color, theme.surface, 0.55, 1.0)
    return ramps + ["#00000000"] * (256 - len(ramps))


def tip(x: float, y: float, view: Viewport, url: str, text: str) -> TipColumns:
    """The picture of a sample beside its point, on the side where there is room."""
    unit_x, unit_y = (view.right - view.left) / view.width, (view.top - view.bottom) / view.height
    right = x + (_GAP + TIP_PIXELS * 1.4) * unit_x < view.right
    above = y + (_GAP + TIP_PIXELS) * unit_y < view.top
    at_x = x + (_GAP if right else -_GAP - TIP_PIXELS) * unit_x
    at_y = y + (_GAP if above else -_GAP - TIP_PIXELS) * unit_y
    return TipColumns([at_x], [at_y], [url], [text], [at_y])


def names(labels: Sequence[Label]) -> NameColumns:
    """The names of groups, each where its label stands."""
    return NameColumns(
        [label.x for label in labels],
        [label.y for label in labels],
        [label.text for label in labels],
        [label.color for label in labels],
    )


def decorate(plot: Figure) -> Overlays:
    """Adds what lies on the picture to the figure of HoloViews: the live sources of it."""
    plot.name = NAME
    plot.output_backend = "canvas"  # HoloViews asks for WebGL, which copies the canvas at every paint
    plot.lod_timeout = 60  # ms; the default 500 delays the render after a wheel
    plot.toolbar.logo = None
    plot.background_fill_color = plot.border_fill_color = plot.outline_line_color = None
    plot.min_border = 4
    plot.stylesheets = [NO_OUTLINE]
    for tool in plot.tools:
        if isinstance(tool, LassoSelectTool | BoxSelectTool):
            tool.update(continuous=False, renderers=[])
    outlines, rings, names, tip = (
        ColumnDataSource({column: [] for column in kind._fields})
        for kind in (OutlineColumns, RingColumns, NameColumns, TipColumns)
    )
    pointer = ColumnDataSource({"x": [], "y": []})
    glyphs = (
        *_add_outlines(plot, outlines),
        *_add_names(plot, names),
        *_add_rings(plot, rings),
        *_add_tip(plot, tip),
    )
    report = CustomJS(args={"pointer": pointer, "throttle": _THROTTLE}, code=_POINTER)
    for event in ("mousemove", "mouseleave", "panstart", "panend"):
        plot.js_on_event(event, report)
    return Overlays(outlines, rings, names, tip, pointer, glyphs)


def paint(overlays: Overlays, theme: Palette) -> None:
    """Gives what lies on the picture the colors of a theme."""
    ground, outline, names, halo, ring, _, text = overlays.glyphs
    names.update(text_color=theme.ink, background_fill_color=theme.surface)
    for below, line in ((ground, outline), (halo, ring)):
        below.line_color, line.line_color = theme.surface, theme.ink
    text.update(text_color=theme.ink, background_fill_color=theme.surface, border_line_color=theme.line)


def _add_outlines(plot: Figure, source: ColumnDataSource) -> list[Any]:
    ground = Patches(fill_color=None, line_width=4, line_alpha=0.7, line_join="round")
    outline = Patches(fill_color=None, line_width=1.5, line_dash="dash", line_join="round")
    for glyph in (ground, outline):
        plot.add_glyph(source, glyph, level="annotation")
    return [ground, outline]


def _add_names(plot: Figure, source: ColumnDataSource) -> list[Any]:
    glyph = Text(
        **_CHIP,
        text_align="center",
        text_baseline="middle",
        background_fill_alpha=0.85,
        border_line_color="color",
        border_line_width=1.5,
    )
    plot.add_glyph(source, glyph, level="annotation")
    return [glyph]


def _add_rings(plot: Figure, source: ColumnDataSource) -> list[Any]:
    halo = Scatter(size="size", line_width=5, fill_color=None)
    ring = Scatter(size="size", line_width="width", fill_color=None)
    for glyph in (halo, ring):
        plot.add_glyph(source, glyph, level="overlay")
    return [halo, ring]


def _add_tip(plot: Figure, source: ColumnDataSource) -> list[Any]:
    side: Any = {"value": TIP_PIXELS, "units": "screen"}
    corner: Any = "bottom_left"
    image = ImageURL(url="url", w=side, h=side, anchor=corner)
    text = Text(**_CHIP, y="text_y", text_baseline="top", background_fill_alpha=0.95)
    for glyph in (image, text):
        plot.add_glyph(source, glyph, level="overlay")
    return [image, text]


def _ramp(color: str, ground: str, first: float, last: float) -> list[str]:
    """Colors from mostly `ground` to `color`, one for each level of density."""
    ends = np.array([[int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)] for hexadecimal in (ground, color)])
    shares = np.linspace(first, last, LEVELS)[:, None]
    mixed = np.rint(ends[0] * (1 - shares) + ends[1] * shares).astype(int)
    return ["#{:02X}{:02X}{:02X}".format(*row) for row in mixed]
