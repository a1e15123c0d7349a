"""What every section of an experiment is, and the numbers that several have."""

from typing import Annotated, Any, ClassVar, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    """Settings that belong together: unknown keys are errors, values never change.

    A section with a stage names it: its stage, or its stages as `<stage>-<name>`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    stage: ClassVar[str] = ""
    words: ClassVar[str] = ""  # what a person reads while the stage computes; a stage's own name follows

    def tiny(self) -> Self:
        """For tests: the same kind of everything, computed in seconds, and nothing is learned well."""
        return self

    def replaced(self, **settings: Any) -> Self:
        """A copy with other settings, validated (`model_copy` does not check)."""
        return type(self).model_validate({**dict(self), **settings})


def sections_in(annotation: Any) -> list[type[Section]]:
    """The sections that a field of this type may hold, alone or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return [annotation]
    return [section for inner in get_args(annotation) for section in sections_in(inner)]


def names_a_kind(field: FieldInfo) -> bool:
    """Whether the field tells its section from others that may stand in its stead."""
    return get_origin(field.annotation) is Literal and get_args(field.annotation) == (field.default,)
