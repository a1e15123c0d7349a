"""Errors about a model as a program reads them: `kind=`, where an experiment has teacher.output.kind."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from deepvid import config
from deepvid.errors import DeepVIDError

_NAMES = "|".join((*config.Input.model_fields, *config.Output.model_fields, "features", "weights", "version"))
_SETTING = re.compile(rf"teacher\.(?:(?:in|out)put\.)?({_NAMES})\b((?:(?:, | and )(?:{_NAMES})\b)*)(?: = )?")
_OTHER = {
    "set teacher.input to ": "give ",
    "dataset.classes or --classes NAMES.txt": "class_names",
    "--classes NAMES.txt, or dataset.classes": "class_names",
}


@contextmanager
def errors_by_parameter() -> Iterator[None]:
    """Raises what is raised within in the words of `deepvid.explain` and `log_run`."""
    try:
        yield
    except DeepVIDError as error:
        parts = [by_parameter(part) for part in (error.must, error.found, error.action)]
        if parts == [error.must, error.found, error.action]:
            raise
        raise type(error)(*parts) from error


def by_parameter(text: str) -> str:
    """The text with settings of a teacher named as parameters."""
    for setting, parameter in _OTHER.items():
        text = text.replace(setting, parameter)
    return _SETTING.sub(lambda found: f"{found[1]}=" + re.sub(rf"\b({_NAMES})\b", r"\1=", found[2]), text)
