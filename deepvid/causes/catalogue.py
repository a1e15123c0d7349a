"""Every cause, and which of them holds of each error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.causes.cause import Evidence
from deepvid.causes.label_doubt import LABEL_DOUBT
from deepvid.causes.one_place import ONE_PLACE
from deepvid.causes.picture_quality import PICTURE_QUALITY

if TYPE_CHECKING:
    from jaxtyping import Float, Int

CAUSES = {cause.name: cause for cause in (LABEL_DOUBT, ONE_PLACE, PICTURE_QUALITY)}

UNKNOWN = -1


class Diagnosis(NamedTuple):
    """How far each cause goes beyond its threshold: at 1 it is named."""

    strength: Float[np.ndarray, "error cause"]
    first: Int[np.ndarray, " error"]  # of the causes, or UNKNOWN where none is named


def diagnose(evidence: Evidence) -> Diagnosis:
    """Every cause of every error."""
    strength = np.stack([cause.score(evidence) / cause.threshold for cause in CAUSES.values()], axis=1)
    return Diagnosis(strength, np.where(strength.max(axis=1) >= 1, strength.argmax(axis=1), UNKNOWN))
