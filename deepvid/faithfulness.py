"""Which explanation of a run's errors is the truest: means with intervals, and the one that stands first.

What is measured of each image is told in `deepvid/attribution/measures.py`; here it is counted (NumPy only).
The method that stands first is chosen on one half of the images and judged on the other, so that its figures
are not those of the luckiest.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
import xarray as xr

from deepvid.config import names
from deepvid.statistics import Interval, bootstrap_difference, bootstrap_mean

J = TypeVar("J", bound=str)

FEWEST = 10
"""Images by which a method is said to stand first: one half chooses it, and the other gives the interval."""

LEADING: tuple[names.Judge, ...] = ("colors", "infill")
"""Judges whose mean is a map's figure: no method fills an absent pixel as they do, so none flatters them."""

FLATTERED: Mapping[str, tuple[names.Judge, ...]] = {
    "integrated_gradients": ("black", "mean_color", "blur"),
    "occlusion": ("mean_color",),
    "places": ("black", "mean_color", "blur"),
    "pixels_and_places": ("black", "mean_color", "blur"),
    "rise": ("mean_color",),
}
"""Judges whose fills a method's map averages over: what they say of it counts for nothing."""

CONTROLS = frozenset({"random", "image"})
"""Methods that explain nothing, which tell what a measure gives for nothing."""

STUDENTS = ("student", "places", "pixels_and_places")
"""Pictures of a student: of pixels, of places, of both. A run shows the one that is the truest there."""

BLIND: Mapping[str, str] = {
    "lime_grid": "what it leaves out takes its own mean color: an even patch that fills a square never goes",
}
"""Methods that do not see a patch which is known to decide, and why: no more of their strongest pixels lie on
it than chance would put there, or than where it means nothing (`benchmarks/planted.py`). None stands first.
"""


def places_of_explainers(methods: Sequence[str]) -> list[int]:
    """Where the methods stand that can explain: no control, and none that is blind."""
    return [place for place, name in enumerate(methods) if name not in CONTROLS | BLIND.keys()]


class Measured(NamedTuple):
    """Measures of the explanations of some images; nan where something was not measured."""

    sample: np.ndarray  # int (image,)
    methods: tuple[str, ...]
    labels: tuple[str, ...]  # of the methods, for people
    judges: tuple[str, ...]
    margin_lost: np.ndarray  # (image, method), logits; 0 is chance
    margin_chance: np.ndarray  # (image, method): elsewhere a map loses less in 97.5 % of cases
    faithfulness: np.ndarray  # (image, method, judge): insertion - deletion; 0 is chance

    @property
    def figure(self) -> np.ndarray:
        """(image, method): the mean over the judges that lead and were asked about the image."""
        leading = self.faithfulness[..., places_that_lead(self.judges)]
        asked = ~np.isnan(leading)
        counts = np.where(asked.any(axis=-1), asked.sum(axis=-1), np.nan)
        return np.asarray(leading.sum(axis=-1, where=asked) / counts)


class Row(NamedTuple):
    """One method's."""

    name: str
    label: str
    control: bool
    blind: bool
    images: int  # with curves
    faithfulness: Interval  # mean over the judges that lead
    by_judge: tuple[float, ...]
    knows: tuple[bool, ...]  # the judge's fill
    over_random: Interval  # of faithfulness, paired
    margin_lost: Interval  # logits
    beats_chance: float  # share of the images whose margin_lost is above chance
    disputed: tuple[str, ...] = ()  # methods that stand above it by one leading judge only


class Ranking(NamedTuple):
    """`rows` are of all images, the truest method first; those that are blind and controls come last."""

    rows: tuple[Row, ...]
    first: Row | None  # of the images that did not choose it; None: there are fewer than `FEWEST`
    chosen_on: int  # images that chose it
    judges: tuple[str, ...]
    student: str | None = None  # of `STUDENTS`, by the same images; None: there are none, or too few images

    @property
    def fair(self) -> bool:
        """Whether no method knows the judges that rank them. Runs of earlier versions have no such judge."""
        return set(judges_that_lead(self.judges)) <= set(LEADING)

    @property
    def ruler(self) -> str:
        """The fills of the judges that rank, in words."""
        if not self.fair:
            return "fills that some methods average over"
        if "infill" in self.judges:
            return "two judges that no method knows, flat colors and the autoencoder"
        return "two colors that no method fills with"

    @property
    def rivals(self) -> tuple[Row, ...]:
        """Methods that stand above the first by a judge that leads, so that none is the truest."""
        disputed = () if self.first is None else self.first.disputed
        return tuple(row for row in self.rows if row.name in disputed)


def judges_that_lead(judges: Sequence[J]) -> tuple[J, ...]:
    """Those that lead; all where none of them does, as in runs of earlier versions."""
    return tuple(name for name in judges if name in LEADING) or tuple(judges)


def places_that_lead(judges: Sequence[str]) -> list[int]:
    """Where those that lead stand among the judges."""
    return [judges.index(name) for name in judges_that_lead(judges)]


def measured(batches: Sequence[xr.Dataset]) -> Measured | None:
    """Measures in batches of the stage `explanations`, all of them of one kind; None of none."""
    if not batches:
        return None
    first = batches[0].attrs
    arrays = {
        name: np.concatenate([batch[name].to_numpy() for batch in batches])
        for name in ("sample", "margin_lost", "margin_chance", "faithfulness")
    }
    judges = first["judges" if "judges" in first else "baselines"]  # as earlier versions call them
    methods, labels, judges = (tuple(each) for each in (first["methods"], first["labels"], judges))
    return Measured(methods=methods, labels=labels, judges=judges, **arrays)


def ranking(found: Measured, *, seed: int = 0) -> Ranking:
    """Every method's row, by its faithfulness (by the margin lost where no curves were taken)."""
    choosing = np.random.default_rng(seed).permutation(len(found.sample)) % 2 == 0
    places = range(len(found.methods))
    rows = sorted((_row(found, place, seed) for place in places), key=_merit, reverse=True)
    explaining = places_of_explainers(found.methods)
    first = student = None
    if explaining and _chooses(found) >= FEWEST:
        merit = partial(_value, _of(found, choosing))
        best = max(explaining, key=merit)
        students = [place for place in explaining if found.methods[place] in STUDENTS]
        student = found.methods[max(students, key=merit)] if students else None
        first = _row(_of(found, ~choosing), best, seed)
        first = first._replace(disputed=_disputed(found, best, explaining, seed))
    return Ranking(tuple(rows), first, _chooses(_of(found, choosing)), found.judges, student)


def _disputed(found: Measured, place: int, others: Sequence[int], seed: int) -> tuple[str, ...]:
    """The methods whose difference from the one at `place` is above 0 by one judge that leads and below by
    another, with its whole interval.
    """
    disputed = []
    for other in others:
        leads = [
            bootstrap_difference(
                found.faithfulness[:, place, judge], found.faithfulness[:, other, judge], seed=seed
            )
            for judge in places_that_lead(found.judges)
        ]
        if any(lead.low > 0 for lead in leads) and any(lead.high < 0 for lead in leads):
            disputed.append(found.methods[other])
    return tuple(disputed)


def _of(found: Measured, rows: np.ndarray) -> Measured:
    return found._replace(
        sample=found.sample[rows],
        margin_lost=found.margin_lost[rows],
        margin_chance=found.margin_chance[rows],
        faithfulness=found.faithfulness[rows],
    )


def _chooses(found: Measured) -> int:
    """Images that a method is chosen by: those with curves, all where no curves were taken."""
    return int(np.isfinite(found.faithfulness).any(axis=(1, 2)).sum()) or len(found.sample)


def _merit(row: Row) -> tuple[bool, bool, float]:
    value = row.faithfulness.value if row.images else row.margin_lost.value
    return not row.control, not row.blind, _or_least(value)


def _value(found: Measured, place: int) -> float:
    """The value by which the method at `place` is chosen."""
    areas = found.figure[:, place]
    return _or_least(_average(areas if np.isfinite(areas).any() else found.margin_lost[:, place]))


def _row(found: Measured, place: int, seed: int) -> Row:
    areas = found.figure
    random = areas[:, found.methods.index("random")] if "random" in found.methods else np.zeros(len(areas))
    own, lost = areas[:, place], found.margin_lost[:, place]
    judged = ~np.isnan(own)
    return Row(
        found.methods[place],
        found.labels[place],
        found.methods[place] in CONTROLS,
        found.methods[place] in BLIND,
        int(judged.sum()),
        _mean(own, seed),
        tuple(_average(column) for column in found.faithfulness[:, place].T),
        tuple(judge in FLATTERED.get(found.methods[place], ()) for judge in found.judges),
        bootstrap_difference(own, random, seed=seed),
        _mean(lost, seed),
        float(np.mean(lost > found.margin_chance[:, place])) if len(lost) else np.nan,
    )


def _average(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


def _or_least(value: float) -> float:
    return -np.inf if np.isnan(value) else value


def _mean(values: np.ndarray, seed: int) -> Interval:
    known = values[~np.isnan(values)]
    return bootstrap_mean(known, seed=seed) if len(known) else Interval(np.nan, np.nan, np.nan)
