"""A map of three dimensions in the place of the flat one."""

from typing import Any, NamedTuple

import panel as pn

from dashboards.data.captions import verdict
from dashboards.data.maps import Map3D
from dashboards.data.population import Population
from dashboards.session.gestures import Polygon3D
from dashboards.session.modifiers import MapActions
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.map.cloud.point_cloud import Described, Lassoed, Marked, Picked, PointCloud
from dashboards.views.map.cloud.table import Cloud, Name, Shades, cloud, names, place, shades
from dashboards.views.map.overlays import TIP_PIXELS
from dashboards.views.map.thumbnail import data_url
from dashboards.widgets.component import Actions
from deepvid.errors import DataError


class Clouded(NamedTuple):
    """What it will show."""

    owner: str  # run and map
    table: Population
    cloud: Cloud
    shades: Shades
    names: tuple[Name, ...]


class CloudSurface:
    """Where it is turned to is the browser's own: a gesture brings what it needs of it along."""

    def __init__(self, session: Session, acting: MapActions) -> None:
        self._session, self._acting = session, acting
        self._shown: Clouded | None = None
        self._pointing = False
        actions: Actions = {"lasso": self._lasso, "pick": self._pick, "hover": self._hover}
        self._widget = PointCloud(actions, sizing_mode="stretch_both", min_height=120, margin=0)
        self.content = pn.Column(self._widget, sizing_mode="stretch_both", margin=0)

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
        changed: dict[str, Any] = {
            "cloud": described(prepared),
            "shade": prepared.shades.of_point.tobytes(),
        }
        if before is None or before.cloud is not prepared.cloud:
            changed["position"] = prepared.cloud.position.astype("<f4").tobytes()
        self._widget.param.update(**changed)
        if before is None or before.table is not prepared.table or before.cloud is not prepared.cloud:
            self.mark()  # a gesture moves no point

    def leave(self) -> None:
        """Another surface, or a sentence, stands in its place."""
        self._shown, self._pointing = None, False

    def mark(self) -> None:
        """Rings the sample under study and the one under the pointer, with its picture if it is here."""
        shown, navigation = self._shown, self._session.navigation
        if shown is None:
            return
        focus, hover = (self._place(shown, sample) for sample in (navigation.focus, navigation.hover))
        row = (
            shown.table.row_of(navigation.hover) if self._pointing and navigation.hover is not None else None
        )
        with self._session.hold():
            self._widget.marked = Marked(focus=focus, hover=hover, url="", text="")
            if row is not None:  # its picture may be unreadable: the last one's must not stay
                picture = data_url(shown.table.images([row])[0], TIP_PIXELS)
                words = verdict(shown.table, row)
                self._widget.marked = Marked(focus=focus, hover=hover, url=picture, text=words)

    def surround(self) -> None:
        """Neighbors are placed on flat maps alone."""

    def _place(self, shown: Clouded, sample: int | None) -> list[float] | None:
        row = None if sample is None else shown.table.row_of(sample)
        return None if row is None else place(shown.cloud, row)

    # --- what a person does

    def _lasso(self, drawn: Lassoed) -> None:
        shown = self._shown
        if shown is None or drawn["owner"] != shown.owner:
            return
        try:
            polygon = Polygon3D.parse({**drawn, "map": shown.cloud.chosen.name})
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            self._session.fault(
                DataError("A lasso has three corners or more, all finite", str(error), "Draw it anew")
            )
            return
        self._acting.brush(polygon, {"shift": drawn["shift"], "ctrl": drawn["ctrl"], "alt": False})

    def _pick(self, picked: Picked) -> None:
        sample = self._sample(picked["cloud"], picked["point"])
        if sample is not None:
            self._acting.pick(sample, {"shift": picked["shift"], "ctrl": picked["ctrl"], "alt": False})

    def _hover(self, pointed: list[int] | None) -> None:
        sample = None if pointed is None else self._sample(*pointed)
        self._pointing = sample is not None
        if sample != self._session.navigation.hover:
            with self._session.hold():
                self._session.navigation.hover = sample
        else:
            self.mark()

    def _sample(self, number: int, point: int) -> int | None:
        shown = self._shown
        if shown is None or number != shown.cloud.number or not 0 <= point < len(shown.cloud.rows):
            return None
        return int(shown.table.samples[shown.cloud.rows[point]])


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
