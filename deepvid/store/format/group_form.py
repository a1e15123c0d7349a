"""Forms of arrays and groups on disk, held against the journal: one opinion for all who read them."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from deepvid.fields import STATE, Fields, of_series, of_stage
from deepvid.store.format.forms import fault_of_attributes
from deepvid.store.format.journal import Commit
from deepvid.store.format.schema import VERSION, may_have

INDEX_ENTRY, CHECKSUM = 16, 4  # bytes in the index of a shard: offset and length of a block; its crc32c
_INDEX_CODECS = ["bytes", "crc32c"]
_LARGEST = 2**62  # elements; no disk has more, and what is counted in 64 bits stays a number


class ArrayForm(NamedTuple):
    """Array of a run, as its Zarr document declares it. A file holds one block, or a shard of several."""

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    file: tuple[int, ...]  # elements of one file along each dimension
    block: tuple[int, ...]
    sharded: bool

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "ArrayForm":
        """Raises ValueError for what is no array, or one of another form than a run's."""
        try:
            return _form(document)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise ValueError(f"no document of an array ({type(error).__name__}: {error})") from error

    @property
    def grid(self) -> tuple[int, ...]:
        """How many files there are along each dimension."""
        return tuple(math.ceil(size / file) for size, file in zip(self.shape, self.file, strict=True))

    @property
    def files(self) -> int:
        """How many files it consists of."""
        return math.prod(self.grid)

    @property
    def nbytes(self) -> int:
        """Bytes of all its elements."""
        return self.dtype.itemsize * math.prod(self.shape)

    @property
    def index_size(self) -> int:
        """Bytes of the index at the end of each file; 0 where a file is one block."""
        return INDEX_ENTRY * self._blocks_of(self.file) + CHECKSUM if self.sharded else 0

    def names(self) -> Iterator[str]:
        """The names of its files, below the array. Ask `files` first how many there are."""
        for number in range(self.files):  # np.ndindex would keep them all at once
            yield ".".join(("c", *map(str, np.unravel_index(number, self.grid))))

    def sizes(self, name: str) -> tuple[int, int] | None:
        """The fewest and the most bytes of one of its files; None for a name that none has."""
        position = _position(name, self.grid)
        if position is None:
            return None
        block = self.dtype.itemsize * math.prod(self.block)
        if not self.sharded:
            return block, block
        inside = [
            min(file, size - at * file)
            for size, file, at in zip(self.shape, self.file, position, strict=True)
        ]  # blocks of the last shard that lie behind the end of the array are not there
        return (
            self._blocks_of(inside) * block + self.index_size,
            self._blocks_of(self.file) * block + self.index_size,
        )

    def _blocks_of(self, elements: tuple[int, ...] | list[int]) -> int:
        return math.prod(math.ceil(size / block) for size, block in zip(elements, self.block, strict=True))


def array_forms(group: Mapping[str, Any]) -> dict[str, ArrayForm]:
    """The arrays of a group by name, as its own document has them.

    Raises ValueError where it has none or they are of another form than a run's.
    """
    try:
        documents = group["consolidated_metadata"]["metadata"].items()
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no consolidated metadata of its arrays") from error
    return {str(name): ArrayForm.of(document) for name, document in documents}


def _form(document: Mapping[str, Any]) -> ArrayForm:
    if document["node_type"] != "array" or document["zarr_format"] != 3:
        raise ValueError("no array of Zarr v3")
    key = document["chunk_key_encoding"]
    if (key["name"], key["configuration"]["separator"]) != ("default", "."):
        raise ValueError("files that are named otherwise")
    grid = document["chunk_grid"]
    if grid["name"] != "regular":
        raise ValueError(f"a {grid['name']} grid")
    shape, file = _sizes(document["shape"], 0), _sizes(grid["configuration"]["chunk_shape"], 1)
    sharded, block = _codec(document["codecs"], file)
    if not len(shape) == len(file) == len(block) or any(f % b for f, b in zip(file, block, strict=True)):
        raise ValueError("blocks of another shape than the array's")
    dtype = np.dtype(document["data_type"])
    if dtype.kind not in "buif":
        raise ValueError(f"elements of type {dtype}")
    dims = tuple(document["dimension_names"])
    if len(dims) != len(shape) or not all(isinstance(dim, str) for dim in dims):
        raise ValueError(f"dimensions {', '.join(map(str, dims))} of a shape of {shape}")
    return ArrayForm(dims, shape, dtype, file, block, sharded)


def _codec(codecs: list[Any], file: tuple[int, ...]) -> tuple[bool, tuple[int, ...]]:
    """Whether a file is a shard, and the shape of a block. What changes the length of bytes is refused."""
    names = [codec["name"] for codec in codecs]
    if names == ["bytes"]:
        return False, file
    inner = codecs[0]["configuration"] if names == ["sharding_indexed"] else {}
    said = [[codec["name"] for codec in inner.get(kind, ())] for kind in ("codecs", "index_codecs")]
    if said != [["bytes"], _INDEX_CODECS] or inner.get("index_location", "end") != "end":
        raise ValueError(f"codecs {', '.join(map(str, names))}, where nothing is compressed")
    return True, _sizes(inner["chunk_shape"], 1)


def _sizes(values: Any, least: int) -> tuple[int, ...]:
    sizes = tuple(values)
    if any(type(size) is not int or size < least for size in sizes) or math.prod(sizes) > _LARGEST:
        raise ValueError(f"a shape of {sizes}")
    return sizes


def _position(name: str, grid: tuple[int, ...]) -> tuple[int, ...] | None:
    prefix, *numbers = name.split(".")
    if prefix != "c" or len(numbers) != len(grid) or not all(number.isdecimal() for number in numbers):
        return None
    position = tuple(map(int, numbers))
    return position if all(at < size for at, size in zip(position, grid, strict=True)) else None


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
    """Faults of a group against what it declares, file by file. Both functions raise FileNotFoundError."""
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
    """Fault of a file of an array by its length; empty where it can be what was written."""
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
