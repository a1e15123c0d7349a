"""How often groups return in runs of other seeds: which runs count, on real stores."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from dashboards.data import hierarchy
from dashboards.data.hierarchy import compare_seeds
from deepvid.hierarchy.tree import tree
from deepvid.store import Run, open_run, open_writer

OWN = tree([(0, 1), (2, 3), (4, 5)])


def _run(store: Path, name: str, merges: list[tuple[int, int]], *, seed: int, **settings: object) -> Run:
    parent = tree(merges).parent
    group = xr.Dataset(
        {
            "parent": ("node", parent),
            "node_probability": ("node", np.ones(len(parent), np.float32)),
            "leaf": ("sample", np.zeros(2, np.int32)),
            "path_probability": ("sample", np.ones(2, np.float32)),
            "turn": ("sample", np.zeros(2, np.int32)),
        },
        attrs={"accuracy": {}},
    )
    config = {"name": name, "seed": seed, **settings}
    with open_writer(store, f"{name}-{seed}{len(settings)}", config=config, provenance={}) as writer:
        writer.commit_stage("hierarchy", "1" * 12, group)
    return open_run(store / f"{name}-{seed}{len(settings)}")


def test_runs_that_differ_by_their_seed_alone_count(tmp_path: Path) -> None:
    pairs, other = [(0, 1), (2, 3), (4, 5)], [(2, 3), (4, 1), (5, 0)]
    run = _run(tmp_path, "toy", pairs, seed=0)
    _run(tmp_path, "toy", pairs, seed=1)
    _run(tmp_path, "toy", other, seed=2)
    _run(tmp_path, "toy", pairs, seed=1, epochs=9)  # another experiment
    _run(tmp_path, "toy-too", pairs, seed=1)
    found = compare_seeds(run, OWN)
    assert found is not None
    assert found.trees == 2
    assert found.times.tolist() == [2, 2, 2, 2, 1, 2, 2]  # {0, 1} is in the first alone


def test_a_run_alone_has_nothing_to_return_in(tmp_path: Path) -> None:
    run = _run(tmp_path, "toy", [(0, 1), (2, 3), (4, 5)], seed=0)
    assert compare_seeds(run, OWN) is None


def test_a_damaged_neighbor_is_left_out(tmp_path: Path) -> None:
    pairs = [(0, 1), (2, 3), (4, 5)]
    run, other = (_run(tmp_path, "toy", pairs, seed=seed) for seed in (0, 1))
    _run(tmp_path, "toy", pairs, seed=2)
    (other.path / "journal.jsonl").write_text("no journal\n")
    found = compare_seeds(run, OWN)
    assert found is not None
    assert found.trees == 1


def test_other_experiments_of_like_names_do_not_take_the_place_of_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hierarchy, "MOST", 1)
    pairs = [(0, 1), (2, 3), (4, 5)]
    run, _ = (_run(tmp_path, "toy", pairs, seed=seed) for seed in (0, 1))
    for number in range(3):
        _run(tmp_path, "toy-too", pairs, seed=number)
    assert (found := compare_seeds(run, OWN)) is not None
    assert found.trees == 1
