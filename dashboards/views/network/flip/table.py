"""Distances to another answer as a histogram of right and wrong images, and what they are worth."""

from typing import Any, NamedTuple

import numpy as np

from dashboards.data.changes import Changes
from dashboards.data.population import Mask, Population
from deepvid import wording
from deepvid.statistics import Interval, auroc, auroc_difference

BINS = 30  # up to the distance that few are beyond
FEW = 0.98
MOST = 60  # bins in all
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)

WORDS = {"latent": "latents", "pixel": "pixels"}
UNITS = {
    "latent": "distance in standard deviations of the latents",
    "pixel": "L2 distance in pixels, of which each is 0 to 1",
}


class Distances(NamedTuple):
    """Of the rows that were measured in one space."""

    space: str
    edges: np.ndarray  # f64 (bin + 1,): round numbers
    rows: np.ndarray  # int (measured,)
    distance: np.ndarray  # f32 (measured,)
    wrong: np.ndarray  # bool (measured,)


def distances(table: Population, found: Changes, space: str) -> Distances:
    """In the space that is asked for, or the first there is."""
    at = found.spaces.index(space) if space in found.spaces else 0
    rows = np.flatnonzero(np.isfinite(found.distance[at]))
    distance = found.distance[at, rows]
    wrong = np.zeros(len(rows), np.bool_) if table.wrong is None else table.wrong[rows]
    return Distances(found.spaces[at], edges_of(distance), rows, distance, wrong)


def edges_of(distance: np.ndarray) -> np.ndarray:
    """From 0 in round steps to beyond the largest."""
    if not len(distance) or distance.max() <= 0:
        return np.array([0.0, 1.0])
    wanted = max(float(np.quantile(distance, FEW)) / BINS, float(distance.max()) / MOST)
    scale = 10.0 ** np.floor(np.log10(wanted))
    step = next(step for step in STEPS if step * scale >= wanted * (1 - 1e-9)) * scale
    count = int(distance.max() / step) + 1
    return np.round(step * np.arange(count + 1), 9)


def bars(shown: Distances, mask: Mask | None) -> dict[str, list[int]]:
    """How many right and wrong images are in each bin, and of them those that are selected."""
    lit = np.ones(len(shown.rows), np.bool_) if mask is None else mask[shown.rows]
    kinds = {"right": ~shown.wrong, "wrong": shown.wrong}
    return {
        f"{kind}{suffix}": np.histogram(shown.distance[of & which], shown.edges)[0].tolist()
        for kind, of in kinds.items()
        for suffix, which in (("", True), ("Lit", lit))
    }


def medians(shown: Distances, mask: Mask | None) -> dict[str, float | None]:
    """Of all right and all wrong images, and of those that are selected."""
    kinds = {"right": ~shown.wrong, "wrong": shown.wrong}
    if mask is not None:
        kinds["selected"] = mask[shown.rows]
    return {kind: _median(shown.distance[of]) for kind, of in kinds.items()}


def sentence(shown: Distances, mask: Mask | None) -> str:
    """What half of the images need at most."""
    found = medians(shown, mask)
    told = [f"{kind} {_short(value)}" for kind, value in found.items() if value is not None]
    if not told:
        return "No image that was measured flips."
    where = WORDS[shown.space]
    return f"Median distance to another answer in {where}: {', '.join(told)}"


def detection(table: Population, shown: Distances) -> list[list[str]]:
    """[name, area, hint] of distance, margin and confidence as detectors of errors; nothing without both."""
    if not shown.wrong.any() or shown.wrong.all() or table.predictions is None:
        return []
    return [
        [name, f"{_bare(area.value)} [{_bare(area.low)}, {_bare(area.high)}]", _hint(name)]
        for name, area in _areas(table, shown).items()
    ]


def verdict(table: Population, shown: Distances) -> str:
    """Whether distance finds errors better than margin and confidence, which cost nothing to ask for."""
    if not shown.wrong.any() or shown.wrong.all() or table.predictions is None:
        return ""
    scores = _scores(table, shown)
    differences = [
        auroc_difference(scores["distance"], scores[name], shown.wrong) for name in ("margin", "confidence")
    ]
    if all(difference.low > 0 for difference in differences):
        return "Distance finds errors better than margin and confidence."
    if any(difference.high < 0 for difference in differences):
        return "Distance is a worse detector of errors than the teacher's own margin or confidence."
    return "Distance is no better a detector of errors than the teacher's own margin or confidence."


def measured(table: Population, found: Changes, shown: Distances) -> str:
    """Of how many images."""
    asked, lost = int(found.attrs["asked"]), int(found.attrs["asked"]) - len(shown.rows)
    wrong = int(shown.wrong.sum())
    kinds = f"{wrong:,} wrong and {len(shown.rows) - wrong:,} right"
    left = f"; {lost} of {asked:,} were not flipped" if lost else ""
    return f"Measured for {kinds} test images, drawn once{left}: bars compare kinds, not how common each is."


def of_focus(table: Population, found: Changes, shown: Distances, row: int | None) -> dict[str, Any] | None:
    """The distance of the image under study, and the answer there."""
    if row is None:
        return None
    at = found.spaces.index(shown.space)
    distance, there = float(found.distance[at, row]), int(found.flipped[at, row])
    sample = f"#{table.samples[row]}"
    if np.isnan(distance):
        return {"at": None, "text": f"{sample} was not measured."}
    return {"at": distance, "text": f"{sample} is {_short(distance)} from {table.class_names[there]}"}


def _areas(table: Population, shown: Distances) -> dict[str, Interval]:
    return {name: auroc(score, shown.wrong) for name, score in _scores(table, shown).items()}


def _scores(table: Population, shown: Distances) -> dict[str, np.ndarray]:
    """What is larger the more an image is suspected."""
    assert table.predictions is not None
    logits = table.predictions.logits[table.predictions.source[shown.rows]].to_numpy()
    second, first = np.partition(logits, -2, axis=1)[:, -2:].T
    confidence = table.predictions.confidence[shown.rows]
    return {"distance": -shown.distance, "margin": second - first, "confidence": -confidence}


def _hint(name: str) -> str:
    return (
        f"Area under the ROC curve of the {name} as a detector of errors: the chance that it ranks a wrong "
        "image above a right one, .5 by guessing; 95 % interval by DeLong"
    )


def _median(values: np.ndarray) -> float | None:
    return float(np.median(values)) if len(values) else None


def _short(value: float) -> str:
    """Three digits at most."""
    return f"{value:.3g}" if value >= 1 else wording.bare(value, 3)


def _bare(value: float) -> str:
    return f"{value:.2f}".removeprefix("0")


def counted_bin(shown: Distances, number: int) -> str:
    """A bin in words."""
    low, high = shown.edges[number : number + 2]
    inside = (shown.distance >= low) & (shown.distance < high)
    wrong = int((inside & shown.wrong).sum())
    right = int(inside.sum()) - wrong
    return f"{low:.4g} to {high:.4g}: {wording.quantity(right, 'right image')}, {wrong:,} wrong"
