"""How often each rule rang when it was measured: `benchmarks/training_alarms.py`."""

from collections.abc import Mapping
from typing import NamedTuple


class Rate(NamedTuple):
    """Healthy trainings on which it rang, of how many."""

    rung: int
    healthy: int


HEALTHY = 150
RATES: Mapping[str, Rate] = {
    "worse_than_guessing": Rate(0, HEALTHY),
    "at_chance": Rate(0, HEALTHY),
    "one_class": Rate(0, HEALTHY),
    "contradicted_labels": Rate(0, HEALTHY),
    "harder_than_test": Rate(0, HEALTHY),
    "test_above_training": Rate(0, HEALTHY),
    "silent_layer": Rate(0, HEALTHY),
    "small_steps": Rate(0, HEALTHY),
    "still_layer": Rate(0, HEALTHY),
    "fast_layer": Rate(0, HEALTHY),
    "rising_loss": Rate(2, HEALTHY),
}
ANY = Rate(2, HEALTHY)
CODE = "bb8ebeb5cfbd"
"""Of the rules that were measured: a test has it from their files."""
