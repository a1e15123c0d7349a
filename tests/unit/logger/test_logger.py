"""A training of another program as a run: what is stored, in what order, and that the dashboard reads it."""

from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from trainings import CLASSES, IMAGES, LABELS, NAMES, TEST, answers, given

import deepvid
from dashboards.data.commands import NONE, continuation, first_map
from dashboards.data.population import population
from dashboards.session.needs import MAP, MODEL, PICTURES, missing
from dashboards.session.scene import Scene
from deepvid.compare import compare_runs
from deepvid.config import Projection, Students
from deepvid.errors import DataError, StoreError
from deepvid.logger import LoggedRun
from deepvid.metrics import classification_metrics
from deepvid.pipeline.projection import projection_stage
from deepvid.pipeline.runner import RunOptions, extend_run
from deepvid.pipeline.stage import key_in
from deepvid.pipeline.students import students_stage
from deepvid.pipeline.trained import TrainedRun
from deepvid.store import Run, open_run, verify, write_archive

ORDER = np.argsort(TEST, kind="stable")
TRAINING = int((~TEST).sum())


def begin(store: Path, **changed: Any) -> LoggedRun:
    wanted = {"test": TEST, "epochs": 4, "class_names": NAMES, "store": store} | changed
    return deepvid.log_run("toy", IMAGES, LABELS, **wanted)


def logged(store: Path, epochs: int = 3, **changed: Any) -> Run:
    with begin(store, **changed) as run:
        for epoch in range(epochs):
            run.epoch(**given(epoch))
    return open_run(run.path)


def test_images_labels_and_classes_are_stored_with_training_images_first(tmp_path: Path) -> None:
    dataset = logged(tmp_path).stages["dataset"].open()
    np.testing.assert_array_equal(dataset["image"], IMAGES[ORDER])
    np.testing.assert_array_equal(dataset["label"], LABELS[ORDER])
    np.testing.assert_array_equal(dataset["test"], np.arange(60) >= TRAINING)
    assert dataset.attrs["class_names"] == NAMES


def test_every_epoch_is_what_was_given_and_its_head_gives_the_logits(tmp_path: Path) -> None:
    run = logged(tmp_path)
    series = run.series("teacher")
    assert series is not None
    assert (series.epochs, series.planned) == (3, 4)
    stored = series.open()
    np.testing.assert_array_equal(stored["sample"], np.arange(TRAINING, 60))
    for number in range(3):
        epoch, expected = stored.isel(epoch=number), answers(number)
        for part, rows in (("training", ORDER[:TRAINING]), ("test", ORDER[TRAINING:])):
            np.testing.assert_allclose(epoch[f"{part}_logits"], expected.logits[rows], rtol=1e-5)
            np.testing.assert_allclose(epoch[f"{part}_features"], expected.features[rows], rtol=1e-5)
        again = (
            epoch["test_features"].to_numpy() @ epoch["head_weight"].to_numpy()
            + epoch["head_bias"].to_numpy()
        )
        np.testing.assert_allclose(again, epoch["test_logits"], atol=1e-4)
        metrics = classification_metrics(expected.logits[TEST], LABELS[TEST])
        assert series.metrics[number]["test_accuracy"] == pytest.approx(metrics["accuracy"])
        assert series.metrics[number]["test_loss"] == pytest.approx(metrics["loss"], rel=1e-5)


def test_the_last_epoch_is_the_teacher_and_the_run_is_finished_and_whole(tmp_path: Path) -> None:
    run = logged(tmp_path)
    teacher = run.stages["teacher"].open()
    np.testing.assert_allclose(teacher["logits"], answers(2).logits[ORDER], rtol=1e-5)
    np.testing.assert_allclose(teacher["features"], answers(2).features[ORDER], rtol=1e-5)
    assert (teacher.attrs["tier"], teacher.attrs["image_shape"]) == ("predictions", [9, 8, 3])
    assert run.status().state == "finished"
    assert run.summary["metrics"]["test_images"] == TEST.sum()
    assert run.summary["metrics"]["test_accuracy"] == run.stages["teacher"].metrics["test_accuracy"]
    assert verify(tmp_path).ok
    assert verify(write_archive(run, tmp_path / "toy.zip")).ok


def test_the_dashboard_reads_predictions_while_it_trains_and_after(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        assert open_run(run.path).status().state == "running"
        for epoch in range(2):
            run.epoch(**given(epoch))
            table = population(open_run(run.path))
            assert table is not None
            assert table.partial == f"teacher after epoch {epoch + 1} of 4"
            assert table.confusion().sum() == TEST.sum()
            np.testing.assert_array_equal(table.predicted, answers(epoch).logits[TEST].argmax(axis=1))
            assert open_run(run.path).status().message.endswith(" of 4 epochs")
    table = population(open_run(run.path))
    assert table is not None
    assert table.partial is None
    np.testing.assert_array_equal(table.images(range(3)), IMAGES[TEST][:3])


def test_test_images_may_be_given_by_their_rows_and_labels_by_names(tmp_path: Path) -> None:
    first = logged(tmp_path)
    named = deepvid.log_run(
        "toy", IMAGES, np.array(NAMES)[LABELS], test=np.flatnonzero(TEST), epochs=4, store=tmp_path
    )
    with named as run:
        run.epoch(**given(0))
    assert open_run(run.path).stages["dataset"].key == first.stages["dataset"].key


def test_a_head_is_taken_in_either_orientation_and_without_a_bias(tmp_path: Path) -> None:
    weight, bias = answers(0).head
    with begin(tmp_path) as run:
        run.epoch(**given(0) | {"head": (weight.T, bias)})
        run.epoch(logits=answers(0).features @ weight, features=answers(0).features, head=[weight])
    heads = open_run(run.path).open("series/teacher")
    for epoch in range(2):
        np.testing.assert_allclose(heads["head_weight"].isel(epoch=epoch), weight, rtol=1e-6)
    np.testing.assert_allclose(heads["head_bias"], [bias, np.zeros(CLASSES)], rtol=1e-6)


def test_a_square_head_is_turned_as_the_logits_say(tmp_path: Path) -> None:
    features = np.random.default_rng(1).normal(size=(60, CLASSES))
    weight, bias = np.random.default_rng(2).normal(size=(CLASSES, CLASSES)), np.zeros(CLASSES)
    with begin(tmp_path) as run:
        run.epoch(logits=features @ weight.T, features=features, head=(weight, bias))
    stored = open_run(run.path).open("series/teacher")["head_weight"][0]
    np.testing.assert_allclose(stored, weight.T, rtol=1e-6)


def test_without_a_head_there_is_all_but_it(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        for epoch in range(2):
            run.epoch(logits=answers(epoch).logits, features=answers(epoch).features)
    stored = open_run(run.path).open("series/teacher")
    assert "head_weight" not in stored
    assert stored.sizes["training"] == TRAINING


def test_training_images_that_are_not_in_use_are_rows_of_nan_that_nothing_counts(tmp_path: Path) -> None:
    logits, features, head = (np.copy(part) if isinstance(part, np.ndarray) else part for part in answers(1))
    unused = ~TEST & (np.arange(60) < 20)
    logits[unused], features[unused] = np.nan, np.nan
    with begin(tmp_path) as run:
        run.epoch(logits=logits, features=features, head=head)
    stored = open_run(run.path)
    epoch = stored.open("series/teacher").isel(epoch=0)
    np.testing.assert_array_equal(np.isnan(epoch["training_logits"]).all(axis=1), unused[ORDER][:TRAINING])
    used = ~TEST & ~unused
    series = stored.series("teacher")
    assert series is not None
    expected = classification_metrics(answers(1).logits[used], LABELS[used])["accuracy"]
    assert series.metrics[0]["train_accuracy"] == pytest.approx(expected)


def test_a_run_may_have_no_pictures(tmp_path: Path) -> None:
    with deepvid.log_run("toy", None, LABELS, test=TEST, epochs=1, class_names=NAMES, store=tmp_path) as run:
        run.epoch(**given(0))
    stored = open_run(run.path)
    assert verify(stored.path).ok
    table = population(stored)
    assert table is not None
    assert not table.pictured
    assert table.images([0]).dtype == np.uint8  # a crossed-out frame


def test_pictures_are_brought_within_bounds_and_the_run_says_so(tmp_path: Path) -> None:
    large = np.zeros((60, 3, 200, 100), np.float32)
    large[:, 0] = 1
    with deepvid.log_run("toy", large, LABELS, test=TEST, epochs=1, store=tmp_path) as run:
        run.epoch(**given(0))
    dataset = open_run(run.path).stages["dataset"].open()
    assert dataset["image"].shape == (60, 128, 64, 3)
    assert dataset["image"][0, 5, 5].to_numpy().tolist() == [255, 0, 0]
    assert dataset.attrs["class_names"] == ["0", "1", "2"]
    said = " ".join(dataset.attrs["notes"])
    assert "channels first" in said
    assert "stretched to 128x64" in said


def test_two_runs_of_one_name_stand_side_by_side_and_compare(tmp_path: Path) -> None:
    first, second = logged(tmp_path), logged(tmp_path, epochs=2)
    assert first.id != second.id
    comparison = compare_runs(first, second)
    assert comparison.mcnemar is not None
    assert first.stages["teacher"].key != second.stages["teacher"].key


def test_further_metrics_are_kept(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        run.epoch(**given(0), metrics={"learning_rate": np.float32(0.5)})
    series = open_run(run.path).series("teacher")
    assert series is not None
    assert series.metrics[0]["learning_rate"] == 0.5


def test_what_needs_the_classifier_itself_says_that_it_was_logged(tmp_path: Path) -> None:
    run = logged(tmp_path)
    with pytest.raises(StoreError, match="another program trained and logged") as caught:
        _ = TrainedRun(run).teacher
    assert "deepvid run" in caught.value.action
    assert continuation(run) == NONE  # nothing of ours continues it
    assert first_map(run).text == f"deepvid project {run.id} --store {tmp_path}"


def test_views_say_what_a_logged_run_has_not_and_how_it_gets_a_map(tmp_path: Path) -> None:
    run = logged(tmp_path)
    scene = Scene(run=run, table=population(run))
    lacks = missing([MODEL], scene)
    assert lacks is not None
    assert "needs the classifier itself" in lacks.text
    no_map = missing([MAP], scene)
    assert no_map is not None
    assert no_map.command.text == f"deepvid project {run.id} --store {tmp_path}"
    assert missing([PICTURES], scene) is None
    archive = open_run(write_archive(run, tmp_path / "toy.zip"))
    assert first_map(archive) == NONE  # it is only read


def test_a_map_is_of_images_that_are_in_use(tmp_path: Path) -> None:
    logits, features, head = answers(0)
    logits[0], features[0] = np.nan, np.nan  # a training image
    with begin(tmp_path) as run:
        run.epoch(logits=logits, features=features, head=head)
    order = RunOptions(Silent(), Event())
    extend_run(run.path, projection_stage(Projection(method="pca"), seed=0), order)
    everywhere = Projection(method="pca", samples="all")
    with pytest.raises(DataError, match="1 of 60 that the training did not use"):
        extend_run(run.path, projection_stage(everywhere, seed=0), order)
    table = population(open_run(run.path))
    assert table is not None
    assert table.default_map is not None


def test_what_needs_more_stages_says_that_the_run_was_logged(tmp_path: Path) -> None:
    run = logged(tmp_path)
    with pytest.raises(StoreError, match="students needs vae: they need the classifier itself"):
        key_in(run, students_stage(Students(), seed=0))
    with pytest.raises(KeyboardInterrupt), begin(tmp_path, class_names=["a", "b", "c"]) as begun:
        raise KeyboardInterrupt
    with pytest.raises(StoreError, match=r"continue with deepvid\.log_run"):
        key_in(open_run(begun.path), projection_stage(Projection(), seed=0))


class Silent:
    """Nobody listens."""

    def began(self, *_: object) -> None: ...
    def ticked(self, *_: object) -> None: ...
    def ended(self, *_: object) -> None: ...


def test_a_map_of_a_persons_own_is_shown_first(tmp_path: Path) -> None:
    own = np.stack([np.arange(60), -np.arange(60)], axis=1)
    with deepvid.log_run("toy", IMAGES, LABELS, test=TEST, epochs=1, positions=own, store=tmp_path) as run:
        run.epoch(**given(0))
    found = open_run(run.path)
    table = population(found, "test")
    assert table is not None
    (shown,) = table.maps.values()
    assert (shown.name, shown.title) == ("given-2d", "given map")
    assert shown.x.tolist() == ORDER[table.samples].tolist()
    assert shown.y.tolist() == (-shown.x).tolist()
    assert verify(found.path).ok


@pytest.mark.parametrize(
    ("positions", "says"),
    [
        (np.zeros((60, 4)), "two or three coordinates.*shape \\(60, 4\\)"),
        (np.zeros((59, 2)), "each of 60 samples.*shape \\(59, 2\\)"),
        (np.full((60, 2), np.nan), "not finite"),
        ("abc", "Positions are numbers"),
        (np.zeros(60), "Positions are numbers"),
    ],
)
def test_positions_that_are_no_map_are_refused(tmp_path: Path, positions: Any, says: str) -> None:
    with pytest.raises(DataError, match=says):
        deepvid.log_run("toy", IMAGES, LABELS, test=TEST, epochs=1, positions=positions, store=tmp_path)
    assert not list(tmp_path.iterdir())
