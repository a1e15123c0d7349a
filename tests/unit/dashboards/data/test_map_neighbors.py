"""Who is near an image after an epoch, and what the page says of it."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from travels import Seen, commit_epochs

from dashboards.data import map_neighbors as reading
from dashboards.data.epochs import held
from dashboards.data.map_neighbors import Near, has_features, near
from dashboards.data.recent import Recent
from dashboards.data.time_travel import Travel, travels
from dashboards.session.engine_task import Answer, ResultStatus, TaskStatus
from dashboards.views.time_travel.epoch import decoding
from dashboards.views.time_travel.epoch.decoding import decoded, lacking, neighbors_kept, request, told
from dashboards.views.time_travel.landscape.around import AMONG, FEATURELESS, NOBODY, around
from dashboards.views.time_travel.state import Moment
from deepvid.engine.requests import Decoded, DecodeSample
from deepvid.store import Run, open_run, open_writer

# One training image, then five test images; 4 is as far from 1 in the features as 3 is, in both epochs.
FEATURES = [[0, 1, 2, 2, 9], [0, 9, 2, 2, 1]]
X = [[0, 0, 1, 9, 2, 3], [0, 0, np.nan, 4, 2, 3]]
NAMES = ("cat", "dog")


def made(store: Path, *, decodable: bool = False) -> Run:
    label = np.array([0, 0, 1, 1, 1, 0])
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), np.zeros((6, 2, 2, 1), "u1")),
            "label": ("sample", label.astype("i4")),
            "test": ("sample", np.arange(6) >= 1),
        },
        attrs={"class_names": list(NAMES), "source": "drawn", "checksums": {}},
    )
    with open_writer(store, "toy-0123abcd", config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset)
    seen = [
        Seen(
            np.stack([np.array(x), np.zeros(6)], axis=1),
            label[:1],
            np.eye(2)[label[1:]],
            np.array(features)[:, None],
        )
        for x, features in zip(X, FEATURES, strict=True)
    ]
    commit_epochs(store, "toy-0123abcd", seen, np.arange(6), decodable=decodable)
    return open_run(store / "toy-0123abcd")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return made(tmp_path)


@pytest.fixture
def travel(run: Run) -> Travel:
    return travels(run)["parametric"]


def listed(found: Near | None) -> tuple[list[int], list[int]]:
    assert found is not None
    return found.features.tolist(), found.placed.tolist()


def test_c_r3_the_nearest_in_the_features_and_on_the_map_are_test_images(run: Run, travel: Travel) -> None:
    """The training image 0 lies where 1 does, and is not among them."""
    found = near(run, travel, 0, 1, 2)
    assert listed(found) == ([2, 3], [2, 4])
    assert found is not None
    assert found.both == 1
    assert near(run, travel, 0, 0, 2) is None  # a training image


def test_c_r3_who_has_no_place_is_nobody_s_neighbor(run: Run, travel: Travel) -> None:
    assert listed(near(run, travel, 1, 1)) == ([5, 3, 4], [4, 5, 3])  # all, where 15 are asked for
    assert near(run, travel, 1, 2) is None


def test_c_r3_an_epoch_is_read_once(run: Run, travel: Travel, monkeypatch: pytest.MonkeyPatch) -> None:
    near(run, travel, 0, 1)
    near(run, travel, 1, 1)
    monkeypatch.setattr(np, "searchsorted", None)  # what reading one needs
    assert near(run, travel, 0, 3, 2) is not None


def test_c_r3_few_epochs_are_kept(run: Run, travel: Travel, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: Recent[np.ndarray] = Recent(1)
    monkeypatch.setattr(reading, "_epochs", kept)
    near(run, travel, 0, 1)
    near(run, travel, 1, 1)
    assert [epoch for *_, epoch in kept._answers] == [1]


def test_c_r3_the_page_says_how_many_are_both(
    run: Run, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = "4 of its 4 nearest in the features are among its 4 nearest on the map"
    assert around(run, Moment(travel, 0), 1) == {
        "epoch": 0,
        "features": [2, 3, 4, 5],
        "map": [2, 4, 5, 3],
        "says": says,
        "hint": AMONG,
    }
    for nobody in (None, 0, 99):
        assert around(run, Moment(travel, 0), nobody)["says"] == NOBODY
    monkeypatch.setattr("dashboards.views.time_travel.landscape.around.has_features", lambda _: False)
    assert around(run, Moment(travel, 0), 1)["says"] == FEATURELESS


def test_a_run_says_what_it_has_of_its_epochs(run: Run) -> None:
    assert has_features(run)
    assert held(run, "time-travel-parametric", "model")
    assert not held(run, "time-travel-parametric", "model_layout")
    assert not held(run, "time-travel-layout", "model")


def test_c_u4_a_line_says_what_decoding_needs(
    tmp_path: Path, run: Run, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacks = lacking(run, travel, "Install more.")
    assert lacks == ("decoded from the map: needs a server that computes", "Install more.")
    lacks = lacking(run, travel, "")
    assert lacks is not None
    assert lacks.text == "decoded from the map: needs the map's own networks"
    other = made(tmp_path / "other", decodable=True)
    assert lacking(other, travels(other)["parametric"], "") is None
    monkeypatch.setattr(decoding, "held", lambda _, series, name: (series, name) != ("teacher", "parameters"))
    assert lacking(other, travels(other)["parametric"], "") is None  # it has the last layer
    monkeypatch.setattr(decoding, "held", lambda _, series, name: series != "teacher")
    lacks = lacking(other, travels(other)["parametric"], "")
    assert lacks is not None
    assert lacks.text == "decoded from the map: needs the teacher's parameters"


def test_c_u4_a_line_says_class_and_probability_before_and_after(run: Run, travel: Travel) -> None:
    asked = request(run, travel, 1, 3)
    assert asked == DecodeSample(run.address, 3, "parametric", 2)
    found = Decoded(np.array([0.03, 0.97]), np.array([0.09, 0.91]))
    line = decoded(found, 0, NAMES)
    assert line.text == "decoded from the map: dog .91 (was .97)"
    assert line.hint.endswith("Of cat, its true class: .09 (was .03).")
    other = decoded(Decoded(np.array([0.03, 0.97]), np.array([0.6, 0.4])), 0, NAMES)
    assert other.text == "decoded from the map: cat .60 (was dog .97)"
    answered = ResultStatus(asked, TaskStatus(), Answer(asked, found))
    assert told(answered, asked, 0, NAMES) == line
    assert told(answered, request(run, travel, 0, 3), 0, NAMES).text == "decoded from the map: …"
    failed = ResultStatus(asked, TaskStatus(error="no disk"), None)
    assert told(failed, asked, 0, NAMES) == ("decoded from the map: failed", "no disk")
    assert neighbors_kept(travel, 1, 3).text == "3 of its 15 nearest kept on the map"
