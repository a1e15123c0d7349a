"""Groups that no line lists yet: any process may write one, without the lock."""

import uuid
from pathlib import Path

import xarray as xr

from deepvid import fields
from deepvid.store.format.disk import remove
from deepvid.store.format.layout import settle, write_group
from deepvid.store.format.schema import STAGE, described


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
