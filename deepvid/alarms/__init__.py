"""Whether a training is sick: rules with a measured rate of false alarms over what its epochs have stored.

Rules are NumPy functions of `TrainingFacts`, one file each, so that the page, the terminal and a logger judge
alike. Measured on healthy and on planted trainings: `benchmarks/training_alarms.py`, `docs/training.md`.
"""

from deepvid.alarms.alarm import Alarm, Answers, Rule, TrainingFacts, epoch_answers
from deepvid.alarms.catalogue import RULES, alarms
from deepvid.alarms.layer_record import LayerRecord, layer_record, stored_record

__all__ = [
    "RULES",
    "Alarm",
    "Answers",
    "LayerRecord",
    "Rule",
    "TrainingFacts",
    "alarms",
    "epoch_answers",
    "layer_record",
    "stored_record",
]
