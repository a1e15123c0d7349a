"""What a model is called."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepvid.config.sections.given import Given, Input, Output


def name_of(section: Given) -> str:
    """What a person calls the model: its file's name, its `module:name`, or what kind of object it is."""
    path, entry = getattr(section, "path", None), getattr(section, "entry", None)
    return path.name if path is not None else entry or f"a {section.source} object"


def settings_of(section: Given) -> dict[str, Any]:
    """As a person writes them: what is not given is left out."""
    return {"source": section.source, **section.model_dump(mode="json", exclude_defaults=True)}


def teacher_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a model takes and gives, by its places in the settings of a teacher; the rest is its own."""
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
