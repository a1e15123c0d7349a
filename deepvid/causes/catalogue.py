"""Every cause, which of them holds of each error, and what is said where none does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.causes.cause import Cause, CauseFacts, Evidence
from deepvid.causes.copies import COPIES
from deepvid.causes.label_doubt import LABEL_DOUBT
from deepvid.causes.one_place import ONE_PLACE
from deepvid.causes.overlap import OVERLAP, neighbors
from deepvid.causes.picture_quality import PICTURE_QUALITY
from deepvid.causes.unlike_training import UNLIKE_TRAINING
from deepvid.wording import bare

if TYPE_CHECKING:
    from jaxtyping import Float, Int

CAUSES: Mapping[str, Cause] = {
    cause.name: cause for cause in (LABEL_DOUBT, ONE_PLACE, PICTURE_QUALITY, OVERLAP, UNLIKE_TRAINING, COPIES)
}

UNKNOWN = "unknown"  # as a query has it


class Diagnosis(NamedTuple):
    """How far each cause goes beyond its threshold: at 1 it is named; nan: it is not known."""

    strength: Float[np.ndarray, "error cause"]
    facts: Float[np.ndarray, "error cause fact"]

    @property
    def first(self) -> Int[np.ndarray, " error"]:
        """Of the causes; -1 where none is named."""
        return first(self.strength)


def diagnose(evidence: Evidence) -> Diagnosis:
    """Every cause of every error."""
    found = [cause.weigh(evidence) for cause in CAUSES.values()]
    thresholds = np.array([cause.threshold for cause in CAUSES.values()])
    strength = np.stack([one.score for one in found], axis=1) / thresholds
    return Diagnosis(strength, np.stack([one.facts for one in found], axis=1))


def first(strength: Float[np.ndarray, "error cause"]) -> Int[np.ndarray, " error"]:
    """The cause farthest beyond its threshold; -1 where none is."""
    known = np.nan_to_num(strength.astype(np.float32), nan=0.0)
    return np.where(known.max(axis=1, initial=0) >= 1, known.argmax(axis=1), -1)


def named_causes(strength: Sequence[float]) -> list[int]:
    """The causes of one error that are named, the first first."""
    order = np.argsort([-value if value == value else 0.0 for value in strength], kind="stable")
    return [int(cause) for cause in order if strength[cause] >= 1]


SENTENCES = 2  # causes of an error whose sentences are told


def causes_with_facts(strength: Sequence[float], overlap: int) -> list[int]:
    """Causes of one error whose facts are stored: `SENTENCES` that are named, -1 for one that is not, and
    overlap, which an error without a cause tells of.
    """
    named = named_causes(strength)[:SENTENCES]
    return [*named, *[-1] * (SENTENCES - len(named)), overlap]


def unknown_sentence(findings: Mapping[str, CauseFacts]) -> str:
    """The sentence of an error that has no cause, by what was found of each."""
    known = {name: one for name, one in findings.items() if one.strength == one.strength}
    if not known:
        return "No cause was looked for."
    nearest = max(known, key=lambda name: known[name].strength)
    beyond = f"No cause is beyond its threshold; nearest is {CAUSES[nearest].title}, at "
    near = [neighbors(known["overlap"])] if "overlap" in known else []
    return " ".join([*near, f"{beyond}{bare(known[nearest].strength)} of it."]).strip()
