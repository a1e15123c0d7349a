"""A lasso or a box on a map: of the run, in three dimensions, of an epoch, of a layer."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from dashboards.data.own_axes import axes_of, own_map
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from dashboards.session.gestures.epochs import no_epoch
from dashboards.session.gestures.probe import no_layer, read_name
from deepvid.errors import DataError
from deepvid.wording import quantity

DIGITS = 5  # of a coordinate: a hundred-thousandth of a map's width, or of the picture
VIEW_DIGITS = 8  # of the matrix: what it takes to the screen moves by less than a corner's last digit
ENTRIES = 12  # of the matrix, (3, 4), row by row
Side = Iterable[float]


@dataclass(frozen=True)
class Lasso(Gesture):
    """Closed corners on a map, which `drawn` rounds at once, so that a link to them selects the same rows."""

    key: ClassVar[str] = "map"  # in a link, of what says which map it is on

    map: str  # its name; of an epoch the form, and of a layer the layer
    x: tuple[float, ...]
    y: tuple[float, ...]

    @classmethod
    def read(cls, value: Any) -> Self:
        """As a link has it; its corners are checked by `parse`."""
        return cls(read_name(value[cls.key]), _rounded(value["x"]), _rounded(value["y"]))

    @classmethod
    def parse(cls, value: Any) -> Self:
        lasso = cls.read(value)
        if len(lasso.x) != len(lasso.y) or len(lasso.x) < 3:
            raise ValueError("a polygon has three corners or more")
        if not all(map(math.isfinite, lasso.x + lasso.y)):
            raise ValueError("a corner is finite")
        return lasso

    def where(self) -> dict[str, Any]:
        """Which map it is on, as a link says it."""
        return {self.key: self.map}

    def to_json(self) -> dict[str, Any]:
        return {**self.where(), "x": list(self.x), "y": list(self.y)}

    @property
    def corners(self) -> tuple[np.ndarray, np.ndarray]:
        """f64 (corner,) each: along x and y."""
        return np.array(self.x), np.array(self.y)

    def sentence(self, table: Population, count: int) -> str:
        return f"{quantity(count, 'image')} in the lasso"


@dataclass(frozen=True)
class Polygon(Lasso):
    """In the data coordinates of a map of the run."""

    kind: ClassVar[str] = "polygon"

    @classmethod
    def read(cls, value: Any) -> Self:
        named = value[cls.key]
        if not (isinstance(named, str) and axes_of(named)):  # whose names are longer than others
            read_name(named)
        return cls.drawn(named, value["x"], value["y"])

    @classmethod
    def drawn(cls, map_name: str, x: Side, y: Side) -> Self:
        return cls(map_name, _rounded(x), _rounded(y))

    def mask(self, table: Population) -> Mask:
        chosen = table.maps.get(self.map) or own_map(table, self.map)
        if chosen is None:
            raise _no_map("A lasso belongs to a map of the run", f"no map {self.map!r}", table.maps)
        return chosen.inside(*self.corners)


@dataclass(frozen=True)
class Polygon3D(Lasso):
    """On the screen, as the map was turned when it was drawn."""

    kind: ClassVar[str] = "polygon3d"

    view: tuple[float, ...]  # takes positions to the screen, as `dashboards.data.maps.Map3D.inside` says

    @classmethod
    def drawn(cls, map_name: str, view: Side, x: Side, y: Side) -> Self:
        return cls(map_name, _rounded(x), _rounded(y), _rounded(view, VIEW_DIGITS))

    @classmethod
    def read(cls, value: Any) -> Self:
        lasso = cls.drawn(str(value["map"]), value["view"], value["x"], value["y"])
        if len(lasso.view) != ENTRIES or not all(map(math.isfinite, lasso.view)):
            raise ValueError(f"a view has {ENTRIES} finite numbers")
        return lasso

    def where(self) -> dict[str, Any]:
        return {"map": self.map, "view": list(self.view)}

    def mask(self, table: Population) -> Mask:
        if self.map not in table.maps_3d:
            must = "A lasso in 3-D belongs to a 3-D map of the run"
            raise _no_map(must, f"no 3-D map {self.map!r}", table.maps_3d)
        return table.maps_3d[self.map].inside(np.array(self.view).reshape(3, 4), *self.corners)


@dataclass(frozen=True)
class EpochPolygon(Lasso):
    """In the coordinates of a form's map after an epoch, from 1."""

    kind: ClassVar[str] = "epoch-polygon"

    epoch: int

    @classmethod
    def drawn(cls, form: str, epoch: int, x: Side, y: Side) -> Self:
        return cls(form, _rounded(x), _rounded(y), epoch)

    @classmethod
    def read(cls, value: Any) -> Self:
        return cls.drawn(str(value["form"]), whole(value["epoch"]), value["x"], value["y"])

    def where(self) -> dict[str, Any]:
        return {"form": self.map, "epoch": self.epoch}

    def mask(self, table: Population) -> Mask:
        found = table.epochs and table.epochs.map(self.map, self.epoch)
        if not found:
            must = "A lasso in time travel belongs to an epoch of the run"
            raise no_epoch(must, table, self.map, self.epoch)
        return found.inside(*self.corners)

    def sentence(self, table: Population, count: int) -> str:
        return f"{super().sentence(table, count)} of epoch {self.epoch}"


@dataclass(frozen=True)
class LayerPolygon(Lasso):
    """In the coordinates of a layer's map."""

    kind: ClassVar[str] = "layer-polygon"
    key: ClassVar[str] = "layer"

    @classmethod
    def drawn(cls, layer: str, x: Side, y: Side) -> Self:
        return cls(layer, _rounded(x), _rounded(y))

    def mask(self, table: Population) -> Mask:
        found = None if table.layers is None else table.layers.map(self.map)
        if found is None:
            raise no_layer(table, self.map)
        return found.inside(*self.corners)

    def sentence(self, table: Population, count: int) -> str:
        return f"{super().sentence(table, count)} of {self.map}"


def _rounded(numbers: Side, digits: int = DIGITS) -> tuple[float, ...]:
    return tuple(float(f"{float(number):.{digits}g}") for number in numbers)


def _no_map(must: str, found: str, there: Iterable[str]) -> DataError:
    among = f"{found} among {', '.join(there) or 'none'}"
    return DataError(must, among, "Draw the lasso anew, or wait until that map is computed")
