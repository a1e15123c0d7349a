"""Sets of training images after an epoch, and who crosses a border of the map: computed by hand."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from travels import Seen, commit_epochs, commit_events

from dashboards.data.memberships import MEMBERSHIPS, joined, members
from dashboards.data.population import Population, population
from dashboards.data.query import QueryError, evaluated, words
from dashboards.data.time_travel import Travel, border_crossings, ground, travels
from dashboards.views.time_travel.epoch.table import history
from dashboards.views.time_travel.events import listed
from dashboards.views.time_travel.landscape.table import told
from dashboards.views.time_travel.landscape.words import training_images
from dashboards.views.time_travel.state import Moment
from deepvid.store import Run, open_run, open_writer

NAMES = ("ant", "bee", "cat", "dog")
# Four training images, then three test images, on four quarters of ground: 0 1 below, 2 3 above.
LABEL = [0, 1, 2, 3, 0, 1, 2]
ORIGINAL = [0, 0, 2, 3, 0, 1, 3]  # those of 1 and 6 were changed
TRAINED = [[0, 1, 2, 0], [0, 0, 2, 3]]  # what is predicted of the training images in each epoch
LABELED = np.array([[1, 0, 0, 0], [1, 1, 0, 0]], bool)
AWAY = np.nan  # the fourth comes in after the first epoch
PLACE = [
    [[-5, -5], [5, -5], [-5, 5], [AWAY, AWAY], [-5, -5], [5, -5], [-5, 5]],
    [[-5, -5], [-5, -5], [-5, 5], [5, 5], [30, 30], [5, -5], [-5, -5]],  # 1, 4 and 6 go to other quarters
]


def dataset(original: list[int] | None) -> xr.Dataset:
    variables = {
        "image": (("sample", "y", "x", "channel"), np.zeros((7, 2, 2, 1), "u1")),
        "label": ("sample", np.array(LABEL, "i4")),
        "test": ("sample", np.arange(7) >= 4),
    }
    if original is not None:
        variables["original_label"] = ("sample", np.array(original, "i4"))
    return xr.Dataset(variables, attrs={"class_names": list(NAMES), "source": "logged", "checksums": {}})


def made(store: Path, original: list[int] | None = ORIGINAL, labeled: np.ndarray | None = LABELED) -> Run:
    with open_writer(store, "toy-0123abcd", config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset(original))
    seen = [
        Seen(np.array(place, "f4"), np.array(trained), np.eye(4, dtype="f4")[[0, 1, 2]])
        for place, trained in zip(PLACE, TRAINED, strict=True)
    ]
    commit_epochs(store, "toy-0123abcd", seen, np.arange(7), labeled=labeled)
    commit_events(store, "toy-0123abcd", [(2, 1, 0, 0.4)])
    return open_run(store / "toy-0123abcd")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return made(tmp_path)


@pytest.fixture
def travel(run: Run) -> Travel:
    return travels(run)["parametric"]


@pytest.mark.parametrize(
    ("among", "first", "second"),
    [
        ("wrong", [], [1]),  # 3 is wrong in the first epoch, and on no map
        ("noisy", [1], [1]),
        ("labeled", [0], [0, 1]),
        ("newly-labeled", [], [1]),
        ("unlabeled", [1, 2], [2, 3]),
        ("come-in", [], [3]),
    ],
)
def test_c_q3_a_set_is_of_the_training_images_on_the_map_of_an_epoch(
    travel: Travel, among: str, first: list[int], second: list[int]
) -> None:
    for epoch, expected in enumerate((first, second)):
        found = members(travel, epoch, among)
        assert found is not None
        assert np.flatnonzero(found).tolist() == expected


def test_c_q3_a_run_knows_no_set_that_it_was_not_told(tmp_path: Path) -> None:
    bare = travels(made(tmp_path, None, None))["parametric"]
    known = [name for name in MEMBERSHIPS if members(bare, 1, name) is not None]
    assert known == ["wrong", "come-in"]
    assert members(bare, 1, "") is members(bare, 1, "nonsense") is None
    assert told(bare, 1, 1, NAMES)[:2] == ["#1, a training image", "true bee, taken for ant"]
    (menu,) = training_images(Moment(bare, 1), "noisy")
    assert menu["value"] == ""


def test_c_q3_the_menu_has_the_numbers_of_the_epoch(travel: Travel) -> None:
    (menu,) = training_images(Moment(travel, 1), "noisy")
    assert menu["value"] == "noisy"
    assert [text for _, text, _ in menu["options"]] == [
        "all training images",
        "1 misclassified",
        "1 noisy",
        "2 labeled",
        "1 newly labeled",
        "2 unlabeled",
        "1 newly come in",
    ]


def test_a_set_joins_what_is_selected() -> None:
    one, other = np.array([1, 0, 0], bool), np.array([0, 0, 1], bool)
    assert joined(None, None) is None
    assert joined(one, None) is one
    assert joined(None, other) is other
    both = joined(one, other)
    assert both is not None
    assert both.tolist() == [True, False, True]


def test_c_u4_a_noisy_image_is_told_with_both_labels(travel: Travel) -> None:
    assert told(travel, 1, 1, NAMES)[:4] == [
        "#1, a training image",
        "true ant, labeled bee",
        "taken for ant",
        "probability of bee .78",
    ]
    assert told(travel, 1, 0, NAMES)[:2] == ["#0, a training image", "true ant, recognized"]
    assert told(travel, 0, 1, NAMES)[0] == "#1, an unlabeled training image"
    assert told(travel, 0, 4, NAMES)[0] == "#4, a test image"


def test_c_q5_who_crosses_lies_on_another_ground_than_before(travel: Travel) -> None:
    assert travel.ground.tolist() == [[0, 1, 2, -1, 0, 1, 2], [0, 0, 2, 3, 3, 1, 0]]
    assert not travel.crossings[0].any()
    assert np.flatnonzero(travel.crossings[1]).tolist() == [1, 4, 6]  # 3 had no place before


def test_ground_is_that_of_the_nearest_cell_also_outside_the_box() -> None:
    """Centers of 3 cells a side at -1, 0, 1: nearest to .4 is the middle one, to .6 the last."""
    decided, box = np.arange(9).reshape(3, 3), np.array([[-1, -1], [1, 1]])
    position = np.array([[-1, -1], [0.4, -1], [0.6, -1], [0, 0.6], [9, 9], [-9, 0], [np.nan, np.nan]])
    assert ground(position, decided, box).tolist() == [0, 1, 2, 7, 8, 3, -1]
    assert border_crossings(np.array([[0, 1, -1], [1, 1, 1], [1, -1, 0]])).tolist() == [
        [False, False, False],
        [True, False, False],
        [False, False, True],
    ]


def test_c_q5_a_story_has_the_epochs_of_both(run: Run, travel: Travel) -> None:
    table = population(run)
    assert table is not None
    told_of = {point: history(travel, table, point) for point in (4, 5, 6)}
    assert [(each.what, each.epochs) for each in told_of[4].moments] == [("border crossed", [2])]
    assert told_of[5].moments == []
    assert told_of[6].title == "#6 true dog, labeled cat"
    assert told_of[4].title == "#4 true ant"


def test_c_q5_crossings_are_events_beside_those_stored(travel: Travel) -> None:
    every = listed(travel, None, "", None, NAMES)
    assert every.counts == {"flip": 1, "probability": 0, "distance": 0, "border": 3}
    assert every.total == 3  # what happened to 1 is one moment
    found = listed(travel, 1, "border", None, NAMES)
    # 4 goes 35 √2 = 49, 1 and 6 go 10
    assert [(row.sample, row.text) for row in found.rows] == [
        (4, "crosses to dog"),
        (1, "crosses to ant"),
        (6, "crosses to ant"),
    ]
    assert [row.training for row in found.rows] == [False, True, False]
    assert listed(travel, 0, "border", None, NAMES).total == 0
    only = np.array([0, 0, 0, 0, 0, 1, 1], bool)
    assert [row.sample for row in listed(travel, None, "border", only, NAMES).rows] == [6]


def test_c_q5_images_are_asked_for_by_how_often_they_crossed(run: Run) -> None:
    table = population(run)
    assert table is not None
    assert table.samples[evaluated("crossed == 1", table)].tolist() == [4, 6]
    assert table.samples[evaluated("crossed == 0", table)].tolist() == [5]


def test_one_map_crosses_nothing(tmp_path: Path) -> None:
    with open_writer(tmp_path, "toy-0123abcd", config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset(None))
    seen = [Seen(np.array(PLACE[0], "f4"), np.array(TRAINED[0]), np.eye(4, dtype="f4")[[0, 1, 2]])]
    commit_epochs(tmp_path, "toy-0123abcd", seen, np.arange(7))
    table: Population | None = population(open_run(tmp_path / "toy-0123abcd"))
    assert table is not None
    assert "crossed" not in [word for word, _ in words(table)]
    with pytest.raises(QueryError, match="crossed, which this run does not know yet"):
        evaluated("crossed > 0", table)


def test_c_q3_where_only_some_were_drawn_each_has_its_own_label(tmp_path: Path) -> None:
    drawn = np.array([1, 3, 4, 5, 6])  # so that the number of a sample is not its point's
    with open_writer(tmp_path, "toy-0123abcd", config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset(ORIGINAL))
    labeled = np.array([[1, 0, 0, 0], [1, 1, 1, 0]], bool)  # of all training images
    seen = [Seen(np.ones((5, 2), "f4"), np.array([1, 3]), np.eye(4, dtype="f4")[[0, 1, 2]]) for _ in range(2)]
    commit_epochs(tmp_path, "toy-0123abcd", seen, drawn, labeled=labeled)
    travel = travels(open_run(tmp_path / "toy-0123abcd"))["parametric"]
    found = {name: members(travel, 1, name) for name in ("labeled", "unlabeled", "noisy")}
    samples = {name: drawn[mask].tolist() for name, mask in found.items() if mask is not None}
    assert samples == {"labeled": [1], "unlabeled": [3], "noisy": [1]}
