"""Where a run looks for stages that it need not compute."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import xarray as xr

from deepvid.pipeline.copying import copy_from_another_run
from deepvid.store import open_writer, remove_run

KEY = "a" * 12


def test_a_stage_is_copied_from_a_run_and_not_from_an_archive(
    tmp_path: Path, zip_run: Callable[[Path, Path], Path]
) -> None:
    dataset = xr.Dataset({"label": ("sample", np.arange(3, dtype=np.int32))})
    with open_writer(tmp_path, "first-0123abcd", config={"name": "first"}, provenance={}) as writer:
        summary = {"stages": {"dataset": {"key": KEY}}}
        writer.commit_stage("dataset", KEY, dataset, summary=summary)
    zip_run(tmp_path / "first-0123abcd", tmp_path / "first.zip")
    stage: Any = SimpleNamespace(name="dataset", summary=lambda metrics: {}, stale=lambda found, data: False)
    for name, copied in (("second", True), ("third", False)):
        with open_writer(tmp_path, f"{name}-0123abcd", config={"name": name}, provenance={}) as writer:
            assert copy_from_another_run(writer, stage, KEY, None) is copied
        for path in tmp_path.glob("[fs]*-0123abcd"):
            remove_run(path)
