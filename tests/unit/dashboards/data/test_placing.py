"""Training images on maps of test images, beside those that the teacher sees as most alike."""

from pathlib import Path

import numpy as np
import pytest
from tables import a_table

from dashboards.data.placing import ALIKE, alike, at_middle
from dashboards.data.population import TEST, TRAINING, population
from deepvid.store import Run, import_archive, open_run

GOLDEN = Path(__file__).parents[3] / "golden" / "version_1.zip"
NAN = np.nan


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return open_run(import_archive(GOLDEN, tmp_path_factory.mktemp("runs")))


def test_the_middle_is_that_of_images_that_have_a_place() -> None:
    position = np.float32([[0, 0], [2, 4], [NAN, NAN], [4, 2]])
    like = np.array([[0, 1], [1, 2], [2, 2], [3, -1], [-1, -1]])
    np.testing.assert_array_equal(
        at_middle(position, like), np.float32([[1, 2], [2, 4], [NAN, NAN], [4, 2], [NAN, NAN]])
    )


def test_training_images_are_rows_and_stand_amid_those_nearest_by_features(run: Run) -> None:
    test = run.stages["dataset"].open()["test"].to_numpy()
    features = run.stages["teacher"].open()["features"].to_numpy()
    shown, training = population(run), population(run, TRAINING)
    assert shown is not None
    assert training is not None
    assert (shown.split, training.split) == (TEST, TRAINING)
    assert shown.splits == training.splits == (TEST, TRAINING)
    assert training.samples.tolist() == np.flatnonzero(~test).tolist()
    assert training.label.tolist() == run.stages["dataset"].open()["label"].to_numpy()[~test].tolist()
    known = np.flatnonzero(test)
    for row, sample in enumerate(training.samples):
        distance = np.linalg.norm(features[known] - features[sample], axis=1)
        nearest = known[np.argsort(distance, kind="stable")[:ALIKE]]
        for name, flat in training.maps.items():
            rows = shown.row_of_sample[nearest]
            assert flat.placed
            assert not shown.maps[name].placed
            assert flat.x[row] == pytest.approx(shown.maps[name].x[rows].mean(), abs=1e-5)
            assert flat.y[row] == pytest.approx(shown.maps[name].y[rows].mean(), abs=1e-5)


def test_nothing_is_alike_where_there_is_nothing_to_compare(run: Run) -> None:
    assert alike(run, np.arange(0), np.arange(3)) is None
    assert alike(run, np.arange(3), np.arange(0)) is None


def test_there_is_no_choice_where_every_image_has_a_row() -> None:
    assert a_table([0, 1, 2]).splits == (TEST,)
