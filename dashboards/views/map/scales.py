"""What stands below a map whose colors are a scale, counted under the selection."""

import numpy as np

from dashboards.data.levels import LEVELS, levels, numbers
from dashboards.data.orders import group_counts
from dashboards.data.population import Mask, Population
from dashboards.data.query import quote
from dashboards.data.trust import BINS, EDGES, WORDS
from dashboards.data.values import categories, vocabulary
from dashboards.kit.elements import swatch
from dashboards.kit.pictures import Badge
from dashboards.session.gestures import Gesture, Query, Trusted
from dashboards.session.selection import Mode, Steps
from dashboards.theme import LEVEL_COLORS, VERDICT_COLORS
from dashboards.views.map.coloring import coloring, named_words
from dashboards.views.map.scale_bar import Bin, Chip, Scale

_ORDER = tuple(WORDS)  # the most trusted first
_TRUST = (
    "Students by how much more often than guessing they agree with the teacher, "
    "at the lower end of the 95 % interval"
)
_TICKED = (0.0, 0.1, 0.2, 0.3, 0.4)
_ENDS = (-1.0, *EDGES, 1.0)


def scale_of(table: Population, mask: Mask | None, steps: Steps, color: str) -> Scale | None:
    """None where colors are names."""
    if color == "trust":
        return trust_scale(table, mask, steps)
    if color in categories(table):
        return category_scale(table, mask, steps, color)
    return number_scale(table, mask, steps, color) if color in numbers(table) else None


def trust_scale(table: Population, mask: Mask | None, steps: Steps) -> Scale | None:
    """Counts O(students) but for a count of the mask; None where no student is known."""
    trust = table.trust
    if trust is None:
        return None
    only = _only(steps)
    counts, every = trust.counts(mask), trust.histogram(None)
    under = every if mask is None else trust.histogram(mask)
    chips = (
        Chip(
            WORDS[verdict],
            Badge(int(verdict), VERDICT_COLORS[verdict]),
            int(counts[verdict]),
            verdict.name.lower(),
            only == Trusted(verdict),
        )
        for verdict in _ORDER
    )
    bins = []
    for place in range(BINS):
        gesture = Trusted((_ENDS[place], _ENDS[place + 1]))
        bars = (every[place, list(_ORDER)].tolist(), under[place, list(_ORDER)].tolist())
        hint = gesture.sentence(table, int(every[place].sum()))
        bins.append(Bin(*bars, hint, [_ENDS[place], _ENDS[place + 1]], only == gesture))
    ticks = tuple((_tick(edge), (EDGES.index(edge) + 1) / BINS) for edge in _TICKED)
    colors = tuple(VERDICT_COLORS[verdict] for verdict in _ORDER)
    return Scale(_TRUST, mask is not None, tuple(chips), tuple(bins), colors, ticks)


def number_scale(table: Population, mask: Mask | None, steps: Steps, name: str) -> Scale:
    """Counts what the mask has; each bar has the color that its images have on the map."""
    known, only = levels(table, name), _only(steps)
    every = known.histogram(None)
    under = every if mask is None else known.histogram(mask)
    bins = []
    for level in range(LEVELS):
        gesture, here = Query(known.query(level)), np.arange(LEVELS) == level
        bars = (np.where(here, every, 0).tolist(), np.where(here, under, 0).tolist())
        hint = gesture.sentence(table, int(every[level]))
        bins.append(Bin(*bars, hint, gesture.text, only == gesture))
    ticks = [(known.ticks[at], at / LEVELS) for at in range(0, LEVELS, 2)]
    ticks[-1] = (f"{ticks[-1][0]} {name}", ticks[-1][1])
    about = (
        f"Images by {name}, {vocabulary(table)[name].meaning}; bars grow with the square root of their count"
    )
    return Scale(about, mask is not None, (), tuple(bins), tuple(LEVEL_COLORS), tuple(ticks), rooted=True)


def category_scale(table: Population, mask: Mask | None, steps: Steps, name: str) -> Scale:
    """Counts what the mask has of each word, the commonest first."""
    groups, only = coloring(table, name).groups, _only(steps)
    column, counts = categories(table)[name], group_counts(table, name, mask)
    chips: list[Chip] = []
    for word in named_words(column):
        gesture = Query(f"{name} == {quote(column.words[word])}")
        mark = swatch(groups[len(chips) + 2].color)
        chips.append(Chip(column.words[word], mark, int(counts[word]), gesture.text, only == gesture))
    return Scale(f"Images by {name}", mask is not None, tuple(chips))


def _only(steps: Steps) -> Gesture | None:
    """The gesture that is all of the selection."""
    return steps[0].gesture if len(steps) == 1 and steps[0].mode is Mode.REPLACE else None


def _tick(edge: float) -> str:
    return f"+{100 * edge:.0f}" + (" points" if edge == _TICKED[-1] else "") if edge else "guessing"
