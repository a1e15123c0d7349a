"""Why an image is misclassified: a closed list of causes, each a score with a measured false rate.

Scores are NumPy functions of what a run knows already and of one thing that is asked of its teacher: what its
answer loses with every place of the image (`deepvid.attribution.drops_by_place`). Measured on planted
faults: `benchmarks/causes.py`, `docs/causes.md`.
"""

from deepvid.causes.catalogue import (
    CAUSES,
    SENTENCES,
    UNKNOWN,
    Diagnosis,
    causes_with_facts,
    diagnose,
    first,
    named_causes,
    unknown_sentence,
)
from deepvid.causes.cause import FACTS, Cause, CauseFacts, Copies, Evidence

__all__ = [
    "CAUSES",
    "FACTS",
    "SENTENCES",
    "UNKNOWN",
    "Cause",
    "CauseFacts",
    "Copies",
    "Diagnosis",
    "Evidence",
    "causes_with_facts",
    "diagnose",
    "first",
    "named_causes",
    "unknown_sentence",
]
