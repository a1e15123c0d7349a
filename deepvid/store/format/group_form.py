"""What a group declares, held against what the journal lists: one opinion for all who read it."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from deepvid.store.format.array_form import ArrayForm, array_forms
from deepvid.store.format.journal import Commit

METADATA = "zarr.json"

Fault = tuple[str, str]
"""A file's name, relative to the run, and what is wrong with it."""

Size = Callable[[str], int | None]
"""Bytes of a file by its name; None where that costs too much. Raises FileNotFoundError."""


class Group(NamedTuple):
    """A group as the journal lists it.

    `files` has the sha256 of each file by its name below the group; it is empty for a run begun by an early
    DeepVID. Of the arrays that have `grown` it has so many `epochs`: a reader's the first, once it is there.
    """

    path: str  # relative to the run
    files: Mapping[str, str]
    grown: tuple[str, ...] = ()
    epochs: int = 1

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
            groups[commit.path] = Group(commit.path, files)
        elif commit.kind == "series":
            series[name] = Group(commit.path, files, tuple(details["arrays"]), epochs=0)
        elif commit.kind == "epoch":
            begun, state = series[name], details["state"]
            series[name] = begun._replace(files={**begun.files, **files}, epochs=begun.epochs + 1)
            states.pop(name, None)
            if state:
                states[name] = Group(state["path"], state.get("files", {}))
    return [*groups.values(), *series.values(), *states.values()]


def forms_of(document: bytes, group: Group) -> Mapping[str, ArrayForm]:
    """The arrays that a group's own document declares, by name.

    Raises ValueError, with what is wrong, for what is no such document, and where it declares another number
    of files than the journal lists.
    """
    try:
        forms = _forms(document)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"cannot be read ({error})") from error
    listed = Counter(name.rpartition("/")[0] for name in group.files)
    for name, form in forms.items():
        if name in group.grown and not form.shape:
            raise ValueError(f"declares {name} without epochs")
        count = listed[name] - 1  # its own document
        if group.files and count != (expected := group.expected(name, form)):
            raise ValueError(f"declares {expected} files of {name}, where {max(0, count)} were committed")
    return forms


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
def _forms(document: bytes) -> Mapping[str, ArrayForm]:
    """A run that is shown is opened at every commit."""
    return array_forms(json.loads(document))
