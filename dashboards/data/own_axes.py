"""Maps along axes of a person's own: from the middle of some images to that of others, in a space of the run.

Source of the idea: the custom projections of Smilkov et al. (2016), Embedding Projector, arXiv 1611.05469.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from dashboards.data.latents import latents
from dashboards.data.maps import Map
from dashboards.data.population import Population, facts_of
from dashboards.data.query import evaluated, names_of, parsed
from dashboards.data.recent import Recent
from dashboards.data.values import MARKS
from deepvid.caching import once_per
from deepvid.errors import DataError, UserError
from deepvid.store import Run
from deepvid.wording import percents

PREFIX = "axes:"
FEATURES, LATENTS, PIXELS = SPACES = ("features", "latents", "pixels")
PLAIN, CENTERED, SPHERE = SCALES = ("plain", "centered", "sphere")
_BLOCK = 1 << 13  # rows at once
_CACHED = 4  # maps of a table
_OF_TRUST = {"verdict", "student_verdict", "fidelity"}  # more of them are known as students come

Blocks = Callable[[], Iterator[np.ndarray]]
"""Reads float32 (row, value), block after block, from the first row."""


class Axis(NamedTuple):
    """From the images of one query to those of another."""

    start: str
    end: str


class OwnAxes(NamedTuple):
    """A map's definition; an axis that is None has the coordinates of the run's map `base`."""

    of: str  # one of `SPACES`
    scale: str  # one of `SCALES`
    base: str
    x: Axis | None
    y: Axis | None

    @property
    def name(self) -> str:
        """In links, and of lassos on it."""
        return PREFIX + json.dumps(self, ensure_ascii=False, separators=(",", ":"))


class Projection(NamedTuple):
    """Coordinates f32 (row,) along an axis, and the share of all variance that it has."""

    along: np.ndarray
    explained: float


def axes_of(name: str) -> OwnAxes | None:
    """The definition that a name holds; None of others. Queries in it have a form, whatever the run."""
    if not name.startswith(PREFIX):
        return None
    try:
        of, scale, base, *ends = json.loads(name.removeprefix(PREFIX))
        x, y = (None if end is None else Axis(*end) for end in ends)
        for query in (*(x or ()), *(y or ())):
            parsed(query)
        known = of in SPACES and scale in SCALES and isinstance(base, str) and (x or y) is not None
        return OwnAxes(of, scale, base, x, y) if known else None
    except (ValueError, TypeError, AttributeError, RecursionError, DataError):
        return None


def own_map(table: Population, name: str) -> Map | None:
    """The map of a name of `OwnAxes`, kept for all sessions; None where the table has no such map."""
    axes = axes_of(name)
    if axes is None or table.run is None:
        return None
    found = _drawn(table, axes)
    return None if isinstance(found, UserError) else found


def check(table: Population, axes: OwnAxes) -> None:
    """Draws it. Raises DataError where one of its queries means nothing, or no image, for the table, and
    StoreError where the run does not have what its axes are of.
    """
    if isinstance(found := _drawn(table, axes), UserError):
        raise found


def _drawn(table: Population, axes: OwnAxes) -> Map | UserError:
    """The map, or why there is none: both are found once."""

    def make() -> Map | UserError:
        try:
            return _made(table, axes)
        except UserError as error:
            return error

    said = set[str]().union(*(names_of(query) for axis in (axes.x, axes.y) for query in axis or ()))
    marks = tuple(table.marks.items()) if not said.isdisjoint(MARKS) else None
    trust = table.trust if said & _OF_TRUST else None
    return _maps(table).get((axes.name, marks, trust), make)


@once_per(facts_of)
def _maps(table: Population) -> Recent[Map | UserError]:
    return Recent(_CACHED)


def _made(table: Population, axes: OwnAxes) -> Map:
    base = table.maps.get(axes.base) or table.default_map
    blocks = _reader(table, axes.of)
    told, sides = [], []
    for side, axis in (("x", axes.x), ("y", axes.y)):
        if axis is None:
            told.append(f"{side}: of {base.title}" if base else f"{side}: nothing")
            values = np.zeros(table.rows, np.float32) if base is None else getattr(base, side)
        else:
            start, end = (_rows(table, query) for query in axis)
            values, share = project(blocks, start, end, axes.scale)
            told.append(f"{side}: {axis.start} → {axis.end}, {percents(share)} % of the variance")
        sides.append(np.ascontiguousarray(values, np.float32))
    settings = {"method": "axes", "of": axes.of, "axes": told}
    return Map(axes.name, sides[0], sides[1], {}, settings)


def _rows(table: Population, query: str) -> np.ndarray:
    mask = evaluated(query, table)
    if not mask.any():
        found = f"no image where {query}"
        raise DataError("An axis leads from some images to others", found, "Ask for others")
    return np.asarray(mask)


def _reader(table: Population, of: str) -> Blocks:
    run = table.run
    assert run is not None
    if of == PIXELS:
        read = table.images_of
    else:
        array = _array(run, of)
        read = lambda samples: array[np.asarray(samples)].to_numpy()  # noqa: E731
    starts = range(0, table.rows, _BLOCK)

    def blocks() -> Iterator[np.ndarray]:
        for start in starts:
            block = read(table.samples[start : start + _BLOCK])
            yield block.reshape(len(block), -1).astype(np.float32)

    return blocks


def _array(run: Run, of: str) -> Any:
    if of == LATENTS:
        if "vae" not in run.stages:
            raise DataError("Latents are of the run's autoencoder", "a run without", "Take the features")
        return latents(run).mean
    if "teacher" not in run.stages:
        raise DataError("Features are of the run's teacher", "a run without", "Take the pixels")
    return run.stages["teacher"].open("features")["features"]


def project(blocks: Blocks, start: np.ndarray, end: np.ndarray, scale: str = PLAIN) -> Projection:
    """⟨x, d⟩ of every x, with d = (mean of `end` - mean of `start`) / its length, bool (row,) both.

    `scale` first takes the mean of all away, and with `SPHERE` then divides each by its length.
    """
    middle = np.zeros(1) if scale == PLAIN else _mean(blocks(), np.ones(len(start), bool))

    def scaled() -> Iterator[np.ndarray]:
        for block in blocks():
            moved = block - middle
            if scale == SPHERE:
                moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
            yield moved

    direction = _mean(scaled(), end) - _mean(scaled(), start)
    length = float(np.linalg.norm(direction))
    if not length:
        must = "An axis leads from some images to others, whose middles differ"
        raise DataError(must, "two middles at one place", "Ask for others")
    parts = [(block @ (direction / length), block.sum(axis=0), (block**2).sum()) for block in scaled()]
    along = np.concatenate([part for part, _, _ in parts])
    mean = np.sum([part for _, part, _ in parts], axis=0) / len(along)
    total = sum(square for _, _, square in parts) / len(along) - float(mean @ mean)
    return Projection(along.astype(np.float32), float(along.var() / total) if total > 0 else 0.0)


def _mean(blocks: Iterator[np.ndarray], rows: np.ndarray) -> np.ndarray:
    total, begin = np.zeros(1), 0
    for block in blocks:
        inside = rows[begin : begin + len(block)]
        total = total + block[inside].sum(axis=0, dtype=np.float64)
        begin += len(block)
    return total / max(int(rows.sum()), 1)
