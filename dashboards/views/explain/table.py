"""Why one class rather than another, by the methods that are worth showing: from the store to arrays."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dashboards.data.captions import BLACK_PATCH
from dashboards.data.decision import (
    BLACK,
    GRADIENT,
    OCCLUSION,
    STUDENT,
    Decision,
    decision,
    of_gradient,
    times_input,
)
from dashboards.data.explanations import Explanation, ExplanationTable
from dashboards.data.students import Student
from deepvid.faithfulness import Ranking, Row

MOST, MOST_OF_TWO = 5, 3  # pictures of one image, and of each of two side by side


class Method(NamedTuple):
    """One method's map of the margin, and how true it is on this image; nan where it was not measured."""

    name: str
    label: str
    map: np.ndarray  # f32 (y, x), logits
    lost: float  # margin lost with its strongest pixels, less that with random ones, in logits
    chance: float  # random pixels cost less in 97.5 % of draws
    median: float  # `lost` of the run's images
    what: str = ""  # in a few words, where the name means something else


class Explained(NamedTuple):
    """One image's margin: the run's truest methods, that one first which stands first."""

    contrast: tuple[int, int]
    decision: Decision
    methods: tuple[Method, ...]
    ranking: Ranking | None  # of the run; None where this image has no explanation

    @property
    def beats_chance(self) -> bool | None:
        """Whether any of the pictures does; None where none was measured."""
        measured = [method for method in self.methods if not np.isnan(method.lost)]
        return any(method.lost > method.chance for method in measured) if measured else None


def explained(
    student: Student,
    image: np.ndarray,
    explanation: Explanation | None,
    table: ExplanationTable,
    *,
    of_run: bool = True,
    most: int = MOST,
) -> Explained:
    """The best methods of the run's ranking, the student always among them; without an explanation what
    the student itself holds. `of_run`: the student is one that the run fitted;
    `most` pictures are shown.
    """
    decided = decision(student, image)
    if explanation is None or explanation.contrast != student.contrast:
        return Explained(student.contrast, decided, _of_student(student, image, decided), None)
    ranked = table.ranking(explanation.kind)
    maps = explanation.read()
    medians = np.nanmedian(table.measured(explanation.kind).margin_lost, axis=0)
    methods = tuple(
        Method(
            name,
            explanation.labels[place],
            maps[place],
            float(explanation.margin_lost[place]),
            float(explanation.margin_chance[place]),
            float(medians[place]),
        )
        for name in shown(ranked, most)
        if (place := explanation.index_of(name)) is not None
    )
    if not explanation.is_of(student, of_run=of_run):
        own = {STUDENT: decided.pixels, BLACK: times_input(student, image)}
        methods = tuple(_unmeasured(each, own) for each in methods)
    return Explained(student.contrast, decided, methods, ranked)


def shown(ranked: Ranking, most: int) -> list[str]:
    """The methods to show: the first, then by rank, no control, and the student for the last if need be."""
    rows: list[Row] = [row for row in ranked.rows if not row.control]
    if ranked.first is not None:
        rows.sort(key=lambda row: row.name != ranked.first.name)  # type: ignore[union-attr]
    names = [row.name for row in rows]
    if STUDENT in names[most:]:
        names[most - 1] = STUDENT
    return names[:most]


def _unmeasured(method: Method, own: Mapping[str, np.ndarray]) -> Method:
    """The student shown is not the one that was explained: of its `own` maps nothing was measured."""
    if method.name not in own:
        return method
    return method._replace(map=own[method.name], lost=np.nan, chance=np.nan)


def _of_student(student: Student, image: np.ndarray, decided: Decision) -> tuple[Method, ...]:
    unknown = (np.nan, np.nan, np.nan)
    name = STUDENT if decided.against_mean else BLACK
    methods = [Method(name, "Student", decided.pixels, *unknown)]
    product = of_gradient(student, image)
    if product is not None:
        methods.append(Method(GRADIENT, "Neighborhood gradient x input", product, *unknown))
    if student.occlusion is not None:
        methods.append(Method(OCCLUSION, "Occlusion", student.occlusion, *unknown, BLACK_PATCH))
    return tuple(methods)
