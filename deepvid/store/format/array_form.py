"""The one form that an array has on disk: which files it consists of, and how long each of them is."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

INDEX_ENTRY, CHECKSUM = 16, 4  # bytes in the index of a shard: offset and length of a block; its crc32c
_INDEX_CODECS = ["bytes", "crc32c"]
_LARGEST = 2**62  # elements; no disk has more, and what is counted in 64 bits stays a number


class ArrayForm(NamedTuple):
    """What a Zarr document declares of an array of a run. A file holds one block, or a shard of several."""

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
