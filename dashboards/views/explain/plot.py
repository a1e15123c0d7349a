"""The pictures of the Explain view: one scale for all methods, and each one's faithfulness below it."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.captions import in_words
from dashboards.data.decision import Decision
from dashboards.data.trust import MAP_WORDS
from dashboards.views.explain.shapes import Picture, Sums
from dashboards.views.explain.table import Explained, Method
from deepvid.faithfulness import Ranking
from deepvid.wording import enumeration, minus

CLIPPED = (
    0.995  # share of all pictures' pixels inside the scale: few bright pixels must not gray out the rest
)
LEVELS = 127


class Scale(NamedTuple):
    """What pictures that are compared have in common."""

    end: float  # of the colors, in times a picture's mean pixel
    low: float  # of the axis of what they cost, in logits
    high: float


def scale_of(methods: Sequence[Method]) -> Scale:
    """The one scale of all these."""
    weighed = [np.abs(_weighed(method.map)).ravel() for method in methods]
    bands = [band for method in methods for band in (method.chance, method.infill_chance)]
    marks = [mark for method in methods for mark in (method.lost, method.infill_lost, method.median)]
    ends = [0.0, *(mark for mark in (*marks, *bands, *(-band for band in bands)) if not math.isnan(mark))]
    end = float(np.quantile(np.concatenate(weighed), CLIPPED)) or 1.0
    return Scale(end, min(ends), max(ends))


def pictures(methods: Sequence[Method], end: float) -> tuple[list[Picture], bytes]:
    """The pictures, and their maps as int8 in 127ths of the end of the colors.

    Every map is divided by its mean magnitude, so that all weigh the same and differ in shape alone.
    """
    weighed = [_weighed(method.map) for method in methods]
    return [_picture(method) for method in methods], b"".join(quantized(map_, end) for map_ in weighed)


def quantized(values: np.ndarray, scale: float) -> bytes:
    """int8 in 127ths of the scale."""
    return np.clip(np.rint(values / scale * LEVELS), -LEVELS, LEVELS).astype(np.int8).tobytes()


def sums(decision: Decision) -> Sums:
    """The parts of the margin to two digits; they add up as they are shown."""
    pixels = float(decision.pixels.sum())
    margin, rounded = round(pixels + decision.base, 2), round(pixels, 2)
    return {
        "pixels": rounded,
        "base": round(margin - rounded, 2),
        "margin": margin,
        "against": "neighbors’ mean" if decision.against_mean else "black image",
    }


def first_in_words(ranking: Ranking, images: str = "errors") -> str:
    """Which method is the truest on the run, and by what; `images` are what was explained."""
    row = ranking.first
    if row is None:
        return ""
    curves = row.images > 0
    ends = row.faithfulness if curves else row.margin_lost
    value, low, high = (minus(f"{end:.2f}") for end in ends)
    what = "insertion − deletion" if curves else "margin lost"
    others = row.images if curves else None
    told = f"the {others:,} others with curves" if others else "the others"
    title = in_words(row.name, row.label)[0]
    if ranking.rivals:
        rivals = enumeration([in_words(rival.name, rival.label)[0] for rival in ranking.rivals])
        return f"No method is the truest on this run: by one judge it is {title}, by the other {rivals}."
    return (
        f"{title} is the truest on this run: chosen on {ranking.chosen_on:,} {images}, checked on {told}: "
        f"{what} {value} [{low}, {high}] by {ranking.ruler}, where 0 is chance."
    )


def explained_in_words(explained: Explained, images: str = "errors") -> str:
    """One sentence below the pictures."""
    return "" if explained.ranking is None else first_in_words(explained.ranking, images)


def _weighed(values: np.ndarray) -> np.ndarray:
    mean = float(np.abs(values).mean())
    return values / mean if mean > 0 else values


def _picture(method: Method) -> Picture:
    label, what = in_words(method.name, method.label)
    return {
        "name": method.name,
        "label": label,
        "what": method.what or what,
        "lost": known(method.lost),
        "chance": known(method.chance),
        "median": known(method.median),
        "infill_lost": known(method.infill_lost),
        "infill_chance": known(method.infill_chance),
        "disputed": method.disputed,
        "verdict": MAP_WORDS[method.verdict] if method.verdict else "",
    }


def known(value: float) -> float | None:
    """What was measured; the browser has no nan."""
    return None if math.isnan(value) else value
