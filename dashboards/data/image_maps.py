"""Maps of one image by every method, why it is one class rather than another: from the store to arrays."""

from collections.abc import Mapping, Sequence
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
from deepvid.faithfulness import Measured, Ranking, places_of_explainers
from deepvid.map_words import WORDS, in_words
from deepvid.trust import Infill, MapVerdict
from deepvid.wording import enumeration, minus

PLACES = "places"
LEVELS = 127
CLIPPED = (
    0.995  # share of all pictures' pixels inside the scale: few bright pixels must not gray out the rest
)
MOST, MOST_OF_TWO = 5, 3  # pictures of one image, and of each of two side by side


UNKNOWN = (np.nan, np.nan, np.nan)  # lost, chance and median


class Method(NamedTuple):
    """One method's map of the margin, and how true it is on this image; nan where it was not measured."""

    name: str
    label: str
    map: np.ndarray  # f32 (y, x), logits
    lost: float  # margin lost with its strongest pixels, less that of the map elsewhere, in logits
    chance: float  # elsewhere it costs less in 97.5 % of cases
    median: float  # `lost` of the run's images
    infill_lost: float = np.nan  # `lost` and `chance` by the autoencoder
    infill_chance: float = np.nan
    verdict: MapVerdict = MapVerdict.UNKNOWN
    disputed: bool = False  # it holds by one judge and does not by the other
    worth: float = np.nan  # mean of `lost` over the judges that were asked
    what: str = ""  # in a few words, where the name means something else


class Explained(NamedTuple):
    """One image's margin: the maps that are worth the most there, the best first."""

    contrast: tuple[int, int]
    decision: Decision | None  # of its student; None without one
    methods: tuple[Method, ...]
    ranking: Ranking | None  # of the run; None where there is none, or this image was not measured
    infill: Infill = Infill.NOT_ASKED

    @property
    def measured(self) -> bool:
        """Whether any of the pictures was, on this image."""
        return any(method.verdict for method in self.methods)

    @property
    def beats_chance(self) -> bool | None:
        """Whether any of the pictures does; None where none was measured."""
        best = max(method.verdict for method in self.methods)
        return best > MapVerdict.DOES_NOT_HOLD if best else None


def explained(
    student: Student | None,
    image: np.ndarray,
    explanation: Explanation | None,
    table: ExplanationTable,
    *,
    of_run: bool = True,
    most: int = MOST,
) -> Explained | None:
    """The maps that are worth the most on the image, the run's student always among them; without an
    explanation what the student itself holds, and None without a student. `of_run`: it is one that the run
    fitted; `most` pictures are shown.
    """
    decided = None if student is None else decision(student, image)
    if explanation is None or (student is not None and explanation.contrast != student.contrast):
        if student is None or decided is None:
            return None
        return Explained(student.contrast, decided, _of_student(student, image, decided), None)
    kind = table.kind_like(explanation.kind)
    medians = {} if kind is None else _medians(table.measured(kind))
    maps, verdicts, evidence = explanation.read(), explanation.verdicts(), explanation.evidence
    disputed, worth = explanation.disputed(), evidence.worth
    known = [
        Method(
            name,
            explanation.labels[place],
            maps[place],
            float(evidence.lost[place]),
            float(evidence.chance[place]),
            medians.get(name, np.nan),
            float(evidence.infill_lost[place]),
            float(evidence.infill_chance[place]),
            MapVerdict(int(verdicts[place])),
            bool(disputed[place]),
            float(worth[place]),
            _linear(explanation.places_r2) if name == PLACES else "",
        )
        for place, name in enumerate(explanation.methods)
    ]
    ranked = kind if explanation.student else table.kind_like("")  # right images stand beside many errors
    ranking = None if ranked is None else table.ranking(ranked)
    shown = ranking and ranking.student
    if student is not None and decided is not None and not explanation.is_of(student, of_run=of_run):
        own = {STUDENT: decided.pixels, BLACK: times_input(student, image)}
        known, shown = [_unmeasured(each, own) for each in known], STUDENT
    methods = methods_to_show(known, most, None if student is None else shown or STUDENT)
    return Explained(explanation.contrast, decided, methods, ranking, explanation.infill)


def _linear(r2: float) -> str:
    """Description of the student of places, with how far it can be trusted."""
    return "" if np.isnan(r2) else f"{WORDS[PLACES][1]}, R² {minus(f'{r2:.2f}')}"


def _medians(measured: Measured) -> dict[str, float]:
    return dict(zip(measured.methods, np.nanmedian(measured.margin_lost, axis=0).tolist(), strict=True))


def methods_to_show(methods: Sequence[Method], most: int, student: str | None) -> tuple[Method, ...]:
    """Those to show: what is worth the most on this image first, no control and none that is blind, and
    the method `student` for the last if need be.
    """
    known = [methods[place] for place in places_of_explainers([method.name for method in methods])]
    ordered = sorted(known, key=lambda method: method.worth if method.verdict else -np.inf, reverse=True)
    last = [method for method in ordered[most:] if method.name == student]
    return (*ordered[: most - len(last)], *last)


def _unmeasured(method: Method, own: Mapping[str, np.ndarray]) -> Method:
    """The student shown is not the one that was explained: of its `own` maps nothing was measured."""
    if method.name not in own:
        return method
    return Method(method.name, method.label, own[method.name], *UNKNOWN, what=method.what)


def _of_student(student: Student, image: np.ndarray, decided: Decision) -> tuple[Method, ...]:
    name = STUDENT if decided.against_mean else BLACK
    methods = [Method(name, "Student", decided.pixels, *UNKNOWN)]
    product = of_gradient(student, image)
    if product is not None:
        methods.append(Method(GRADIENT, "Neighborhood gradient x input", product, *UNKNOWN))
    if student.occlusion is not None:
        methods.append(Method(OCCLUSION, "Occlusion", student.occlusion, *UNKNOWN, what=BLACK_PATCH))
    return tuple(methods)


def common_end(maps: Sequence[np.ndarray]) -> float:
    """End of the one scale of maps that are `weighed`."""
    values = [np.abs(weighed(values)).ravel() for values in maps]
    return float(np.quantile(np.concatenate(values), CLIPPED)) or 1.0


def weighed(values: np.ndarray) -> np.ndarray:
    """Divided by its mean magnitude: maps differ in shape alone."""
    mean = float(np.abs(values).mean())
    return values / mean if mean > 0 else values


def quantized(values: np.ndarray, scale: float) -> bytes:
    """int8 in 127ths of the scale."""
    return np.clip(np.rint(values / scale * LEVELS), -LEVELS, LEVELS).astype(np.int8).tobytes()


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
