"""Stable hashes of settings: what a run's id and a stage's key are made of.

Hashed is what differs from the defaults, so that a new setting changes no run that does not use it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from deepvid.config.experiment import Experiment
from deepvid.config.sections.network import apart, together
from deepvid.config.sections.section import Section, names_a_kind

DEFAULTS = 4
"""Raised whenever a default changes: the same description is another experiment then."""

FORMER: Mapping[int, Mapping[str, Mapping[str, Any]]] = {
    1: {"students": {"limit": None}},
    2: {"students": {"l2": 1e-4, "gradient_neighbors": 100}},
    3: {
        "explanations": {
            "methods": (
                "student",
                "student_times_input",
                "neighborhood_gradient",
                "gradient",
                "integrated_gradients",
                "hirescam",
                "occlusion",
                "random",
                "image",
            )
        }
    },
}
"""By an earlier number, what settings of a section meant where they were left out, if something else."""

Fingerprint = Callable[[Section], dict[str, Any]]
"""Settings of a section to hash, as JSON holds them; equal where, and only where, the sections are equal."""


def digest(value: Any) -> str:
    """The sha256 of `value` as canonical JSON (sorted keys, no spaces), in hex."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def run_id(experiment: Experiment) -> str:
    """`<name>-<first 8 hex digits of the hash of what differs from the defaults>`."""
    return f"{experiment.name}-{digest([DEFAULTS, together(changes(experiment))])[:8]}"


def meanings(experiment: Experiment) -> Iterator[Experiment]:
    """The experiment, then what its description meant under every earlier number, the latest first.

    What was read from a description knows what it left out; what was built with every setting has no other
    meaning.
    """
    yield experiment
    for number in sorted(FORMER, reverse=True):
        for name, settings in FORMER[number].items():
            section = getattr(experiment, name)
            left_out = {key: value for key, value in settings.items() if key not in section.model_fields_set}
            experiment = experiment.model_copy(update={name: section.model_copy(update=left_out)})
        yield experiment


def changes(section: Section) -> dict[str, Any]:
    """Settings other than the defaults, as JSON holds them; a section of several kinds names its own."""
    return _written(section, lambda name, field, changed: changed or names_a_kind(field))


def as_recorded(experiment: Experiment, recorded: Mapping[str, Any]) -> Fingerprint:
    """The fingerprint of a run that hashes whole sections: what it recorded, and what differs from defaults.

    `recorded` is the configuration that the run was created with, `experiment` the same, validated.
    """
    known: dict[type[Section], set[str]] = {}
    for section, names in _recorded(experiment, apart(recorded)):
        known.setdefault(type(section), set()).update(names)

    def fingerprint(section: Section) -> dict[str, Any]:
        names = known.get(type(section), set(type(section).model_fields))
        return _written(section, lambda name, field, changed: changed or name in names, fingerprint)

    return fingerprint


def _written(
    section: Section,
    wanted: Callable[[str, FieldInfo, bool], bool],
    inner: Callable[[Any], dict[str, Any]] = changes,
) -> dict[str, Any]:
    """The wanted fields as JSON; `wanted(name, field, changed)`, sections inside through `inner`."""
    plain = section.model_dump(mode="json")

    def write(value: Any, text: Any) -> Any:
        if isinstance(value, Section):
            return inner(value)
        if isinstance(value, tuple | list):
            return [write(*pair) for pair in zip(value, text, strict=True)]
        return text

    return {
        name: write(getattr(section, name), plain.get(name))
        for name, field in type(section).model_fields.items()
        if wanted(name, field, getattr(section, name) != field.get_default(call_default_factory=True))
    }


def _recorded(section: Section, recorded: Any) -> Iterator[tuple[Section, set[str]]]:
    """Every section in `section`, itself first, with the names of its fields that were recorded."""
    if not isinstance(recorded, Mapping):
        return
    yield section, set(recorded)
    for name, value in section:
        if isinstance(value, Section):
            yield from _recorded(value, recorded.get(name))
        elif isinstance(value, tuple):
            for item, record in zip(value, recorded.get(name, ()), strict=False):
                if isinstance(item, Section):
                    yield from _recorded(item, record)
