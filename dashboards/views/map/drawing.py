"""The flat map as it will be shown, made in a thread of what it knows of itself."""

from typing import NamedTuple

from dashboards.data.maps import Map
from dashboards.data.population import Mask, Population
from dashboards.session.scene import Scene
from dashboards.session.state import Extent
from dashboards.theme import palette
from dashboards.views.map import plot
from dashboards.views.map.coloring import coloring
from dashboards.views.map.columns import AroundColumns, ContourColumns, OutlineColumns
from dashboards.views.map.contours import contours
from dashboards.views.map.outlines import outlines
from dashboards.views.map.picked import picked
from dashboards.views.map.table import Axes, Counted, Shaded, in_sight, shaded

NO_CONTOURS = ContourColumns([], [], [], [])


class Own(NamedTuple):
    """Its own state: axes, what the address says of them, size in pixels, what was counted for the last
    picture.
    """

    axes: Axes | None
    extent: Extent | None
    size: tuple[int, int]
    counted: Counted | None


class DrawnMap(NamedTuple):
    """A map that is ready to be shown."""

    table: Population
    chosen: Map
    axes: Axes
    extent: Extent | None  # what the address says of them
    placed: bool  # whether they are to be moved there
    shaded: Shaded
    outlines: OutlineColumns
    picked: AroundColumns
    contours: ContourColumns
    mask: Mask | None
    color: str
    dark: bool

    @property
    def colors(self) -> list[str]:
        """Those of the picture's indices."""
        return plot.index_palette(coloring(self.table, self.color), palette(self.dark))


def draw(scene: Scene, table: Population, chosen: Map) -> DrawnMap:
    """Shades for the mask what a person sees of the map, or what the address says of it."""
    own: Own = scene.own
    assert scene.run is not None
    owner = (scene.run.id, chosen.name)
    axes = own.axes if own.axes and own.axes.owner == owner and own.extent == scene.view else None
    placed = axes is None
    if axes is None:
        said = scene.view if scene.projection in ("", chosen.name) else None
        axes = Axes(owner, in_sight(chosen, said, own.size))
    picture = shaded(table, chosen, scene.color, scene.mask, axes.view, own.counted)
    dots = picked(table, chosen, scene.color, scene.mask)
    curves = contours(table, chosen, scene.color) if scene.contours else NO_CONTOURS
    lying = outlines(scene.steps, chosen), dots, curves
    where = axes, scene.view, placed
    return DrawnMap(table, chosen, *where, picture, *lying, scene.mask, scene.color, scene.dark)
