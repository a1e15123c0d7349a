"""Errors about a model in the words of who gave it: a program's `kind=`, a command line's `--gives`, where an
experiment has teacher.output.kind.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from deepvid import config
from deepvid.errors import DeepVIDError

Spelling = Callable[[str, str], str]
"""From a setting's name and its value in TOML, or "" for the setting alone, to how a person gives it."""

_NAMES = "|".join((*config.Input.model_fields, *config.Output.model_fields, "features", "weights"))
_VALUE = r'\[[^\]]*\]|"[^"]*"|[\w.]+'
_PAIR = re.compile(rf"\b({_NAMES}) = ({_VALUE})")
_SETTINGS = re.compile(
    rf"teacher\.(?:(?:in|out)put\.)?({_NAMES})\b(?: = ({_VALUE})|((?:(?:, | and )(?:{_NAMES})\b)*))"
)
_INPUT = "set teacher.input to "


def as_parameter(name: str, value: str) -> str:
    """Of `deepvid.explain` and `log_run`."""
    return f"{name}={value}"


_OPTIONS = {"size": "takes", "kind": "gives"}


def as_option(name: str, value: str) -> str:
    """Of `deepvid explain` and `check-model`."""
    plain = value.strip('[]"').replace('", "', ",").replace(", ", ",")
    return f"--{_OPTIONS.get(name, name)} {plain}".rstrip()


@contextmanager
def respell_errors(spelling: Spelling) -> Iterator[None]:
    """Raises what is raised within with the settings of a teacher as `spelling` has them."""
    try:
        yield
    except DeepVIDError as error:
        parts = error.must, error.found, error.action
        if (words := tuple(respell(part, spelling) for part in parts)) == parts:
            raise
        raise type(error)(*words) from error


def respell(text: str, spelling: Spelling) -> str:
    """The text with the settings of a teacher as `spelling` has them."""
    before, given, input = text.partition(_INPUT)
    if given:
        return f"{before}give {_PAIR.sub(lambda pair: spelling(pair[1], pair[2]), input)}"
    if spelling is as_parameter:
        text = re.sub(
            r"dataset\.classes or --classes NAMES\.txt|--classes NAMES\.txt, or dataset\.classes",
            "class_names",
            text,
        )

    def written(found: re.Match[str]) -> str:
        others = re.sub(rf"\b({_NAMES})\b", lambda other: spelling(other[1], ""), found[3] or "")
        return spelling(found[1], found[2] or "") + others

    return _SETTINGS.sub(written, text)
