"""Which color a row has on the map: at most twenty groups, and group 0 for what lies behind."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.levels import Levels, levels, numbers
from dashboards.data.maps import Map
from dashboards.data.population import Population
from dashboards.data.trust import WORDS, Trust
from dashboards.data.values import categories
from dashboards.kernels.shading import MOST_GROUPS
from dashboards.theme import CLASS_COLORS, LEVEL_COLORS, VERDICT_COLORS, class_color
from deepvid.columns import Column
from deepvid.trust import Verdict

_BEHIND = 1e-6  # weight of a group that any other covers
_ERROR = "#D55E00"
_CORRECT = "#7F93AD"
_OTHER = "#8A8F99"
_OF_CLASSES = ("label", "predicted")
_LONGEST = 16  # letters of a name on the map
_LABEL_ROWS = 200_000  # as many rows decide where a name stands


class Group(NamedTuple):
    """One color of the map. `weight` says how a group competes with others for a pixel."""

    name: str
    color: str
    weight: float = 1.0


class Coloring(NamedTuple):
    """The group of each row, uint8 (row,); group 0 is what is not selected."""

    group: np.ndarray
    groups: tuple[Group, ...]

    @property
    def weight(self) -> np.ndarray:
        """f64 (group,)."""
        return np.array([group.weight for group in self.groups])


class Label(NamedTuple):
    """A group's name at the middle of its rows."""

    x: float
    y: float
    text: str
    color: str


@lru_cache(maxsize=6)
def coloring(table: Population, color: str) -> Coloring:
    """The colors of the rows by `label`, `predicted`, `error`, `trust`, a number or a category.

    Without a teacher, or a student, they are by label, and without labels by the predicted class.
    """
    if color in numbers(table):
        return _by_number(levels(table, color))
    if color in categories(table):
        return _by_category(categories(table)[color])
    if color == "trust" and table.trust is not None:
        return _by_trust(table.trust)
    if color == "error" and table.wrong is not None:
        return _by_error(table.wrong)
    predicted = table.predicted
    return _by_class(table, table.filed if color != "predicted" or predicted is None else predicted)


@lru_cache(maxsize=6)
def labels(table: Population, chosen: Map, color: str) -> tuple[Label, ...]:
    """The groups' names on a map, at the median of their rows; none where colors are no classes."""
    names = []
    step = max(1, table.rows // _LABEL_ROWS)
    group, x, y = coloring(table, color).group[::step], chosen.x[::step], chosen.y[::step]
    for index, text, shade in named_groups(table, color):
        rows = (group == index) & np.isfinite(x)
        if rows.any():
            names.append(Label(float(np.median(x[rows])), float(np.median(y[rows])), text, shade))
    return tuple(names)


def named_groups(table: Population, color: str) -> list[tuple[int, str, str]]:
    """(group, name as short as can be told apart, color) of each; none where colors are no classes."""
    if color not in _OF_CLASSES:
        return []
    short = dict(zip(table.class_names, shortened(table.class_names, _LONGEST), strict=True))
    groups = enumerate(coloring(table, color).groups)
    return [(index, short.get(name, name), shade) for index, (name, shade, _) in groups if index and name]


def _by_error(wrong: np.ndarray) -> Coloring:
    groups = (_behind(), Group("correct", _CORRECT, 1e-3), Group("misclassified", _ERROR))
    return Coloring(np.where(wrong, 2, 1).astype(np.uint8), groups)


def _by_trust(trust: Trust) -> Coloring:
    """Group 1 + verdict: rows without a student lie under those that have one."""
    weight = {Verdict.UNKNOWN: 1e-3}
    groups = (Group(WORDS[verdict], VERDICT_COLORS[verdict], weight.get(verdict, 1.0)) for verdict in Verdict)
    return Coloring(trust.of_row + np.uint8(1), (_behind(), *groups))


def _by_number(known: Levels) -> Coloring:
    """Group 2 + level; what is not known lies under the rest."""
    groups = (Group("", shade) for shade in LEVEL_COLORS)
    return Coloring(known.of_row + np.uint8(1), (_behind(), Group("not known", _OTHER, 1e-3), *groups))


def named_words(column: Column) -> np.ndarray:
    """The words of a category that have a color of their own, by their indices: the commonest first."""
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.words))
    return np.argsort(-counts, kind="stable")[: MOST_GROUPS - 2]


def _by_category(column: Column) -> Coloring:
    """Group 2 + place of a word among the commonest; others, and what has none, lie under the rest."""
    named = named_words(column)
    lookup = np.ones(len(column.words) + 1, np.uint8)  # the last one is word -1, none
    lookup[named] = np.arange(2, len(named) + 2)
    groups = (Group(column.words[word], class_color(place)) for place, word in enumerate(named))
    return Coloring(lookup[column.values], (_behind(), Group("others", _OTHER, 1e-3), *groups))


def _by_class(table: Population, of: np.ndarray) -> Coloring:
    if table.class_count < MOST_GROUPS:
        named = np.arange(table.class_count)
        rest: tuple[Group, ...] = ()
    else:
        named = _in_question(table, of)
        rest = (Group("other classes", _OTHER, 1e-3),)
    lookup = np.full(table.class_count + 1, len(named) + 1, np.uint8)  # the last one is class -1, unknown
    lookup[named] = np.arange(1, len(named) + 1)
    if not rest:
        lookup[-1] = 0
    groups = (Group(table.class_names[k], class_color(int(k))) for k in named)
    return Coloring(lookup[of], (_behind(), *groups, *rest))


def _in_question(table: Population, of: np.ndarray) -> np.ndarray:
    """The classes with most errors (without a teacher, most rows), at most one of each color, ascending."""
    rows = of if table.wrong is None or not table.wrong.any() else of[table.wrong]
    count = np.bincount(rows[rows >= 0], minlength=table.class_count)
    best = []
    for slot in range(len(CLASS_COLORS)):
        rivals = count[slot :: len(CLASS_COLORS)]  # of the classes that share a color
        best.append((int(rivals.max()), slot + len(CLASS_COLORS) * int(rivals.argmax())))
    return np.array(sorted(k for _, k in sorted(best, reverse=True)[: MOST_GROUPS - 2]))


def _behind() -> Group:
    return Group("", "", _BEHIND)
