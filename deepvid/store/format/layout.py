"""How arrays lie on disk: uncompressed blocks of about 640 kB inside shards, their dimensions named."""

import asyncio
import math
import uuid
import warnings
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import xarray as xr
import zarr
from zarr.core.sync import sync
from zarr.errors import ZarrUserWarning
from zarr.storage import StorePath

from deepvid import fields
from deepvid.errors import DamagedError, DeepVIDError
from deepvid.fields import Fields
from deepvid.store.format.disk import remove
from deepvid.store.format.schema import STAGE, check_version, described

BLOCK = 640_000  # bytes; near the knee of the reading speed of one sample and of one column
SHARD = 2**28  # bytes; a file that still copies and verifies in about a second

# Without this a block that equals the fill value is not written, and a lost one would read the same.
_WRITE_ALL: Any = {"write_empty_chunks": True}

_settling = Lock()  # two that wait for all others would wait for each other


def write_group(path: Path, dataset: xr.Dataset, declared: Fields) -> None:
    """Writes a described data set as one consolidated group, in no larger blocks than are declared."""
    group = _create(path, dataset)
    for name, variable in dataset.variables.items():
        field = declared.get(str(name))
        blocks = _blocks(variable, most=field.block if field else None)
        _create_array(group, str(name), variable, variable.shape, blocks)[...] = variable.values
    _consolidate(path)


def write_series(path: Path, template: xr.Dataset, epochs: int) -> tuple[str, ...]:
    """Writes the group of a series without its epochs; the names of the arrays that grow.

    The data variables of `template` get the leading dimension `epoch`, one shard file an epoch; its
    coordinates are written whole.
    """
    group = _create(path, template)
    for name, variable in template.coords.variables.items():
        _create_array(group, str(name), variable, variable.shape, _blocks(variable))[...] = variable.values
    for name, variable in template.data_vars.variables.items():
        variable = xr.Variable(("epoch", *variable.dims), variable.values[np.newaxis], variable.attrs)
        chunks, shards = _blocks(variable, axis=1)
        _create_array(group, str(name), variable, (epochs, *variable.shape[1:]), (chunks, shards))
    _consolidate(path)
    return tuple(str(name) for name in template.data_vars)


def write_epoch(path: Path, epoch: int, dataset: xr.Dataset) -> list[Path]:
    """Writes one epoch of a series into its arrays; the files that hold it."""
    for name, variable in dataset.data_vars.items():
        array = zarr.open_array(path / str(name), mode="r+").with_config(_WRITE_ALL)
        array[epoch] = variable.values
    return [file for name in dataset.data_vars for file in epoch_files(path, str(name), epoch)]


def epoch_files(path: Path, array: str, epoch: int) -> list[Path]:
    """The shard files of one epoch of one array of a series."""
    return sorted((path / array).glob(f"c.{epoch}.*")) + sorted((path / array).glob(f"c.{epoch}"))


def settle() -> None:
    """Waits for what Zarr still writes: an error, or Ctrl-C, leaves others of the same call under way."""
    with _settling:
        sync(_others())


async def _others() -> None:
    for _ in range(3):  # what ends with an error leaves tasks of its own behind, two levels deep
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)


def open_group(path: StorePath) -> xr.Dataset:
    """Opens a committed group; nothing but coordinates is read before it is asked for.

    Raises NewerFormatError for what a later DeepVID wrote, DamagedError for what is no group as one was
    committed, StoreError for what cannot be reached.
    """
    try:
        dataset = _open(path)
        version = dataset.attrs["encoding-version"]
    except DeepVIDError:
        raise
    except Exception as error:  # Zarr and xarray have no exception in common for what they cannot read
        raise DamagedError(
            f"{path} is a group as it was committed",
            f"{type(error).__name__}: {error}",
            "See what is lost: deepvid verify RUN. Restore the run from a copy, or remove it",
        ) from error
    check_version(version, str(path))
    return dataset


def _open(path: StorePath) -> xr.Dataset:
    source: Any = path  # xarray's annotation does not know what Zarr takes
    return xr.open_dataset(
        source,
        engine="zarr",
        zarr_format=3,
        consolidated=True,
        chunks=None,
        mask_and_scale=False,
        decode_times=False,
    )


def _create(path: Path, dataset: xr.Dataset) -> zarr.Group:
    attributes = dict(dataset.attrs)
    extra = [str(name) for name in dataset.coords if name not in dataset.dims]
    if extra:
        attributes["coordinates"] = " ".join(extra)  # how xarray tells coordinates from variables
    return zarr.open_group(path, mode="w-", zarr_format=3, attributes=attributes)


def _consolidate(path: Path) -> None:
    with warnings.catch_warnings():  # not in the Zarr 3 specification yet: readers without it list instead
        warnings.simplefilter("ignore", ZarrUserWarning)
        zarr.consolidate_metadata(path)


def _create_array(
    group: zarr.Group,
    name: str,
    variable: xr.Variable,
    shape: tuple[int, ...],
    blocks: tuple[tuple[int, ...], tuple[int, ...] | None],
) -> zarr.Array[Any]:
    chunks, shards = blocks
    return group.create_array(
        name,
        shape=shape,
        dtype=variable.dtype,
        chunks=chunks,
        shards=shards,
        compressors=None,
        filters=None,
        fill_value=np.nan if variable.dtype.kind == "f" else 0,
        chunk_key_encoding={"name": "default", "separator": "."},  # one directory an array: fewer fsyncs
        dimension_names=[str(dim) for dim in variable.dims],
        attributes=variable.attrs,
        config=_WRITE_ALL,
    )


def _blocks(
    variable: xr.Variable, axis: int = 0, most: int | None = None
) -> tuple[tuple[int, ...], tuple[int, ...] | None]:
    """Chunk and shard shape: near-equal blocks along `axis`, whole otherwise; no shard around one block.

    A block has about BLOCK bytes, and at most `most` rows.
    """
    shape = tuple(max(1, size) for size in variable.shape)
    if len(shape) <= axis:
        return shape, None
    size = shape[axis]
    row = variable.dtype.itemsize * math.prod(shape) // size
    rows = max(1, BLOCK // row)
    blocks = math.ceil(size / min(rows, most or rows))
    block = math.ceil(size / blocks)
    if blocks == 1:
        return shape, None
    inside = min(blocks, max(1, SHARD // (block * row)))
    return _with(shape, axis, block), _with(shape, axis, block * inside)


def _with(shape: tuple[int, ...], axis: int, size: int) -> tuple[int, ...]:
    return (*shape[:axis], size, *shape[axis + 1 :])


def write_wip(run: Path, stage: str, dataset: xr.Dataset) -> Path:
    """Writes the group of a stage, or of one of its batches, under `wip/`.

    Hand the path to the owner of the lock, who commits it with `RunWriter.commit_prepared`. Raises StoreError
    for a variable that is not as `deepvid.fields` declares it for the stage, or that does not say what it is.
    """
    return prepare(run, dataset, STAGE, fields.of_stage(stage))


def prepare(run: Path, dataset: xr.Dataset, encoding: str, declared: fields.Fields) -> Path:
    """Writes a group under `wip/`, and leaves nothing there when it fails."""
    path = run / "wip" / uuid.uuid4().hex
    try:
        write_group(path, described(dataset, encoding, declared), declared)
    except BaseException:
        settle()
        remove(path)
        raise
    return path
