"""What lies on top of the map's picture: outlines, names, rings, and the picture at the pointer."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from bokeh.models import BoxSelectTool, ColumnDataSource, CustomJS, ImageURL, LassoSelectTool, Scatter, Text
from bokeh.models.annotations import Label
from bokeh.models.glyphs import MultiLine, Patches
from bokeh.plotting import figure as Figure  # noqa: N812 - a class in all but name

from dashboards.data.map_neighbors import NeighborRings
from dashboards.kernels.shading import Viewport
from dashboards.theme import FONT, Palette
from dashboards.views.map.coloring import Label as Name
from dashboards.views.map.columns import (
    AroundColumns,
    ContourColumns,
    NameColumns,
    NearColumns,
    OutlineColumns,
    RingColumns,
    TipColumns,
)
from dashboards.widgets.figures import NO_OUTLINE

NAME = "map"
TIP_PIXELS = 84  # side of the picture at the pointer
_GAP = 14  # px between a point and its picture
_CHIP: dict[str, Any] = {  # a constant text property is a {"value"}: a plain text would name a column
    "text_font": {"value": FONT},
    "text_font_size": "12px",
    "padding": 3,
    "border_radius": 4,
}
_NOTE: dict[str, Any] = {
    "text_font": FONT,
    "text_font_size": "12px",
    "padding": 3,
    "background_fill_alpha": 0.85,
}
_NEIGHBOR = 8  # px of its ring
_PICKED = 6  # px of the dot of a selected point
PICTURE_PIXELS = 40  # side of a picture in the place of a point, with its frame
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

    contours: ColumnDataSource  # `ContourColumns`: where classes are dense
    picked: ColumnDataSource  # `AroundColumns`: the points of a small selection
    near: ColumnDataSource  # `NearColumns`: pictures of the points in sight, where these are few
    outlines: ColumnDataSource  # `OutlineColumns`: the lassos of the selection
    around: ColumnDataSource  # `AroundColumns`: neighbors of the image under study
    note: Label  # what those are
    rings: ColumnDataSource  # `RingColumns`: focus and hover
    names: ColumnDataSource  # `NameColumns`: the groups
    tip: ColumnDataSource  # `TipColumns`: the picture of the sample under the pointer
    pointer: ColumnDataSource  # x, y: written by the browser
    glyphs: tuple[Any, ...]  # those whose colors follow the theme


_SOURCES: dict[str, type[NamedTuple]] = {
    "contours": ContourColumns,
    "picked": AroundColumns,
    "near": NearColumns,
    "outlines": OutlineColumns,
    "around": AroundColumns,
    "rings": RingColumns,
    "names": NameColumns,
    "tip": TipColumns,
}


def tip(x: float, y: float, view: Viewport, url: str, text: str) -> TipColumns:
    """The picture of a sample beside its point, on the side where there is room."""
    unit_x, unit_y = (view.right - view.left) / view.width, (view.top - view.bottom) / view.height
    right = x + (_GAP + TIP_PIXELS * 1.4) * unit_x < view.right
    above = y + (_GAP + TIP_PIXELS) * unit_y < view.top
    at_x = x + (_GAP if right else -_GAP - TIP_PIXELS) * unit_x
    at_y = y + (_GAP if above else -_GAP - TIP_PIXELS) * unit_y
    return TipColumns([at_x], [at_y], [url], [text], [at_y])


def names(labels: Sequence[Name]) -> NameColumns:
    """The names of groups, each where its label stands."""
    return NameColumns(
        [label.x for label in labels],
        [label.y for label in labels],
        [label.text for label in labels],
        [label.color for label in labels],
    )


def around(neighbors: NeighborRings | None) -> AroundColumns:
    """A ring for each neighbor; none for None."""
    if neighbors is None:
        return AroundColumns([], [], [])
    return AroundColumns(neighbors.x, neighbors.y, neighbors.color)


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
    contours, picked, near, outlines, around, rings, names, tip = (
        ColumnDataSource({column: [] for column in kind._fields}, name=name)
        for name, kind in _SOURCES.items()
    )
    note = Label(x=6, y=4, x_units="screen", y_units="screen", visible=False, **_NOTE)
    plot.add_layout(note)
    pointer = ColumnDataSource({"x": [], "y": []})
    glyphs = (
        _add_contours(plot, contours),
        *_add_picked(plot, picked),
        _add_near(plot, near),
        *_add_outlines(plot, outlines),
        *_add_around(plot, around),
        *_add_names(plot, names),
        *_add_rings(plot, rings),
        *_add_tip(plot, tip),
    )
    report = CustomJS(args={"pointer": pointer, "throttle": _THROTTLE}, code=_POINTER)
    for event in ("mousemove", "mouseleave", "panstart", "panend"):
        plot.js_on_event(event, report)
    return Overlays(contours, picked, near, outlines, around, note, rings, names, tip, pointer, glyphs)


def paint(overlays: Overlays, theme: Palette) -> None:
    """Gives what lies on the picture the colors of a theme."""
    _, below_dot, dot, _, ground, outline, neighbor, names, halo, ring, _, text = overlays.glyphs
    names.update(text_color=theme.ink, background_fill_color=theme.surface)
    neighbor.fill_color = theme.surface
    overlays.note.update(text_color=theme.ink, background_fill_color=theme.surface)
    for below, line in ((below_dot, dot), (ground, outline), (halo, ring)):
        below.line_color, line.line_color = theme.surface, theme.ink
    text.update(text_color=theme.ink, background_fill_color=theme.surface, border_line_color=theme.line)


def _add_contours(plot: Figure, source: ColumnDataSource) -> Any:
    glyph = MultiLine(line_color="color", line_width="width", line_alpha=0.9)
    plot.add_glyph(source, glyph, level="annotation")
    return glyph


def _add_picked(plot: Figure, source: ColumnDataSource) -> list[Any]:
    halo = Scatter(size=_PICKED + 3, line_width=1.5, fill_color=None)
    dot = Scatter(size=_PICKED, fill_color="color", line_width=1)
    for glyph in (halo, dot):
        plot.add_glyph(source, glyph, level="annotation")
    return [halo, dot]


def _add_near(plot: Figure, source: ColumnDataSource) -> Any:
    side: Any = {"value": PICTURE_PIXELS, "units": "screen"}
    middle: Any = "center"
    image = ImageURL(url="url", w=side, h=side, anchor=middle, global_alpha="opacity")
    plot.add_glyph(source, image, level="annotation")
    return image


def _add_outlines(plot: Figure, source: ColumnDataSource) -> list[Any]:
    ground = Patches(fill_color=None, line_width=4, line_alpha=0.7, line_join="round")
    outline = Patches(fill_color=None, line_width=1.5, line_dash="dash", line_join="round")
    for glyph in (ground, outline):
        plot.add_glyph(source, glyph, level="annotation")
    return [ground, outline]


def _add_around(plot: Figure, source: ColumnDataSource) -> list[Any]:
    glyph = Scatter(size=_NEIGHBOR, line_color="color", line_width=2, fill_alpha=0.75)
    plot.add_glyph(source, glyph, level="annotation")
    return [glyph]


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
