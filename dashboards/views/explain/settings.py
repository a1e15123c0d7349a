"""Every setting of a student as a person reads and types it, and what asks for a fit with them."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import ValidationError

from dashboards.kit.elements import Box, Button, Child, Icon, quiet, text
from dashboards.kit.panels import Flyout, FormButton, Sheet, TextField, TextForm
from dashboards.session.needs import ENGINE, missing
from dashboards.session.scene import Scene
from deepvid import config
from deepvid.config.faults import describe
from deepvid.config.reading import text_of, value_of
from deepvid.errors import ConfigError

_OF_MANY = frozenset({"images", "limit"})  # which images have one: nothing of the student itself
FIELDS = {name: field for name, field in config.Students.model_fields.items() if name not in _OF_MANY}
TUNE = "Try many settings on this image, and see which are the truest"
CURVE = "Draw how an optimizer would come to this student, and how far it stays from the optimum"
KEPT = "It is kept in the run's notes, beside its own."
CROSS = "M4 4 L12 12 M12 4 L4 12"


def settings_flyout(use: Mapping[str, Any], scene: Scene) -> Flyout:
    """The settings that a student of the image is fitted with, at first those in `use`."""
    sample, fault, lacks = scene.focus, scene.own.asked.error, refusal(scene)
    off = bool(lacks)
    form = TextForm(
        options(use),
        str(sample),
        (
            text(fault, tag="p", look="warning") if fault else None,
            Box(
                (
                    quiet(lacks or scene.own.unkept or KEPT, tag="p"),
                    Button(("Tune …",), "tuning", sample, disabled=off, look="chip tune", hint=lacks or TUNE),
                    FormButton(
                        ("Curve …",),
                        "curve",
                        {"sample": sample},
                        disabled=off,
                        look="chip",
                        hint=lacks or CURVE,
                    ),
                    FormButton(("Fit",), "fit", {"sample": sample}, main=True, disabled=off, look="action"),
                ),
                look="ask",
            ),
        ),
    )
    heading = text(f"Fit a student of #{sample}", tag="h3", look="title")
    return Flyout("Settings", str(sample), (heading, form), fault)


def refusal(scene: Scene) -> str:
    """Why no student can be fitted here; empty: it can."""
    lacks = missing([ENGINE], scene)
    return lacks.text if lacks else ""


def sheet(title: str, *children: Child, **look: Any) -> Sheet:
    """A sheet over the card, with its title and a cross that closes it."""
    cross = Button((Icon(CROSS),), "close", look="plain", label="Close", hint="Close")
    line = Box((text(title, tag="h3", look="title"), cross), look="row spread middle")
    return Sheet("close", (line, *children), **look)


def options(use: Mapping[str, Any]) -> tuple[TextField, ...]:
    """The settings of a student; those that `use` does not have are the defaults."""
    defaults = config.Students().model_dump(mode="json")
    return tuple(
        TextField(
            name,
            name.replace("_", " "),
            text_of(use.get(name, defaults[name])),
            tuple(_choices(field.annotation)),
            field.description or "",
        )
        for name, field in FIELDS.items()
    )


def typed(known: Mapping[str, Any], texts: Mapping[str, str]) -> config.Students:
    """The settings `known`, and in their place what was typed. Raises ConfigError with all faults."""
    values = {name: value_of(text, [FIELDS[name]]) for name, text in texts.items() if name in FIELDS}
    try:
        return config.Students.model_validate({**known, **values})
    except ValidationError as error:
        raise ConfigError(
            "Every setting of a student has an allowed value",
            "; ".join(describe(error, "students")),
            "Correct them and fit again",
        ) from error


def _choices(annotation: Any) -> list[str]:
    """The words that are allowed; none where numbers are."""
    found: list[str] = []
    for choice in get_args(annotation):
        found += [choice] if isinstance(choice, str) else _choices(choice)
    return found
