"""Another run's maps in the plane of the run that is open, and whose answers differ."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from travels import Seen, commit_epochs

from dashboards.data.time_travel import Travel, travels
from dashboards.data.turning import NOTHING, turned
from dashboards.kit.elements import words
from dashboards.views.time_travel.differences import differences, elements
from dashboards.views.time_travel.landscape.table import MARKED, NO_CELL, packed
from deepvid.errors import DataError
from deepvid.store import Run, open_run, open_writer

TRAIN, TEST = 4, 40
LABEL = np.arange(TRAIN + TEST) % 4
CENTERS = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]])  # as the quarters of `travels.epoch_group`
QUARTER = np.array([[0.0, 1.0], [-1.0, 0.0]])


def made(
    store: Path,
    name: str,
    position: np.ndarray,
    said: np.ndarray,
    label: np.ndarray = LABEL,
    train: int = TRAIN,
) -> Run:
    """A run of two epochs: in the second the classes are twice as far apart."""
    total = train + TEST
    images = np.arange(total, dtype="u1")[:, None, None, None] * np.ones((1, 2, 2, 1), "u1")
    images[train:] = np.arange(TEST, dtype="u1")[:, None, None, None]
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), images),
            "label": ("sample", label.astype("i4")),
            "test": ("sample", np.arange(total) >= train),
        },
        attrs={"class_names": list("abcd"), "source": "drawn", "checksums": {}},
    )
    with open_writer(store, name, config={"name": name}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
    seen = [
        Seen((1 + epoch) * position, label[:train], np.eye(4, dtype="f4")[said[train:]]) for epoch in (0, 1)
    ]
    commit_epochs(store, name, seen, np.arange(total))
    return open_run(store / name)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    position = 3 * CENTERS[LABEL] + np.random.default_rng(0).normal(0, 0.3, (len(LABEL), 2))
    return made(tmp_path, "here-0123abcd", position, LABEL)


@pytest.fixture
def travel(run: Run) -> Travel:
    return travels(run)["parametric"]


def other(run: Run, tmp_path: Path, said: np.ndarray = LABEL) -> Run:
    place = travels(run)["parametric"].position[0].astype(float)
    return made(tmp_path, "there-0123abcd", 0.5 * place @ QUARTER, said)


def test_another_map_is_turned_as_a_whole(run: Run, travel: Travel, tmp_path: Path) -> None:
    found = turned(travel, run, other(run, tmp_path))
    assert found.explained > 0.999
    assert np.abs(found.travel.position.astype(float) - travel.position).max() < 0.05
    np.testing.assert_array_equal(found.travel.samples, travel.samples)
    scene = found.travel.landscapes[0]
    box, side = scene.box.astype(float), len(scene.decided)
    raw = travels(open_run(tmp_path / "there-0123abcd"))["parametric"]
    cell = np.rint((found.travel.position[0] - box[0]) / (box[1] - box[0]) * (side - 1)).astype(int)
    low, high = raw.landscapes[0].box.astype(float)
    own = np.rint((raw.position[0] - low) / (high - low) * (side - 1)).astype(int)
    there = raw.landscapes[0].decided[own[:, 1], own[:, 0]]
    assert (scene.decided[cell[:, 1], cell[:, 0]] == there).mean() > 0.9
    again = turned(travel, run, open_run(tmp_path / "there-0123abcd"))
    np.testing.assert_array_equal(again.travel.position, found.travel.position)


def test_what_lies_outside_of_a_turned_map_has_no_cell(run: Run, travel: Travel, tmp_path: Path) -> None:
    position = travel.position[0].astype(float)
    c = np.sqrt(0.5)
    askew = made(tmp_path, "askew-0123abcd", position @ np.array([[c, c], [-c, c]]), LABEL)
    scene = turned(travel, run, askew).travel.landscapes[0]
    assert (scene.decided[0, 0], scene.decided[-1, -1]) == (NOTHING, NOTHING)
    assert 0.4 < (scene.decided != NOTHING).mean() < 0.65
    assert not scene.doubtful[scene.decided == NOTHING].any()
    cells = np.frombuffer(packed(turned(travel, run, askew).travel, tuple("abcd")).cells, np.uint8)
    assert cells.reshape(2, 2, *scene.decided.shape)[0, 0, 0, 0] == NO_CELL
    assert NO_CELL > MARKED + 100


def test_test_images_are_named_as_here_where_the_training_images_are_others(
    run: Run, travel: Travel, tmp_path: Path
) -> None:
    label = np.concatenate([[0, 1], LABEL[TRAIN:]])
    position = np.concatenate([np.zeros((2, 2)), travel.position[0, TRAIN:].astype(float)])
    found = turned(travel, run, made(tmp_path, "fewer-0123abcd", position, label, label, train=2)).travel
    assert (found.training, found.samples.tolist()) == (0, list(range(TRAIN, TRAIN + TEST)))
    np.testing.assert_array_equal(found.label, LABEL[TRAIN:])
    assert set(found.accuracy) == {"test"}


def test_what_cannot_be_compared_says_why(run: Run, travel: Travel, tmp_path: Path) -> None:
    position = travel.position[0].astype(float)
    with pytest.raises(DataError, match="other labels"):
        turned(travel, run, made(tmp_path, "wrong-0123abcd", position, LABEL, (LABEL + 1) % 4))
    with open_writer(tmp_path, "bare-0123abcd", config={"name": "bare"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, xr.Dataset({"label": ("sample", LABEL.astype("i4"))}))
    with pytest.raises(DataError, match="no time travel"):
        turned(travel, run, open_run(tmp_path / "bare-0123abcd"))


def test_differences_count_who_is_right_and_what_changed(run: Run, travel: Travel, tmp_path: Path) -> None:
    said = LABEL.copy()
    said[TRAIN : TRAIN + 8 : 4] = 3  # two of class a
    said[TRAIN + 1] = 2  # one of class b
    there = turned(travel, run, other(run, tmp_path, said)).travel
    found = differences((travel, 1), (there, 0), tuple("abcd"))
    assert [len(part) for part in found.agreement] == [37, 3, 0, 0]
    rows = [(row.here, row.there, len(row.samples), row.better, row.worse) for row in found.rows]
    assert rows == [("a", "d", 2, 0, 2), ("b", "c", 1, 0, 1)]
    assert found.agreement.only_first.tolist() == [TRAIN, TRAIN + 1, TRAIN + 4]
    assert [row.samples.tolist() for row in found.rows] == [[TRAIN, TRAIN + 4], [TRAIN + 1]]
    assert words(elements(found, "epoch 2", "epoch 1 of there")).startswith(
        "On 3 of 40 test images just one of the two is right, epoch 2 on 3 of them: chance alone"
    )
    back = differences((there, 0), (travel, 1), tuple("abcd"))
    assert [len(part) for part in back.agreement] == [37, 0, 3, 0]
    assert [(row.here, row.better, row.worse) for row in back.rows] == [("d", 2, 0), ("c", 1, 0)]
    same = differences((travel, 0), (travel, 1), tuple("abcd"))
    assert (same.changed, same.rows) == (0, [])
    assert "the same 40 of 40" in words(elements(same, "epoch 1", "epoch 2"))
