"""How long a computation takes, by what a comparable run took."""

from pathlib import Path

import numpy as np
import xarray as xr

from dashboards.data.commands import network_command
from dashboards.data.computation import Computation
from dashboards.data.forecast import forecast, stage_seconds
from dashboards.data.runs import catalog
from deepvid.fields import PARTS
from deepvid.store import Commit, open_run, open_writer

CONFIG = {"dataset": {"train": 40}, "teacher": {"epochs": 2}}


def commit(second: int, name: str, kind: str = "stage") -> Commit:
    time = f"2026-11-20T10:00:{second:02d}.000+00:00"
    return Commit(0, "", kind, time, name, "", "", "", {}, {}, {}, "")


def test_a_stage_takes_the_time_since_the_line_before_it_unless_the_run_rested_there() -> None:
    lines = [
        commit(0, "", "created"),
        commit(3, "dataset"),
        commit(4, "teacher", "series"),
        commit(6, "teacher", "epoch"),
        commit(10, "teacher"),
        commit(11, "", "finished"),
        commit(30, "layers"),  # began at some time after 11
        commit(35, "units"),
    ]
    assert stage_seconds(lines) == {"dataset": 3, "teacher": 7, "layers": None, "units": 5}


def test_a_clock_that_was_set_back_tells_no_time() -> None:
    lines = [commit(30, "dataset"), commit(5, "teacher", "epoch"), commit(9, "teacher"), commit(12, "layers")]
    assert stage_seconds(lines) == {"teacher": None, "layers": 3}


def written(store: Path, name: str, stages: tuple[str, ...], **changes: object) -> Computation:
    """A run with these stages; the computation that looks into its layers."""
    config = {"name": name, **CONFIG, **changes}
    with open_writer(store, name, config=config, provenance={}) as writer:
        for stage in stages:
            writer.commit_stage(
                stage, "a" * 12, xr.Dataset({"x": ("y", np.zeros(2), {"long_name": "nothing", "units": "1"})})
            )
        writer.finish()
    computation = network_command(open_run(store / name)).computation
    assert computation is not None
    return computation


def test_a_comparable_run_tells_it_and_another_one_does_not(tmp_path: Path) -> None:
    asked = written(tmp_path, "asked", ("dataset", "teacher"))
    written(tmp_path, "other", ("dataset", "teacher", *PARTS), teacher={"epochs": 200})
    catalog(tmp_path).look()
    assert forecast(asked) == ""
    written(tmp_path, "alike", ("dataset", "teacher", *PARTS))
    catalog(tmp_path).look()
    assert forecast(asked) == "about 1 s"  # the least that is said
    assert forecast(Computation("demo", tmp_path)) == ""
