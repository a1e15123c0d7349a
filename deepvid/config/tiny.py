"""The same experiment with everything small: every stage runs, in seconds, and nothing is learned well."""

from typing import Any

from deepvid.config.experiment import Experiment
from deepvid.config.sections.section import Section


def tiny(experiment: Experiment) -> Experiment:
    """For tests: every section in its tiny form, the kinds of everything stay."""
    return experiment.replaced(**{name: _tiny(value) for name, value in experiment})


def _tiny(value: Any) -> Any:
    if isinstance(value, Section):
        return value.tiny()
    return tuple(map(_tiny, value)) if isinstance(value, tuple) else value
