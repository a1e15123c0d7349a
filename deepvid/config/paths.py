"""Where a setting stands in an experiment: its path, and the sections and settings that may be there."""

from collections.abc import Iterable

from pydantic.fields import FieldInfo

from deepvid.config.experiment import Experiment
from deepvid.config.sections.section import Section, kind_of, sections_in

Path = Iterable[str | int]
"""Names of settings, and numbers of entries of a list: teacher network depth, or projections 0 method."""


def sections_at(path: Path) -> list[type[Section]]:
    """The sections that may stand at a path; numbers in it count the entries of a list.

    Where several kinds may stand, the name of a kind chooses those of it.
    """
    sections: list[type[Section]] = [Experiment]
    for name in path:
        if of_kind := [section for section in sections if kind_of(section) == name]:
            sections = of_kind
        elif not isinstance(name, int):
            fields = [section.model_fields[name] for section in sections if name in section.model_fields]
            sections = [inner for field in fields for inner in sections_in(field.annotation)]
    return sections


def fields_at(path: Path) -> list[FieldInfo]:
    """The settings that may stand at a path: one, one of each kind of a section, or none."""
    *parents, name = path
    if isinstance(name, int):
        return []
    return [section.model_fields[name] for section in sections_at(parents) if name in section.model_fields]


def known_at(path: Path) -> list[str]:
    """The names of all settings that may stand in the section at a path."""
    return sorted({name for section in sections_at(path) for name in section.model_fields})
