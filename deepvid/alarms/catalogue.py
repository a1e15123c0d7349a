"""Every rule, the gravest first."""

from collections.abc import Mapping

from deepvid.alarms.alarm import Alarm, Rule, TrainingFacts
from deepvid.alarms.at_chance import AT_CHANCE
from deepvid.alarms.contradicted_labels import CONTRADICTED_LABELS
from deepvid.alarms.fast_layer import FAST_LAYER
from deepvid.alarms.harder_than_test import HARDER_THAN_TEST
from deepvid.alarms.one_class import ONE_CLASS
from deepvid.alarms.rising_loss import RISING_LOSS
from deepvid.alarms.silent_layer import SILENT_LAYER
from deepvid.alarms.small_steps import SMALL_STEPS
from deepvid.alarms.still_layer import STILL_LAYER
from deepvid.alarms.test_above_training import TEST_ABOVE_TRAINING
from deepvid.alarms.worse_than_guessing import WORSE_THAN_GUESSING

RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        WORSE_THAN_GUESSING,
        AT_CHANCE,
        ONE_CLASS,
        CONTRADICTED_LABELS,
        HARDER_THAN_TEST,
        TEST_ABOVE_TRAINING,
        SILENT_LAYER,
        SMALL_STEPS,
        STILL_LAYER,
        FAST_LAYER,
        RISING_LOSS,
    )
}


def alarms(facts: TrainingFacts) -> list[Alarm]:
    """Of all rules, in the order of `RULES`; none where there are no test images or labels."""
    if not facts.epochs or not len(facts.test.label):
        return []
    return [alarm for rule in RULES.values() if (alarm := rule.alarm(facts)) is not None]
