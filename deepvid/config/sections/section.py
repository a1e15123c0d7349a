"""Base of all sections of an experiment, and types of numbers that several have."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

Share = Annotated[float, Field(ge=0, le=1)]
Whole = Annotated[int, Field(ge=0, lt=2**31)]
Count = Annotated[int, Field(ge=1, lt=2**31)]  # what loops and arrays count to everywhere
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]


def _one_of_many(value: Any) -> Any:
    return (value,) if isinstance(value, int | float) else value


Several = BeforeValidator(_one_of_many)
"""Of a list of numbers: a number alone is a list of one."""


class Section(BaseModel):
    """Settings that belong together: unknown keys are errors, values never change.

    A section with a stage names it: its stage, or its stages as `<stage>-<name>`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    stage: ClassVar[str] = ""
    words: ClassVar[str] = ""  # what a person reads while the stage computes; a stage's own name follows

    @model_validator(mode="before")
    @classmethod
    def _truth_is_no_number(cls, settings: Any) -> Any:
        """Python takes true for 1; a person who writes it for a number meant something else."""
        if not isinstance(settings, Mapping):
            return settings
        numbers = {name for name, field in cls.model_fields.items() if _has_numbers(field.annotation)}
        return {name: _spelled(value) if name in numbers else value for name, value in settings.items()}

    def replaced(self, **settings: Any) -> Self:
        """A copy with other settings, validated (`model_copy` does not check)."""
        return type(self).model_validate({**dict(self), **settings})


def sections_in(annotation: Any) -> list[type[Section]]:
    """The sections that a field of this type may hold, alone or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return [annotation]
    return [section for inner in get_args(annotation) for section in sections_in(inner)]


def _has_numbers(annotation: Any) -> bool:
    if type(annotation) in (int, float):  # one of a Literal
        return True
    return annotation in (int, float) or any(map(_has_numbers, get_args(annotation)))


def _spelled(value: Any) -> Any:
    """Truth as the word for it, which no number is read from."""
    if isinstance(value, list | tuple):
        return type(value)(map(_spelled, value))
    return str(value).lower() if isinstance(value, bool) else value


def kind_of(section: type[Section]) -> str | None:
    """Name that tells a section from others that may stand in its stead; None where none may."""
    kinds = [field.default for field in section.model_fields.values() if names_a_kind(field)]
    return kinds[0] if kinds else getattr(section, "source", None)


def names_a_kind(field: FieldInfo) -> bool:
    """Whether the field tells its section from others that may stand in its stead."""
    return get_origin(field.annotation) is Literal and get_args(field.annotation) == (field.default,)
