"""How images were learned, as a query asks for it."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from travels import Seen, commit_epochs

from dashboards.data.levels import levels, numbers
from dashboards.data.population import Population, population
from dashboards.data.query import QueryError, evaluated, words
from dashboards.data.runs import reader
from deepvid.store import open_writer

LABEL = [0, 1, 0, 0, 1, 1]  # two training images, then four test images
# Of the test images: the first settles in epoch 2, the second is forgotten once, the third is always right,
# the last one never.
SAID = [[1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 1, 0]]


def table(store: Path, epochs: int) -> Population:
    run_id = f"toy-{epochs:08d}"
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), np.zeros((6, 2, 2, 1), "u1")),
            "label": ("sample", np.array(LABEL, "i4")),
            "test": ("sample", np.arange(6) >= 2),
        },
        attrs={"class_names": ["cat", "dog"], "source": "drawn", "checksums": {}},
    )
    with open_writer(store, run_id, config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
    seen = [Seen(np.zeros((6, 2), "f4"), np.array([0, 1]), np.eye(2, dtype="f4")[said]) for said in SAID]
    commit_epochs(store, run_id, seen[:epochs], np.arange(6))
    found = population(reader(store / run_id))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("flips == 1", [0]),
        ("flips > 1", [1]),
        ("forgotten > 0", [1]),
        ("learned == 2", [0]),
        ("learned == 3", [1]),
        ("learned <= 1", [2]),
        ("learned >= 1", [0, 1, 2]),  # the last is wrong to the end: nothing is known of it
    ],
)
def test_c_q5_images_are_asked_for_by_how_they_were_learned(
    query: str, rows: list[int], tmp_path: Path
) -> None:
    assert np.flatnonzero(evaluated(query, table(tmp_path, 3))).tolist() == rows


def test_maps_can_be_colored_by_it(tmp_path: Path) -> None:
    shown = table(tmp_path, 3)
    assert {"flips", "forgotten", "learned"} <= set(numbers(shown))
    assert levels(shown, "forgotten").histogram(None).sum() == 4
    assert levels(shown, "learned").histogram(None).sum() == 3


def test_one_epoch_tells_nothing(tmp_path: Path) -> None:
    shown = table(tmp_path, 1)
    assert "flips" not in [word for word, _ in words(shown)]
    with pytest.raises(QueryError, match="flips, which this run does not know yet"):
        evaluated("flips > 0", shown)


def test_they_are_those_of_the_rows_of_a_table_whose_first_map_has_come(tmp_path: Path) -> None:
    before = table(tmp_path, 3)
    run_id = "toy-00000003"
    assert before.samples[evaluated("forgotten > 0", before)].tolist() == [3]
    placed = xr.Dataset(
        {"position": (("sample", "dimension"), np.linspace([5, 5], [0, 0], 6).astype("f4"))},
        coords={"sample": np.arange(6, dtype="i4")},
        attrs={"projection": {"method": "umap", "of": "features"}, "quality": {}},
    )
    with open_writer(tmp_path, run_id, config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("projection-umap", "b" * 12, placed)
    run = reader(tmp_path / run_id)
    assert run.poll()
    after = population(run)
    assert after is not None
    assert after.samples.tolist() != before.samples.tolist()
    assert after.samples[evaluated("forgotten > 0", after)].tolist() == [3]
