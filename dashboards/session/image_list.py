"""The list of images that a person steps through: the selection, else all errors, in the grid's order."""

from typing import NamedTuple

from dashboards.data.image_orders import ALIKE, DISTANCE, NearOrder, by_image, image_order, is_known
from dashboards.data.orders import Listed, grouped, groupings, order, orders
from dashboards.data.population import Mask, Population
from dashboards.session import needs
from dashboards.session.scene import Scene
from deepvid.store import Run


class ImageList(NamedTuple):
    """Rows in an order, and the words for them."""

    listed: Listed
    words: str  # of several

    def step(self, row: int | None, by: int) -> int | None:
        """The row so many places on; from one that is not listed the first or the last. None: at an end."""
        place = None if row is None else self.listed.position(row)
        at = (0 if by > 0 else len(self.listed) - 1) if place is None else place + by
        if not 0 <= at < len(self.listed):
            return None
        return int(self.listed.rows(at, at + 1)[0])


def image_list(scene: Scene) -> ImageList | None:
    """The list in force; None without a run. Cheap: rows are looked for where somebody asks."""
    run, table = scene.run, scene.table
    if run is None or table is None:
        return None
    mask, words = _mask(scene, table)
    near = near_order(run, table, scene.sort)
    offered = orders(table)
    rows = near.order if near else order(table, scene.sort if scene.sort in offered else next(iter(offered)))
    if scene.group in groupings(table):
        rows = grouped(table, rows, scene.group)
    return ImageList(Listed(rows, mask), words)


def _mask(scene: Scene, table: Population) -> tuple[Mask | None, str]:
    if scene.mask is not None:
        return scene.mask, "selected images"
    return (table.wrong, "errors") if table.wrong is not None and table.wrong.any() else (None, "images")


def kinds_of_near(run: Run, table: Population) -> list[str]:
    """Orders by an image that a run has the facts for."""
    there = {
        DISTANCE: needs.has_variable(run, "teacher", "features"),
        ALIKE: table.modes is not None and table.modes.has_distances,
    }
    return [kind for kind, known in there.items() if known]


def near_order(run: Run, table: Population, sort: str) -> NearOrder | None:
    """The order by an image of the run, where that is what `sort` says."""
    asked = image_order(sort)
    if asked is None or asked.kind not in kinds_of_near(run, table):
        return None
    return NearOrder(asked, by_image(table, run, asked)) if is_known(table, asked) else None
