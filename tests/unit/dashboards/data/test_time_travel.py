"""A run as the Time travel page reads it, and the images that its gestures mean."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from travels import Seen, commit_epochs, commit_events

from dashboards.data.population import population
from dashboards.data.time_travel import FORMS, Travel, begun, travels
from dashboards.kit.elements import Button, walk, words
from dashboards.kit.moving import NOWHERE
from dashboards.session.gestures import EpochCells, EpochPolygon, Flips
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.views.time_travel.confusion import epoch_change, epoch_matrix
from dashboards.views.time_travel.confusion import sentence as confusion_sentence
from dashboards.views.time_travel.epoch.table import curves, history
from dashboards.views.time_travel.events import elements, listed
from dashboards.views.time_travel.landscape.table import MARKED, flips, packed, told
from dashboards.views.time_travel.measures import measures_table, notes, rows, score
from dashboards.views.time_travel.state import LANDSCAPE
from deepvid.config.names import TimeTravelForm
from deepvid.errors import DataError
from deepvid.store import Run, open_run, open_writer, write_archive

# Two training images, then four test images: 2 and 3 are of class 0, 4 and 5 of class 1.
LABEL = [0, 1, 0, 0, 1, 1]
# What is said of the test images in each of three epochs: 2 settles, 3 comes back, 4 and 5 never change.
SAID = [[1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 1, 0]]
X = [[0, 0, 1, 2, 3, 4], [0, 0, 2, 2, 6, 8], [0, 0, 4, 2, 9, 9]]


def logits(said: list[int]) -> np.ndarray:
    """f32 (sample, class): 1 for the class, else 0; its probability is e / (1 + e) = .73."""
    return np.eye(2, dtype="f4")[said]


def dataset() -> xr.Dataset:
    return xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), np.zeros((6, 2, 2, 1), "u1")),
            "label": ("sample", np.array(LABEL, "i4")),
            "test": ("sample", np.arange(6) >= 2),
        },
        attrs={"class_names": ["cat", "dog"], "source": "drawn", "checksums": {}},
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    with open_writer(tmp_path, "toy-0123abcd", config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset())
    seen = [
        Seen(np.stack([np.array(x, "f4"), np.zeros(6, "f4")], axis=1), np.array([0, 1]), logits(said))
        for x, said in zip(X, SAID, strict=True)
    ]
    commit_epochs(tmp_path, "toy-0123abcd", seen, np.arange(6))
    commit_events(
        tmp_path, "toy-0123abcd", [(2, 2, 0, 0.46), (2, 3, 0, -0.46), (3, 3, 0, 0.46), (3, 1, 2, 4.0)]
    )
    return open_run(tmp_path / "toy-0123abcd")


@pytest.fixture
def travel(run: Run) -> Travel:
    return travels(run)["parametric"]


def test_every_form_has_a_name() -> None:
    assert set(FORMS) == set(TimeTravelForm.__args__)


def test_an_epoch_says_where_images_are_and_what_is_said_of_them(travel: Travel) -> None:
    assert travel.epochs == travel.planned == 3
    assert travel.predicted[:, 2:].tolist() == SAID
    assert travel.accuracy["test"].tolist() == [0.5, 0.5, 0.75]
    assert travel.flips[:, 2:].tolist() == [
        [False] * 4,
        [True, True, False, False],
        [False, True, False, False],
    ]
    assert travel.probability[2, 2] == round(255 * np.e / (1 + np.e))


def test_a_run_without_the_teacher_s_answers_has_nothing_to_show(tmp_path: Path) -> None:
    with open_writer(tmp_path, "bare-0123abcd", config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset())
        assert not travels(writer.run)
        assert not begun(writer.run)


def test_a_growing_run_shows_the_epochs_that_are_there(tmp_path: Path) -> None:
    with open_writer(tmp_path, "live-0123abcd", config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset())
    seen = [Seen(np.zeros((6, 2), "f4"), np.array([0, 1]), logits(said)) for said in SAID]
    commit_epochs(tmp_path, "live-0123abcd", seen[:1], np.arange(6), planned=3)
    found = travels(open_run(tmp_path / "live-0123abcd"))["parametric"]
    assert (found.epochs, found.planned, found.finished, found.events) == (1, 3, False, None)


def test_an_archive_plays_what_the_run_did(run: Run, tmp_path: Path) -> None:
    archive = write_archive(run, tmp_path / "toy.zip")
    found = travels(open_run(archive))["parametric"]
    assert found.predicted[:, 2:].tolist() == SAID
    assert found.landscapes[0].doubtful[0].all()


def test_a_lasso_means_the_images_inside_it_in_its_epoch(run: Run) -> None:
    table = population(run)
    assert table is not None

    def inside(epoch: int) -> list[int]:
        lasso = EpochPolygon.drawn("parametric", epoch, (1.5, 5, 5, 1.5), (-1, -1, 1, 1))
        return sorted(table.samples[lasso.mask(table)].tolist())

    assert inside(1) == [3, 4, 5]  # at 2, 3 and 4
    assert inside(3) == [2, 3]  # at 4 and 2
    with pytest.raises(DataError, match="epoch 4 of 3"):
        inside(4)
    with pytest.raises(DataError, match="no time travel 'layout'"):
        EpochPolygon.drawn("layout", 1, (0, 1, 1), (0, 0, 1)).mask(table)


def test_flips_and_cells_of_an_epoch_mean_test_images(run: Run) -> None:
    table = population(run)
    assert table is not None
    assert sorted(table.samples[Flips("parametric", 2).mask(table)]) == [2, 3]
    assert sorted(table.samples[EpochCells("parametric", 2, ((0, 1),)).mask(table)]) == [3]
    assert sorted(table.samples[EpochCells("parametric", 1, ((0, 1), (1, 1))).mask(table)]) == [2, 4]


def test_positions_are_packed_to_a_share_of_their_span(travel: Travel) -> None:
    sent = packed(travel, ("cat", "dog"))
    steps = np.frombuffer(sent.position, "<u2").reshape(3, 6 + 8, 2)
    left, _, right, _ = sent.span
    assert np.allclose(left + steps[:, :6, 0] / (NOWHERE - 1) * (right - left), X, atol=1e-3)
    answer = np.frombuffer(sent.answer, np.uint8).reshape(3, 6)
    assert answer[0, 2:].tolist() == [1 + MARKED, 0, 1, 0 + MARKED]  # the first and the last are wrong
    assert flips(travel, None) == [0, 2, 1]
    assert flips(travel, np.array([0, 0, 1, 0, 0, 0], bool)) == [0, 1, 0]


def test_an_image_is_told_with_its_answer(travel: Travel) -> None:
    assert told(travel, 0, 2, ("cat", "dog"))[:3] == [
        "#2, a test image",
        "true cat, taken for dog",
        "probability of cat .27",
    ]
    assert told(travel, 0, 0, ("cat", "dog"))[:2] == ["#0, a training image", "true cat, recognized"]


@pytest.mark.parametrize(
    ("point", "story"),
    [
        (2, "changed class 1 time, right since epoch 2"),
        (3, "changed class 2 times, right since epoch 3"),
        (4, "never changed class, right in every epoch"),
        (5, "never changed class, right in no epoch"),
    ],
)
def test_c_q5_an_image_has_a_story(run: Run, travel: Travel, point: int, story: str) -> None:
    table = population(run)
    assert table is not None
    assert history(travel, table, point).story == story


def test_accuracy_comes_with_its_change(travel: Travel) -> None:
    test, train = curves(travel, 2)
    assert (test.interval.value, test.change, test.images) == (0.75, 0.25, 4)
    assert test.interval.low < 0.75 < test.interval.high
    assert curves(travel, 0)[0].change is None
    assert train.images == 2


def test_a_confusion_says_its_largest_change(travel: Travel) -> None:
    found = epoch_change(travel, 2, 2)
    assert found.counted.total.tolist() == [[2, 0], [1, 1]]
    assert found.changes is not None
    assert found.changes.tolist() == [[1, -1], [0, 0]]
    assert confusion_sentence(found, ("cat", "dog")) == "1 wrong; 1 fewer cat taken for dog"


def test_a_confusion_of_an_epoch_counts_the_selection_beside_all(travel: Travel) -> None:
    wrong = travel.wrong[2]
    found = epoch_change(travel, 2, 2, wrong)
    names = ("cat", "dog")
    assert epoch_matrix(found, names, "counts", {}).texts == ("2", "", "1 / 1", "1")
    shown = epoch_matrix(found, names, "change", {})
    assert shown.texts == ("", "", "", "")
    assert shown.hints[2] == "1 dog taken for cat (100 % of 1 selected dog), as in the epoch before"
    assert confusion_sentence(found, names) == "1 of the selection wrong, as in the epoch before"


def test_c_r4_events_are_listed_by_epoch_kind_and_selection(travel: Travel) -> None:
    names = ("cat", "dog")
    every = listed(travel, None, "", None, names)
    assert (every.total, every.counts) == (4, {"flip": 3, "probability": 0, "distance": 1, "border": 0})
    second = listed(travel, 1, "", None, names)
    assert [(row.sample, row.text) for row in second.rows] == [(2, "dog → cat"), (3, "cat → dog")]
    assert [row.sample for row in listed(travel, None, "distance", None, names).rows] == [1]
    chips, shown = elements(every, "flip", 3, every=True)
    assert words(chips) == "class 3probability 0place 1border 0"
    assert [each.value for each in walk(chips) if isinstance(each, Button)][:2] == [None, "probability"]
    third = [each for each in walk(shown) if isinstance(each, Button) and each.pressed]
    assert {each.value["sample"] for each in third} == {3}
    assert words(third[0]).startswith("epoch 2#3catcat → dog")
    assert third[0].hint.startswith(
        "Epoch 2, #3, a test image of cat: cat → dog, probability of cat .73 → .27."
    )
    selected = np.array([0, 0, 0, 1, 0, 0], bool)
    assert [row.epoch for row in listed(travel, None, "", selected, names).rows] == [2, 3]


def test_c_u5_a_measure_comes_with_its_chance(travel: Travel) -> None:
    nearest = rows(travel, 2)[0]
    assert nearest.test is not None
    assert (nearest.test.value, nearest.test.chance, nearest.test.published) == (2.2, 0.02, 2.5)
    assert nearest.values == (2.0, 2.1, 2.2)
    assert "border kept, new" not in [row.measure.words for row in rows(travel, 2)]  # it has no value
    assert score({"test_nn": float("nan")}, "test_nn") is None
    told = words(measures_table(rows(travel, 2), ("A note.",), 2))
    assert told.startswith("measuretrainingtestchanceepochsnearest kept")
    assert "2.202.18–2.220.02" in told
    assert "A note.As the published code computes them" in told
    assert notes(travel, 2)[1] == "Movement where neighbors change, over all epochs: −0.4 [−0.5 to −0.3]."


def test_a_run_that_is_to_have_time_travel_says_so_while_it_runs(tmp_path: Path) -> None:
    name, settings = "toy-0123abcd", {"name": "toy", "time_travel": [{"form": "parametric"}]}
    with open_writer(tmp_path, name, config=settings, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, dataset())
        running = open_run(tmp_path / name)
        said = missing(LANDSCAPE, Scene(run=running, table=population(running)))
        assert said is not None
        assert (said.title, said.command.text) == ("Time travel comes with the run", "")
    left = open_run(tmp_path / name)
    said = missing(LANDSCAPE, Scene(run=left, table=population(left)))
    assert said is not None
    assert said.command.text.startswith("deepvid time-travel toy-0123abcd")
