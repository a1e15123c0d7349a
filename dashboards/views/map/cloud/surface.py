"""A map of three dimensions in the place of the flat one."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import panel as pn

from dashboards.data.captions import verdict
from dashboards.data.maps import Map3D
from dashboards.data.population import Population
from dashboards.kit.points import Description, PointActions, PointSet
from dashboards.session.gestures import Polygon3D
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.map.cloud.point_cloud import Described, Marked, PointCloud
from dashboards.views.map.cloud.table import Cloud, Name, Shades, cloud, names, place, shades


class Clouded(NamedTuple):
    """What it will show."""

    owner: str  # run and map
    table: Population
    cloud: Cloud
    shades: Shades
    names: tuple[Name, ...]


class CloudSurface(PointActions):
    """Where it is turned to is the browser's own: a gesture brings what it needs of it along."""

    component: PointCloud

    def __init__(self, session: Session) -> None:
        super().__init__(session, PointCloud, {})
        self._shown: Clouded | None = None
        self.content = pn.Column(self.component, sizing_mode="stretch_both", margin=0)

    def local_state(self) -> None:
        """A picture is prepared from the scene alone."""

    def prepare(self, scene: Scene, table: Population, chosen: Map3D) -> Clouded:
        """Colors the points for the mask."""
        shown = cloud(chosen)
        assert scene.run is not None
        return Clouded(
            f"{scene.run.id}/{chosen.name}",
            table,
            shown,
            shades(table, shown, scene.color, scene.mask),
            names(table, shown, scene.color),
        )

    def publish(self, prepared: Clouded) -> None:
        """Points travel once a map, colors with every gesture."""
        before, self._shown = self._shown, prepared
        cloud, table = prepared.cloud, prepared.table
        moved = before is None or before.cloud is not cloud
        changed: dict[str, Any] = {
            "cloud": described(prepared),
            "shade": prepared.shades.of_point.tobytes(),
        }
        if moved:
            changed["position"] = cloud.position.astype("<f4").tobytes()
        self.component.param.update(**changed)
        if moved or before is None or before.table is not table:  # a gesture moves no point
            self.show(PointSet(cloud.number, table, table.samples[cloud.rows]))
            self.mark()

    def leave(self) -> None:
        """Another surface, or a sentence, stands in its place."""
        self._shown = None
        self.show(None)

    def mark(self) -> None:
        """Rings the sample under study and the one under the pointer."""
        shown, navigation = self._shown, self._session.navigation
        if shown is None:
            return
        focus, hover = (self._place(shown, sample) for sample in (navigation.focus, navigation.hover))
        with self._session.hold():
            self.component.marked = Marked(focus=focus, hover=hover)

    def surround(self) -> None:
        """Neighbors are placed on flat maps alone."""

    def _place(self, shown: Clouded, sample: int | None) -> list[float] | None:
        row = None if sample is None else shown.table.row_of(sample)
        return None if row is None else place(shown.cloud, row)

    # --- what a person does

    def describe(self, points: PointSet, point: int, moment: list[Any]) -> Description | None:
        """What the image is and what it was taken for."""
        row = points.table.row_of(int(points.samples[point]))
        assert row is not None
        return Description([verdict(points.table, row)], points.table.images([row])[0])

    def gesture(self, value: Mapping[str, Any]) -> Polygon3D | None:
        """Of another run or map, nothing."""
        shown = self._shown
        if shown is None or value.get("owner") != shown.owner:
            return None
        return Polygon3D.parse({**value, "map": shown.cloud.chosen.name})


def described(prepared: Clouded) -> Described:
    """What the browser is told beside the points."""
    shown, (of_point, colors, front) = prepared.cloud, prepared.shades
    drawn = len(of_point)
    note = (
        f"{drawn:,} of {shown.placed:,} points are drawn; a lasso selects among all"
        if drawn < shown.placed
        else ""
    )
    return {
        "owner": prepared.owner,
        "number": shown.number,
        "points": drawn,
        "note": note,
        "middle": list(shown.middle),
        "radius": shown.radius,
        "colors": list(colors),
        "front": list(front),
        "names": [{"at": list(at), "text": text, "color": color} for at, text, color in prepared.names],
    }
