"""What a group declares, held against what the journal lists: one opinion for all who read it."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from deepvid.fields import STATE, Fields, of_series, of_stage
from deepvid.store.format.array_form import ArrayForm, array_forms
from deepvid.store.format.chain import Commit
from deepvid.store.format.declared import may_have
from deepvid.store.format.forms import fault_of_attributes
from deepvid.store.format.schema import VERSION

METADATA = "zarr.json"

Fault = tuple[str, str]
"""A file's name, relative to the run, and what is wrong with it."""

Size = Callable[[str], int | None]
"""Bytes of a file by its name; None where that costs too much. Raises FileNotFoundError."""


EMPTY: Fields = {}


class Group(NamedTuple):
    """A group as the journal lists it.

    `files` has the sha256 of each file by its name below the group; it is empty for a run begun by an early
    DeepVID. Of the arrays that have `grown` it has so many `epochs`: a reader's the first, once it is there.
    `declared` are the variables that it may have; older versions and smaller archives lack some.
    """

    path: str  # relative to the run
    files: Mapping[str, str]
    grown: tuple[str, ...] = ()
    epochs: int = 1
    declared: Fields = EMPTY

    def expected(self, name: str, form: ArrayForm) -> int:
        """How many files of an array the journal lists here."""
        if name not in self.grown:
            return form.files
        return form.files // max(1, form.grid[0]) * self.epochs


def groups_in(commits: Iterable[Commit]) -> list[Group]:
    """Every group that these lines commit, with the files of all its epochs; of the states, the last ones."""
    groups: dict[str, Group] = {}
    series: dict[tuple[str, str], Group] = {}
    states: dict[tuple[str, str], Group] = {}
    for commit in commits:
        name, details = (commit.name, commit.key), commit.details
        files = dict(details.get("files", {}))
        if commit.kind == "stage":
            groups[commit.path] = Group(commit.path, files, declared=of_stage(commit.name))
        elif commit.kind == "series":
            series[name] = Group(commit.path, files, tuple(details["arrays"]), 0, of_series(commit.name))
        elif commit.kind == "epoch":
            begun, state = series[name], details["state"]
            series[name] = begun._replace(files={**begun.files, **files}, epochs=begun.epochs + 1)
            states.pop(name, None)
            if state:
                states[name] = Group(state["path"], state.get("files", {}), declared=STATE)
    return [*groups.values(), *series.values(), *states.values()]


def forms_of(document: bytes, group: Group) -> Mapping[str, ArrayForm]:
    """The arrays that a group's own document declares, by name.

    Raises ValueError, with what is wrong, for what is no such document, where it declares another number of
    files than the journal lists, and for what `deepvid.fields` declares otherwise.
    """
    try:
        forms, attributes = _parsed(document)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"cannot be read ({error})") from error
    listed = Counter(name.rpartition("/")[0] for name in group.files)
    for name, form in forms.items():
        if name in group.grown and not form.shape:
            raise ValueError(f"declares {name} without epochs")
        count = listed[name] - 1  # its own document
        if group.files and count != (expected := group.expected(name, form)):
            raise ValueError(f"declares {expected} files of {name}, where {max(0, count)} were committed")
    if group.declared and _is_ours(attributes):
        _require_declared(forms, attributes, group)
    return forms


def _is_ours(attributes: Any) -> bool:
    """Whether a group is of this version: of a newer one nobody here knows what it declares."""
    version = attributes.get("encoding-version") if isinstance(attributes, dict) else None
    return type(version) is not int or version <= VERSION


def _require_declared(forms: Mapping[str, ArrayForm], attributes: Any, group: Group) -> None:
    if fault := fault_of_attributes(attributes):
        raise ValueError(f"cannot be read ({fault})")
    for name, field in group.declared.items():
        dims = (*(("epoch",) if name in group.grown else ()), *field.dims)
        form = forms.get(name)
        if form and (form.dims != dims or not may_have(field, form.dtype)):
            raise ValueError(
                f"declares {name} as {form.dtype} over ({', '.join(form.dims)}), which is {field.dtype} "
                f"over ({', '.join(dims)})"
            )


def faults_of_arrays(group: Group, forms: Mapping[str, ArrayForm], size: Size) -> Iterator[Fault]:
    """The files of these arrays that are not there or not as long as declared; of each array the first."""
    for name, form in forms.items():
        if fault := _fault_of_array(group, name, form, size):
            yield fault


def faults_of_group(group: Group, read: Callable[[str], bytes], size: Size) -> Iterator[Fault]:
    """What of a group is not what it declares, file by file. Both functions raise FileNotFoundError."""
    document = f"{group.path}/{METADATA}"
    try:
        if group.files and METADATA not in group.files:
            raise FileNotFoundError(document)
        forms = forms_of(read(document), group)
    except FileNotFoundError:
        yield document, "is missing"
    except ValueError as error:
        yield document, str(error)
    else:
        yield from faults_of_arrays(group, forms, size)


def other_length(form: ArrayForm, name: str, length: int) -> str:
    """What is wrong with a file of an array by its length; empty where it can be what was written."""
    sizes = form.sizes(name)
    if sizes is None:
        return "is no file of its array"
    fewest, most = sizes
    return "" if fewest <= length <= most else f"has {length:,} bytes, where {fewest:,} were committed"


def _fault_of_array(group: Group, name: str, form: ArrayForm, size: Size) -> Fault | None:
    for file in form.names():
        if name in group.grown and int(file.split(".")[1]) >= group.epochs:
            return None
        key = f"{group.path}/{name}/{file}"
        try:
            length = size(key)
        except (FileNotFoundError, NotADirectoryError):
            return key, "is missing"
        if length is None:
            return None
        if fault := other_length(form, file, length):
            return key, fault
    return None


@lru_cache(maxsize=64)
def _parsed(document: bytes) -> tuple[Mapping[str, ArrayForm], Any]:
    """The arrays and the attributes. A run that is shown is opened at every commit."""
    group = json.loads(document)
    forms = array_forms(group)
    lengths: dict[str, int] = {}
    for name, form in forms.items():
        for dim, length in zip(form.dims, form.shape, strict=True):
            if lengths.setdefault(dim, length) != length:
                raise ValueError(f"{length} of {dim} in {name}, where another array has {lengths[dim]}")
    return forms, group.get("attributes")
