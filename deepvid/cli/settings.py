"""Options that are the settings of a section: the model alone says what there is."""

import inspect
from collections.abc import Mapping
from typing import Annotated, Any, get_args

import typer
from pydantic.fields import FieldInfo

from deepvid.config.sections.section import Section
from deepvid.config.texts import value_of


def with_settings(command: Any, *sections: type[Section]) -> Any:
    """The command with one option for every field of some sections in the place of its `**settings`."""
    fields = [item for section in sections for item in section.model_fields.items()]
    return _with(command, [_option(name, field) for name, field in fields])


def with_options(command: Any, options: Any) -> Any:
    """The command with the parameters of the function `options` in the place of its `**options`."""
    return _with(command, list(inspect.signature(options).parameters.values()))


def _with(command: Any, parameters: list[inspect.Parameter]) -> Any:
    signature = inspect.signature(command)
    kept = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    command.__signature__ = signature.replace(parameters=_in_order([*parameters, *kept]))
    return command


def given_in(settings: Mapping[str, str | None], section: type[Section]) -> dict[str, Any]:
    """The values of those options that were given."""
    fields = section.model_fields
    return {
        name: value_of(text, [fields[name]])
        for name, text in settings.items()
        if text is not None and name in fields
    }


def _in_order(parameters: list[inspect.Parameter]) -> list[inspect.Parameter]:
    """Those that must be given come first, as Python wants them; options by name come last."""
    return sorted(parameters, key=lambda one: (one.kind, one.default is not inspect.Parameter.empty))


def _option(name: str, field: FieldInfo) -> inspect.Parameter:
    text = field.description or " | ".join(_names(field.annotation)) or None
    option = typer.Option("--" + name.replace("_", "-"), metavar="VALUE", help=text)
    annotation = Annotated[str | None, option]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _names(annotation: Any) -> list[str]:
    """The names that a field of literals allows."""
    if isinstance(annotation, str):
        return [annotation]
    return [name for part in get_args(annotation) for name in _names(part)]
