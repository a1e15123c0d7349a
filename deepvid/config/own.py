"""Names of models, and settings of experiments that explain them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepvid.config.experiment import Experiment
from deepvid.config.sections.external_model import ExternalModel, Input, Output

ENOUGH_STEPS = 600
"""Of an autoencoder, after which neighbors differ from their image; docs/decisions/many_classes.md."""


def name_of(section: ExternalModel) -> str:
    """Name of the model for people: its file's name, its `module:name`, or the kind of object it is."""
    path, entry = getattr(section, "path", None), getattr(section, "entry", None)
    return path.name if path is not None else entry or f"a {section.source} object"


def settings_of(section: ExternalModel) -> dict[str, Any]:
    """As a person writes them: what is not given is left out."""
    return {"source": section.source, **section.model_dump(mode="json", exclude_defaults=True)}


def teacher_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a teacher: the input and output of a model in places of their own, the rest as given."""
    left = dict(given)
    parts = {"input": Input.model_fields, "output": Output.model_fields}
    taken = {
        part: {name: left.pop(name) for name in fields if name in left} for part, fields in parts.items()
    }
    return {**left, **{part: settings for part, settings in taken.items() if settings}}


def named_after(model: str | Path) -> str:
    """A name for the experiment that explains it."""
    text = str(model)
    stem = text.replace(":", "_").replace(".", "_") if ":" in text else Path(text).stem
    return re.sub(r"[^a-z0-9_-]+", "_", stem.lower()).strip("_-")[:48] or "model"


def with_enough_steps(experiment: Experiment) -> Experiment:
    """The same with an autoencoder that few images train, too, unless somebody has set how it is trained."""
    vae = experiment.vae
    if vae.model_fields_set & {"epochs", "batch", "fewest_steps"}:
        return experiment
    steps = vae.model_copy(update={"fewest_steps": ENOUGH_STEPS})
    return experiment.model_copy(update={"vae": steps})
