"""The listing of a store, against reading it whole and against MLflow's file store; part of `store.py`."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from records import Baseline, Record, lower_is_better, median_seconds

from deepvid.store import list_runs, open_writer

COMMITS = 60  # as many as a run of the demo has
NUMBERS = {"test_accuracy": 0.9, "test_loss": 0.3, "hit": 0.8, "trustworthiness": 0.99, "students": 1200.0}


def listings(store: Path, runs: int) -> Iterator[Record]:
    """Both baselines on the same machine, in the same minute."""
    _many_runs(store, runs)
    assert len(list_runs(store)) == runs
    seconds = median_seconds(lambda: list_runs(store), 7)
    for baseline, act, budget in (
        ("MLflow's file store", _mlflow(store.with_name("mlflow"), runs), 5),
        ("reading every journal whole", lambda: _read_whole(store), None),
    ):
        value = None if act is None else 1e3 * median_seconds(act, 3)
        yield lower_is_better(
            f"list {runs} runs", 1e3 * seconds, "ms", Baseline(baseline, value), budget=budget
        )


def _many_runs(store: Path, runs: int) -> None:
    """Copies of one finished run."""
    attrs = {"long_name": "true class", "units": "class index"}
    image = xr.Dataset({"label": ("sample", np.zeros(4, np.int32), attrs)})
    with open_writer(store, "run-0", config={"name": "run"}, provenance={"argv": ["x" * 5000]}) as writer:
        for number in range(COMMITS):
            writer.commit_stage(f"stage-{number % 8}", f"{number:012x}", image, metrics=NUMBERS)
        writer.finish({"metrics": NUMBERS})
    for number in range(1, runs):
        (store / f"run-{number}").mkdir()
        shutil.copy(store / "run-0" / "journal.jsonl", store / f"run-{number}")


def _read_whole(store: Path) -> list[str]:
    return [
        json.loads(line)["time"]
        for path in store.glob("*/journal.jsonl")
        for line in path.read_bytes().splitlines()
    ]


def _mlflow(folder: Path, runs: int) -> Callable[[], Any] | None:
    """A search over as many runs with the same numbers, logged once each; None without MLflow."""
    try:
        from mlflow import MlflowClient
    except ImportError:
        return None
    client = MlflowClient(folder.as_uri())
    experiment = client.create_experiment("many")
    first = client.create_run(experiment).info.run_id
    for name, value in NUMBERS.items():
        client.log_metric(first, name, value)
        client.log_param(first, f"setting_{name}", value)
    client.set_terminated(first)
    for number in range(1, runs):
        target = folder / experiment / f"run{number:029x}"
        shutil.copytree(folder / experiment / first, target)
        meta = target / "meta.yaml"
        meta.write_text(meta.read_text().replace(first, target.name))
    listed = client.search_runs([experiment], max_results=runs)
    assert len({run.info.run_id for run in listed}) == runs
    return lambda: client.search_runs([experiment], max_results=runs)
