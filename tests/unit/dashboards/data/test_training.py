"""A training as the page reads it: curves with intervals, and when each class was learned and forgotten."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from courses import commit_record, commit_training, numbers
from trainings import IMAGES, LABELS, NAMES, given
from trainings import TEST as HELD_OUT

from dashboards.data.population import population
from dashboards.data.training import (
    EPOCH,
    SECOND,
    STEP,
    ClassCourses,
    TrainingCourse,
    accuracy_among,
    class_courses,
    course,
)
from dashboards.data.training_steps import step_course, training_steps
from dashboards.kit.charts import Chart
from dashboards.kit.elements import Button, Element, walk, words
from dashboards.session.gestures import ClassChanges
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.selection import Mode, Step
from dashboards.views.training.classes import MOST_CLASSES, MOST_EPOCHS, classes, columns
from dashboards.views.training.classes import sentence as class_sentence
from dashboards.views.training.curves import band_of
from dashboards.views.training.numbers import matches
from dashboards.views.training.state import EPOCHS, TRAINED
from dashboards.views.training.table import Lines, Other, curves, epoch_sentence, sentence
from deepvid import log_run
from deepvid.alarms import stored_record
from deepvid.errors import DataError
from deepvid.statistics import wilson
from deepvid.store import Run, open_run, open_writer, write_archive
from deepvid.stored_training import judged_samples, trained_series, training_alarms

PER_CLASS, CLASSES = 30, 3
TEST = PER_CLASS * CLASSES
LABEL = np.repeat(np.arange(CLASSES), PER_CLASS)
SAMPLES = np.arange(2, 2 + TEST)


def said() -> list[np.ndarray]:
    """Four epochs: class 0 is right in all; class 1 in all but the second; of class 2 half the images."""
    epochs = np.repeat(LABEL[None], 4, axis=0)
    epochs[1, LABEL == 1] = 0
    epochs[:, PER_CLASS * 2 + PER_CLASS // 2 :] = 1
    return list(epochs)


def a_run(store: Path, *, epochs: int = 4, planned: int = 4, labeled: bool = True) -> Run:
    images = np.zeros((TEST + 2, 2, 2, 1), "u1")
    label = {"label": ("sample", np.append([0, 1], LABEL).astype("i4"))} if labeled else {}
    group = xr.Dataset(
        {"image": (("sample", "y", "x", "channel"), images), "test": ("sample", np.arange(TEST + 2) >= 2)}
        | label,
        attrs={"class_names": ["cat", "dog", "eel"], "source": "drawn", "checksums": {}},
    )
    with open_writer(store, "toy-0123abcd", config={"name": "toy"}, provenance={}) as writer:
        writer.commit_stage("dataset", "a" * 12, group)
        if epochs:
            commit_training(writer, said()[:epochs], LABEL, SAMPLES, planned=planned)
    return open_run(store / "toy-0123abcd")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return a_run(tmp_path)


def test_curves_are_the_numbers_of_the_journal_with_intervals(run: Run) -> None:
    found = course(run)
    assert (found.epochs, found.planned) == (4, 4)
    accuracy = [75 / 90, 45 / 90, 75 / 90, 75 / 90]
    assert found.numbers["test_accuracy"] == pytest.approx(accuracy)
    _, low, high = wilson(45, 90)
    assert (found.low["test_accuracy"][1], found.high["test_accuracy"][1]) == pytest.approx((low, high))
    # Half of the losses are log(e^3 + 2) - 3 = .0949, the others 3 more: their standard deviation is 1.5.
    loss = numbers(said()[1], LABEL, 1)["test_loss"]
    half = 1.959964 * 1.5 / np.sqrt(90)
    assert found.low["test_loss"][1] == pytest.approx(loss - half, abs=1e-3)
    assert found.high["test_loss"][1] == pytest.approx(loss + half, abs=1e-3)
    assert found.ends == {EPOCH: (1, 2, 3, 4), SECOND: (10, 21, 33, 46)}
    assert STEP not in found.ends


def test_a_class_is_forgotten_where_more_are_lost_than_chance_would_lose(run: Run) -> None:
    found = class_courses(run, CLASSES)
    assert found is not None
    assert found.recall.tolist() == [[1, 1, 0.5], [1, 0, 0.5], [1, 1, 0.5], [1, 1, 0.5]]
    assert found.lost.tolist() == [[0, 0, 0], [0, 30, 0], [0, 0, 0], [0, 0, 0]]
    assert found.won.tolist() == [[0, 0, 0], [0, 0, 0], [0, 30, 0], [0, 0, 0]]
    assert np.argwhere(found.forgotten).tolist() == [[1, 1]]  # what is won again is not forgotten
    assert found.p[1, 1] == pytest.approx(9 * 2 * 0.5**30)  # Holm: of nine tests the smallest
    assert found.learned.tolist() == [0, 2, 0]
    assert class_sentence(found, ("cat", "dog", "eel")) == "dog is forgotten in epoch 2: 100 → 0 %"


def test_a_brush_of_epochs_means_the_images_that_changed_class_in_them(run: Run) -> None:
    table = population(run)
    assert table is not None
    dogs = (SAMPLES[LABEL == 1]).tolist()
    for first, last, expected in ((1, 1, []), (2, 2, dogs), (1, 2, dogs), (3, 4, dogs), (4, 4, [])):
        assert sorted(table.samples[ClassChanges(first, last).mask(table)]) == expected
    assert not ClassChanges(2, 2, 0).mask(table).any()
    assert ClassChanges(2, 2, 1).mask(table).sum() == PER_CLASS
    assert ClassChanges(2, 3).sentence(table, 30) == "30 images whose class changed in epochs 2 to 3"
    assert ClassChanges(2, 2, 1).sentence(table, 1) == "1 image of dog whose class changed in epoch 2"
    for beyond in (ClassChanges(0, 2), ClassChanges(2, 5)):
        with pytest.raises(DataError, match="epochs"):
            beyond.mask(table)


@pytest.mark.parametrize("value", [[2, 1], [1], [1, 2, 3, 4], [1, "2"], [True, 2], [-1, 2], None])
def test_a_link_that_says_no_epochs_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        ClassChanges.parse(value)


def test_a_selection_has_an_accuracy_of_its_own(run: Run) -> None:
    series = trained_series(run)
    assert series is not None
    assert accuracy_among(run, series, LABEL == 1) == (1, 0, 1, 1)
    assert accuracy_among(run, series, np.zeros(TEST, bool)) == (None,) * 4
    table = population(run)
    assert table is not None
    assert table.epochs is not None
    chosen = np.isin(table.samples, SAMPLES[LABEL == 2])
    assert table.epochs.answered_by(chosen).tolist() == (LABEL == 2).tolist()


def charts_of(tree: Element) -> list[Chart]:
    return [each for each in walk(tree) if isinstance(each, Chart)]


def test_a_training_under_way_is_told_as_unfinished(tmp_path: Path) -> None:
    found = course(a_run(tmp_path, epochs=2))
    low, high = (100 * end for end in wilson(45, 90)[1:])
    assert sentence(found, running=True) == (
        f"50.0 % right [{low:.1f}, {high:.1f}] after epoch 2 of 4, under way"
    )
    assert sentence(found, running=False).endswith("after epoch 2 of 4")
    lines = Lines(found)
    assert epoch_sentence(lines, 3) == "Epoch 4 is still to come"
    charts = charts_of(curves(lines, EPOCH, None, ratios=False))
    assert [chart.data["of"] for chart in charts] == ["loss", "accuracy", "rate"]
    assert {chart.places for chart in charts} == {4}
    assert charts[0].positions == pytest.approx((0.25, 0.5, 0.75, 1))
    assert all(len(line.values) == 2 for chart in charts for line in chart.lines)
    assert charts[-1].marks == ((0, "1"), (1, "2"), (2, "3"), (3, "4"))


def test_a_chart_by_seconds_ends_where_the_rest_would(tmp_path: Path) -> None:
    found = course(a_run(tmp_path, epochs=2))  # 10 and 11 seconds, and as long again
    charts = charts_of(curves(Lines(found), SECOND, (0, 1), ratios=True))
    assert charts[0].positions == pytest.approx((10 / 42, 21 / 42, 31.5 / 42, 1))
    assert charts[0].ratios
    assert not charts[1].ratios  # only losses have a scale of ratios
    assert charts[0].band == (0, 1)


def test_two_runs_share_their_axes(run: Run, tmp_path: Path) -> None:
    longer = a_run(tmp_path / "longer", epochs=4, planned=8)
    tree = curves(
        Lines(course(run), (1.0, 0.0, 1.0, 1.0), Other(longer, course(longer))), EPOCH, None, ratios=False
    )
    charts = charts_of(tree)
    assert charts[0].positions == pytest.approx((1 / 8, 2 / 8, 3 / 8, 4 / 8))
    beside = [line for line in charts[1].lines if "beside" in line.look]
    assert {line.positions for line in beside} == {charts[0].positions}
    assert [line.look for line in charts[1].lines if line.look == "selected"] == ["selected"]
    assert longer.id in words(tree)


def test_the_selected_epochs_are_marked(run: Run) -> None:
    steps = Step(Mode.REPLACE, ClassChanges(2, 3)), Step(Mode.ADD, ClassChanges(1, 1, 2))
    assert band_of(steps, 4) == (1, 2)
    assert band_of(steps, 2) is None


def test_what_a_run_lacks_is_said(tmp_path: Path, run: Run) -> None:
    began = a_run(tmp_path / "began", epochs=0)
    found = missing((TRAINED, EPOCHS), Scene(run=began))
    assert found is not None
    assert found.title == "The training begins"
    assert missing((TRAINED, EPOCHS), Scene(run=run)) is None
    bare = a_run(tmp_path / "bare", labeled=False)
    assert class_courses(bare, CLASSES) is None
    assert "test_loss" not in course(bare).low


def test_an_archive_tells_of_the_training(run: Run, tmp_path: Path) -> None:
    again = open_run(write_archive(run, tmp_path / "toy.zip"))
    assert course(again) == course(run)
    found = class_courses(again, CLASSES)
    assert found is not None
    assert found.learned.tolist() == [0, 2, 0]


def test_cells_say_what_they_select_and_many_epochs_share_columns(run: Run) -> None:
    found = class_courses(run, CLASSES)
    assert found is not None
    tree = classes(found, ("cat", "dog", "eel"), (Step(Mode.REPLACE, ClassChanges(2, 2, 1)),))
    cells = [each for each in walk(tree) if isinstance(each, Button)]
    assert len(cells) == 12
    assert words(cells[5]) == "0▼"
    assert cells[5].pressed
    assert cells[5].value == {"first": 2, "last": 2, "label": 1}
    assert "30 were lost, 0 won, and 30 changed class" in cells[5].hint
    many = columns(200)
    assert len(many) == MOST_EPOCHS
    assert [each.first for each in many] == [0, *(each.last + 1 for each in many[:-1])]
    assert many[-1].last == 199


def test_of_many_classes_those_that_forgot_most_are_listed() -> None:
    count, images = 345, np.full(345, 10)
    right = np.full((2, count), 10)
    lost = np.zeros((2, count), int)
    lost[1, 7] = 9
    zeros = np.zeros((2, count), int)
    found = ClassCourses(images, right, lost, zeros, lost, np.ones((2, count)), np.zeros(count, int))
    tree = classes(found, tuple(f"c{number}" for number in range(count)), ())
    assert "c7" in words(tree)
    assert f"and {345 - MOST_CLASSES} other classes" in words(tree)


def test_recorded_steps_are_an_axis_and_lines(run: Run) -> None:
    with open_writer(run.path.parent, run.id, config=run.config, provenance={}) as writer:
        commit_record(writer, 4, steps=1000)
    again = open_run(run.path)
    found, steps = course(again), training_steps(again)
    assert found.ends[STEP] == (1000, 2000, 3000, 4000)
    assert steps is not None
    few = step_course(steps, 100)
    assert len(few.ends) == 100
    assert few.ends[[0, 24, -1]].tolist() == [0.04, 1, 4]
    assert few.loss[0] == pytest.approx(np.mean(2 / (1 + np.arange(1, 41) / 1000)), abs=1e-4)
    lines = Lines(found, steps=few)
    loss = charts_of(curves(lines, STEP, None, ratios=False))[0].lines[0]
    assert (loss.look, len(loss.values), loss.positions[-1]) == ("faint", 100, 1)


def test_alarms_read_the_record(run: Run) -> None:
    with open_writer(run.path.parent, run.id, config=run.config, provenance={}) as writer:
        commit_record(writer, 4, still=True)
    again = open_run(run.path)
    found = training_alarms(again)
    assert found is not None
    # The median of two layers is half-way in powers of ten: 1.7 above the still one, which rings above 2.
    assert [alarm.rule for alarm in found] == ["small_steps", "fast_layer"]
    record = stored_record(again.series("training").open(), 4)  # type: ignore[union-attr]
    assert record is not None
    assert record.ratio[0] == pytest.approx(np.log10([1e-6, 3e-3]))
    assert record.silent.tolist() == [[0, 0]] * 4
    assert stored_record(again.series("training").open(), 5) is None  # type: ignore[union-attr]


def test_a_scale_of_ratios_ends_above_zero() -> None:
    losses = {"test_loss": (0.5, 0.0, 0.02)}
    low, high = {"test_loss": (0.4, -0.1, -0.01)}, {"test_loss": (0.6, 0.1, 0.05)}
    found = TrainingCourse(3, losses, low, high, {EPOCH: (1.0, 2.0, 3.0)})
    chart = charts_of(curves(Lines(found), EPOCH, None, ratios=True))[0]
    (line,) = chart.lines
    assert chart.span[0] == pytest.approx(0.02 / 1.04)
    assert line.values == pytest.approx((0.5, chart.span[0], 0.02))
    assert [pair and pair[0] for pair in line.intervals] == pytest.approx([0.4, *[chart.span[0]] * 2])


def test_a_training_that_another_program_logged_has_curves_and_classes(tmp_path: Path) -> None:
    with log_run("own", IMAGES, LABELS, test=HELD_OUT, epochs=3, class_names=NAMES, store=tmp_path) as own:
        for epoch in range(3):
            own.epoch(**given(epoch), metrics={"temper": 1.5 + epoch})
    run = open_run(own.path)
    assert missing((TRAINED, EPOCHS), Scene(run=run)) is None
    found = course(run)
    assert found.numbers["temper"] == (1.5, 2.5, 3.5)
    assert None not in found.low["test_accuracy"]
    learned = class_courses(run, len(NAMES))
    assert learned is not None
    assert learned.images.sum() == HELD_OUT.sum()
    assert training_alarms(run) == []
    series = trained_series(run)
    assert series is not None
    judged = judged_samples(run, series.key)
    assert judged is not None
    assert len(judged.samples) == (~HELD_OUT).sum()
    assert training_steps(run) is None


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("", ["train_loss", "test_loss", "rate [0]"]),
        ("LOSS", ["train_loss", "test_loss"]),
        ("te*s rate", ["test_loss", "rate [0]"]),
        ("t?st_", ["test_loss"]),
        ("[0]", ["rate [0]"]),
        ("a(b", []),
    ],
)
def test_names_of_numbers_are_found_by_a_pattern(pattern: str, names: list[str]) -> None:
    assert [name for name in ("train_loss", "test_loss", "rate [0]") if matches(name, pattern)] == names
