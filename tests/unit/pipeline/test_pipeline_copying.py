"""Where a run looks for what it need not compute."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from deepvid import config
from deepvid.errors import DataError
from deepvid.pipeline.stage import GroupStage, Result, StageContext
from deepvid.progress import SILENT
from deepvid.store import open_writer, remove_run

KEY = "a" * 12
LABELS = xr.Dataset({"label": ("sample", np.arange(3, dtype=np.int32))})


def _refuse(stale: bool) -> None:
    if stale:
        raise DataError("A run keeps what it began with", "another", "Begin another")


def ensure(store: Path, name: str, key: str = KEY, stale: bool = False) -> str:
    """How a stage whose result is `LABELS` came into a run."""
    stage = GroupStage(
        name="dataset",
        needs=(),
        section=config.Dataset(),
        seed=0,
        version=1,
        work=lambda context: Result(LABELS, {}),
        require_same=lambda committed, context: _refuse(stale),
    )
    with open_writer(store, f"{name}-0123abcd", config={"name": name}, provenance={}) as writer:
        return stage.ensure(StageContext(key, writer, SILENT))


def test_a_stage_is_copied_from_a_run_and_not_from_an_archive(
    tmp_path: Path, zip_run: Callable[[Path, Path], Path]
) -> None:
    assert ensure(tmp_path, "first") == "computed"
    zip_run(tmp_path / "first-0123abcd", tmp_path / "first.zip")
    assert ensure(tmp_path, "first") == "reused"
    assert ensure(tmp_path, "second") == "copied"
    for run in tmp_path.glob("*-0123abcd"):
        remove_run(run)
    assert ensure(tmp_path, "third") == "computed"


@pytest.mark.parametrize("difference", [{"key": "b" * 12}, {"stale": True}])
def test_a_stage_of_another_key_or_of_other_data_is_not_copied(
    tmp_path: Path, difference: dict[str, str | bool]
) -> None:
    ensure(tmp_path, "first")
    assert ensure(tmp_path, "second", **difference) == "computed"  # type: ignore[arg-type]
