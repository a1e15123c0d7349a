"""Whether an explanation can be believed: one rule for students, one for maps, from what is stored of them.

By a judge, a map *holds* on an image if the pixels that it names cost the teacher more of its margin there
than those of the luckiest of as many maps that mean nothing; *partly*, if more than those of one such map in
97.5 % of draws; else it *does not*. So the map that a page puts first, the best of several, is held to what
the best of several reaches by luck. By several judges it holds if it does by each that was asked, it does not
if it does not by any, and it is *disputed* where it holds by one and does not by another.

Of a student:

*cannot tell*: on neighbors that it never saw, the student is not shown to agree with its teacher more often
than guessing the commonest label would: the lower end of its agreement's interval does not exceed the floor.

*explained*: it is, and its picture can be read: student and teacher agree on the image, the teacher knows the
autoencoder's copy of it, the divergence is small, other neighbors would give the same picture, and the pixels
that it names cost the teacher more of its margin than the same picture laid elsewhere does. What was not
measured does not count.

*weak*: between the two.
"""

import math
from enum import IntEnum
from functools import cache
from typing import NamedTuple

import numpy as np

from deepvid.statistics import student_quantile

HIGH = 0.975  # share of maps that mean nothing which reach less
DEGREES = 10  # of freedom of what draws of a map elsewhere reach
DIVERGENCE = 0.1  # nats, at most
STABILITY = 0.7  # cosine, at least


class Verdict(IntEnum):
    """In the order of trust; unknown where there is no student."""

    UNKNOWN = 0
    CANNOT_TELL = 1
    WEAK = 2
    EXPLAINED = 3


class MapVerdict(IntEnum):
    """In the order of trust; unknown where the map was not measured."""

    UNKNOWN = 0
    DOES_NOT_HOLD = 1
    PARTLY = 2
    HOLDS = 3


class Infill(IntEnum):
    """Whether an autoencoder that fills in absent pixels judges an image."""

    NOT_ASKED = -1
    KNOWS_NOTHING = 0  # it fills in one half of the image from the other no better than a flat color
    JUDGED = 1


class Evidence(NamedTuple):
    """Evidence that the verdict follows from, one entry a student; nan where something was not measured."""

    agreement_low: np.ndarray  # lower end of the 95 % interval
    floor: np.ndarray  # what guessing the commonest label would reach
    kl: np.ndarray  # nats
    gate: np.ndarray  # 1: the teacher gives the autoencoder's copy the image's class
    agrees_on_sample: np.ndarray  # 1: student and teacher agree on the image
    stability: np.ndarray  # cosine of the pictures of two halves of the neighbors
    margin_lost: np.ndarray  # logits, by the student's strongest pixels beyond the same map's elsewhere
    margin_chance: np.ndarray  # what these exceed in 2.5 % of cases


def verdicts(evidence: Evidence) -> np.ndarray:
    """`Verdict` of each student, uint8."""
    tells = evidence.agreement_low > evidence.floor
    believable = np.all([met | np.isnan(value) for met, value in _criteria(evidence).values()], axis=0)
    return np.where(tells, np.where(believable, Verdict.EXPLAINED, Verdict.WEAK), Verdict.CANNOT_TELL).astype(
        np.uint8
    )


class MapEvidence(NamedTuple):
    """Logits that the strongest pixels of maps cost beyond those of the same maps elsewhere, and that these
    exceed in 2.5 % of cases; nan where a judge was not asked.
    """

    lost: np.ndarray  # by flat colors
    chance: np.ndarray
    infill_lost: np.ndarray  # where an autoencoder fills in what is absent
    infill_chance: np.ndarray

    @property
    def worth(self) -> np.ndarray:
        """The mean over the judges that were asked."""
        return np.where(np.isnan(self.infill_lost), self.lost, (self.lost + self.infill_lost) / 2)

    @property
    def best(self) -> np.ndarray:
        """Index of the map that is worth the most, of the last axis; of none that was judged the first."""
        return np.where(np.isnan(self.worth), -np.inf, self.worth).argmax(axis=-1)

    def by_judge(self, maps: int) -> tuple[np.ndarray, np.ndarray]:
        """`MapVerdict` by each judge."""
        return (
            map_verdicts(self.lost, self.chance, maps),
            map_verdicts(self.infill_lost, self.infill_chance, maps),
        )

    def verdicts(self, maps: int) -> np.ndarray:
        """`MapVerdict` by all judges that were asked, uint8. On an image there are `maps` to choose from."""
        first, second = self.by_judge(maps)
        both = np.where(first == second, first, MapVerdict.PARTLY)
        return np.where(second == MapVerdict.UNKNOWN, first, both).astype(np.uint8)

    def disputed(self, maps: int) -> np.ndarray:
        """Whether a map holds by one judge and does not by the other, bool."""
        extremes = {MapVerdict.HOLDS, MapVerdict.DOES_NOT_HOLD}
        first, second = self.by_judge(maps)
        return (first != second) & np.isin(first, [*extremes]) & np.isin(second, [*extremes])


def map_verdicts(lost: np.ndarray, chance: np.ndarray, maps: int) -> np.ndarray:
    """`MapVerdict` of maps by one judge, uint8. On an image there are `maps` to choose from."""
    luck = chance * beyond_draws(best_of=max(maps, 1)) / beyond_draws()
    held = np.where(lost > luck, MapVerdict.HOLDS, MapVerdict.PARTLY)
    known = np.where(lost > chance, held, MapVerdict.DOES_NOT_HOLD)
    return np.where(np.isnan(lost), MapVerdict.UNKNOWN, known).astype(np.uint8)


@cache
def beyond_draws(degrees: int = DEGREES, best_of: int = 1) -> float:
    """Standard deviations of draws that the best of further ones stays within in 97.5 % of cases."""
    return student_quantile(HIGH ** (1 / best_of), degrees) * math.sqrt(1 + 1 / degrees)


def reasons(evidence: Evidence) -> tuple[str, ...]:
    """Reasons that keep one student (entries of shape ()) from being explained, in words."""
    if not evidence.agreement_low > evidence.floor:
        return ("it is not shown to agree with the teacher more often than guessing would",)
    return tuple(words for words, (met, value) in _criteria(evidence).items() if not (met or np.isnan(value)))


def _criteria(evidence: Evidence) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Whether each criterion, in words of its failure, is met, and the value to be known for it to count."""
    beyond, kl = evidence.margin_lost - evidence.margin_chance, evidence.kl
    agrees, gate = (np.asarray(known, float) for known in (evidence.agrees_on_sample, evidence.gate))
    return {
        "student and teacher disagree on this very image": (agrees > 0.5, agrees),
        "the autoencoder's copy is another class to the teacher": (gate > 0.5, gate),
        f"its probabilities are more than {DIVERGENCE} nat from the teacher's": (kl <= DIVERGENCE, kl),
        "other neighbors would give another picture": (evidence.stability >= STABILITY, evidence.stability),
        "its strongest pixels matter to the teacher no more than those of the same map laid elsewhere": (
            beyond > 0,
            beyond,
        ),
    }
