"""The confusion matrix: true classes as rows, predicted ones as columns."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from bokeh.models import (
    AdaptiveTicker,
    ColumnDataSource,
    CustomJSHover,
    FixedTicker,
    HoverTool,
    Image,
    LinearColorMapper,
    NoOverlap,
    PanTool,
    Range1d,
    Rect,
    ResetTool,
    Text,
    Tool,
    WheelZoomTool,
)
from bokeh.plotting import figure as Figure  # noqa: N812 - a class in all but name

from dashboards.data.class_groups import Groups
from dashboards.data.class_labels import shortened
from dashboards.session.selection import OutlinedCells
from dashboards.theme import FONT, Palette, legible, mixed
from dashboards.views.confusion.table import STEPS, Matrix, color_index, rates
from dashboards.widgets.figures import NO_OUTLINE, empty_sources

NAME = "confusion"
_NUMBERED = 20  # classes; with more the cells are too small for numbers
_NAMED = 24  # names on an axis
_LONGEST = 12  # letters of a name

_SENTENCE = """
  const {x, y} = special_vars, {data} = source, [whose, taken] = [data.whose[0], data.taken[0]]
  const groups = whose.length, j = Math.round(x), i = groups - 1 - Math.round(y)
  const cell = i * groups + j, row = data.row_sum[0][i], partial = data.partial[0]
  const total = data.total[0][cell], selected = data.selected[0][cell]
  const alone = i == j && i < data.single[0]
  const what = alone ? `${whose[i]} recognized` : `${whose[i]} taken for ${i == j ? "one of them" : taken[j]}`
  const rounded = Number((100 * selected / row).toPrecision(2))
  const percent = rounded == 100 && selected < row ? "more than 99" : rounded
  const told = (count) => count.toLocaleString("en")
  const share = row > 0 ? ` (${percent} % of ${told(row)}${partial ? " selected" : ""} ${whose[i]})` : ""
  const within = partial && selected < total ? `${told(selected)} selected of ` : ""
  return within + told(total) + " " + what + share
"""


Ends = tuple[int | None, int | None]
"""Groups (true, predicted) of a cell; of a whole row or column the other one is None."""


class CellColumns(NamedTuple):
    """Columns of `Drawing.cells`: the picture, and what its hover reads; one row."""

    image: list[np.ndarray]  # uint8 (y, x), bottom row first: palette indices
    dw: list[int]  # how many groups there are
    selected: list[np.ndarray]  # (true x predicted,), as `total`
    total: list[np.ndarray]
    row_sum: list[np.ndarray]  # (true,): of `selected`
    partial: list[bool]  # something is selected, so that the two differ in meaning
    single: list[int]  # groups that are one class; one more is all others
    whose: list[tuple[str, ...]]  # (group,): as true classes are called
    taken: list[tuple[str, ...]]  # (group,): as predicted ones are called


class NumberColumns(NamedTuple):
    """Columns of `Drawing.numbers`: what stands in a cell."""

    x: list[int]
    y: list[int]
    text: list[str]
    color: list[str]
    size: list[str]  # of the font, the same for all


class OutlineColumns(NamedTuple):
    """Columns of `Drawing.outlines`: the centers of cells."""

    x: list[int]
    y: list[int]
    dash: list[str]


class Drawing(NamedTuple):
    """The figure, its live sources, and what takes the colors of a theme."""

    figure: Figure
    cells: ColumnDataSource  # `CellColumns`
    numbers: ColumnDataSource  # `NumberColumns`
    outlines: ColumnDataSource  # `OutlineColumns`
    mapper: LinearColorMapper
    outline: Rect

    @property
    def corner(self) -> tuple[float, float]:
        """(x, y) of the upper left one of what is seen."""
        plot: Any = self.figure
        return plot.x_range.start, plot.y_range.end


def build(*, zooms: bool) -> Drawing:
    """An empty matrix; of n groups cell (true i, predicted j) is centered at (j, n - 1 - i)."""
    wheel = WheelZoomTool()
    tools: list[Tool | str] = [wheel, PanTool(), ResetTool()] if zooms else []
    plot = Figure(
        name=NAME,
        x_range=Range1d(start=-0.5, end=0.5),
        y_range=Range1d(start=-0.5, end=0.5),
        x_axis_location="above",
        tools=tools,
        toolbar_location=None,
        sizing_mode="stretch_both",
        min_border=4,
        match_aspect=False,
    )
    if zooms:
        plot.toolbar.active_scroll = wheel
    plot.background_fill_color = plot.border_fill_color = plot.outline_line_color = None
    plot.grid.visible = False
    plot.stylesheets = [NO_OUTLINE]
    mapper = LinearColorMapper(low=0, high=2 * STEPS, palette=["#000000"] * (2 * STEPS + 1))
    cells, numbers, outlines = empty_sources(CellColumns, NumberColumns, OutlineColumns)
    picture = Image(image="image", x=-0.5, y=-0.5, dw="dw", dh="dw", color_mapper=mapper)
    renderer = plot.add_glyph(cells, picture, level="image")
    plot.add_glyph(numbers, _number_glyph())
    outline = Rect(width=1, height=1, fill_color=None, line_width=2, line_dash="dash")
    plot.add_glyph(outlines, outline)
    _add_hover(plot, renderer, cells)
    _dress_axes(plot)
    return Drawing(plot, cells, numbers, outlines, mapper, outline)


def name(drawing: Drawing, groups: Groups, names: Sequence[str]) -> None:
    """Gives the matrix the rows and columns of these groups, and shows it whole."""
    plot: Any = drawing.figure
    number, short = groups.number, shortened(groups.names(names), _LONGEST)
    ends = -0.5, number - 0.5
    for side in (plot.x_range, plot.y_range):
        side.bounds = ends  # first: within others the browser keeps the new ends
        side.update(start=ends[0], end=ends[1], reset_start=ends[0], reset_end=ends[1])
    for axis, places in ((plot.xaxis[0], range(number)), (plot.yaxis[0], range(number - 1, -1, -1))):
        axis.major_label_overrides = dict(zip(places, short, strict=True))
        if number <= _NAMED:
            axis.ticker = FixedTicker(ticks=list(range(number)))
        else:  # as many as fit of what is seen
            axis.ticker = AdaptiveTicker(min_interval=1, desired_num_ticks=_NAMED)


def fill(table: Matrix, names: Sequence[str], unit: str, theme: Palette) -> tuple[CellColumns, NumberColumns]:
    """The picture and the numbers in it; `unit` is `counts` or `rates`.

    Rates are of what is selected, so that a row adds up to 100 %; those of the whole have another sum.
    """
    values, whole, groups = table.selected, table.total, table.groups
    if unit == "rates":
        values = whole = rates(table.selected)
    index = color_index(values)
    cells = CellColumns(
        image=[index[::-1]],
        dw=[groups.number],
        selected=[table.selected.ravel()],
        total=[table.total.ravel()],
        row_sum=[table.selected.sum(axis=1)],
        partial=[table.partial],
        single=[len(groups.classes)],
        whose=[tuple(groups.whose(names, group) for group in range(groups.number))],
        taken=[tuple(groups.taken_as(names, group) for group in range(groups.number))],
    )
    if len(values) > _NUMBERED:
        return cells, NumberColumns([], [], [], [], [])
    colors = cell_colors(theme, labeled=groups.labeled)
    return cells, _numbers(values, whole, index, colors, theme.quiet)


def outlines(framed: OutlinedCells, groups: int) -> OutlineColumns:
    """A frame around every cell of a gesture; a dashed one where a gesture took it out."""
    return OutlineColumns(
        x=[j for _, j in framed],
        y=[groups - 1 - i for i, _ in framed],
        dash=["dashed" if taken else "solid" for taken in framed.values()],
    )


def cell_colors(theme: Palette, *, labeled: bool = True) -> list[str]:
    """The color of each index of `color_index`; without labels nothing is an error."""
    ends = (theme.negative if labeled else theme.positive, theme.positive)
    errors, recognized = (_ramp(theme.surface, end) for end in ends)
    return [theme.sunken, *errors, *recognized]


def paint(drawing: Drawing, theme: Palette, *, labeled: bool) -> None:
    """Gives the matrix the colors of a theme."""
    drawing.mapper.palette = cell_colors(theme, labeled=labeled)
    drawing.outline.line_color = theme.ink
    for axis in (drawing.figure.xaxis[0], drawing.figure.yaxis[0]):
        axis.major_label_text_color = axis.axis_label_text_color = theme.quiet


def explain(drawing: Drawing, table: Matrix, unit: str, framed: OutlinedCells) -> None:
    """Says on the axis what needs saying most; there is room for one thing."""
    if True in framed.values():
        note = " (dashed: taken out)"
    elif unit == "rates":
        note = " (% of a row's selection)" if table.partial else " (% of a row)"
    else:
        note = " (gray: not selected)" if table.partial else ""
    drawing.figure.xaxis[0].axis_label = f"predicted class{note}"
    drawing.figure.yaxis[0].axis_label = "true class" if table.groups.labeled else "runner-up"


def cell_at(x: float | None, y: float | None, corner: tuple[float, float], groups: int) -> Ends | None:
    """The groups (true, predicted) that a click at (x, y) means: None of a side is any group.

    Names stand left of and above the `corner`, the upper left one of what is seen.
    """
    if x is None or y is None:
        return None
    column, row = round(x), groups - 1 - round(y)
    inside_x, inside_y = 0 <= column < groups, 0 <= row < groups
    match x < corner[0], y > corner[1]:
        case False, False if inside_x and inside_y:
            return row, column
        case True, False if inside_y:
            return row, None
        case False, True if inside_x:
            return None, column
    return None


def _numbers(
    values: np.ndarray, whole: np.ndarray, index: np.ndarray, colors: list[str], quiet: str
) -> NumberColumns:
    """What is selected in black or white, and the whole in gray where nothing of it is selected."""
    numbers, classes = NumberColumns([], [], [], [], []), len(values)
    inks = [legible(ground) for ground in colors]
    write = _percent if values.dtype.kind == "f" else str
    for i, j in np.argwhere(whole).tolist():
        value, ink = (values[i, j], inks[index[i, j]]) if values[i, j] > 0 else (whole[i, j], quiet)
        numbers.x.append(j)
        numbers.y.append(classes - 1 - i)
        numbers.text.append(write(value))
        numbers.color.append(ink)
    digits = max(map(len, numbers.text), default=0)
    small = classes > 12 or digits > 3  # at 1280 x 800 a cell of ten classes is 21 px wide
    return numbers._replace(size=["9px" if small else "12px"] * len(numbers.text))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if share >= 0.0095 else f"{100 * share:.1f}"


def _number_glyph() -> Text:
    return Text(
        text="text",
        text_color="color",
        text_font={"value": FONT},
        text_font_size="size",
        text_align="center",
        text_baseline="middle",
    )


def _add_hover(plot: Figure, renderer: Any, source: ColumnDataSource) -> None:
    sentence = CustomJSHover(args={"source": source}, code=_SENTENCE)
    tip = "<div style='font: 12px sans-serif; padding: 2px 4px'>@image{custom}</div>"
    plot.add_tools(HoverTool(renderers=[renderer], tooltips=tip, formatters={"@image": sentence}))


def _dress_axes(plot: Figure) -> None:
    for axis, title in ((plot.xaxis[0], "predicted class"), (plot.yaxis[0], "true class")):
        axis.axis_label = title
        axis.axis_label_text_font = axis.major_label_text_font = FONT
        axis.axis_label_text_font_size = axis.major_label_text_font_size = "12px"
        axis.axis_label_text_font_style = "normal"
        axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = None
        axis.major_tick_in = axis.major_tick_out = 0
        axis.axis_label_standoff = axis.major_label_standoff = 4
        axis.major_label_policy = NoOverlap(min_distance=-3)  # letters have air above and below
    plot.xaxis[0].major_label_orientation = np.pi / 2


def _ramp(first: str, last: str) -> list[str]:
    return [mixed(first, last, share) for share in np.linspace(0.12, 1, STEPS)]
