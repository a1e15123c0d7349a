"""Consequences of a drawn image, asked of a real network that was looked into."""

from collections import Counter
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from micro import looked_into
from micro_runs import MicroRuns, copied

from deepvid.engine.requests import EditImage
from deepvid.engine.what_if import what_if
from deepvid.errors import ConfigError
from deepvid.fields import PARTS
from deepvid.pipeline import layers as keeping
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import SILENT
from deepvid.store import Run, open_run

pytestmark = pytest.mark.long

TRAINED, K = 40, 5
SAMPLE = TRAINED + 3


@pytest.fixture(scope="module")
def trained(micro_runs: MicroRuns) -> Path:
    return micro_runs.teacher()


@pytest.fixture(scope="module")
def finished(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Codes of all that 40 images differ by."""
    path = copied(trained, tmp_path_factory.mktemp("finished"))
    return looked(path, components=TRAINED, neighbors=K)


def looked(path: Path, **settings: Any) -> Run:
    return looked_into(path, **{"left_out": 5, **settings})


def image(found: Run) -> np.ndarray:
    return found.stages["dataset"].open()["image"][SAMPLE].to_numpy()


def test_before_and_after_are_what_network_and_training_images_say(finished: Run) -> None:
    drawn = image(finished).copy()
    drawn[5:20, 5:20] = 255
    found = what_if(EditImage(finished.path, SAMPLE, drawn.tobytes()), SILENT)
    network, label = TrainedRun(finished).network, finished.stages["dataset"].open()["label"].to_numpy()
    pixels = np.stack([image(finished), drawn]) / np.float32(255)
    np.testing.assert_allclose(found.logits, network.logits(jnp.asarray(pixels)), atol=1e-5)
    training = finished.stages["dataset"].open()["image"].to_numpy()[:TRAINED] / np.float32(255)
    for voted in found.columns:
        here, there = (outputs(network, images, voted.column) for images in (training, pixels))
        for output, said in zip(there, (voted.before, voted.after), strict=True):
            assert said is not None
            near = np.linalg.norm(here - output, axis=1).argsort()[:K]
            votes = Counter(label[near].tolist())
            assert votes[said[0]] == max(votes.values()) == said[1]
    hidden = np.asarray(network.activations(jnp.asarray(pixels), "hidden1"))
    most = found.units[0]
    assert (most.before, most.after) == pytest.approx(hidden[:, most.unit], rel=1e-4)
    spread = finished.together(*PARTS)["response_mean"].to_numpy().astype("f4").std(axis=0)
    change = np.divide(hidden[1] - hidden[0], spread, out=np.zeros(8, "f4"), where=spread > 0)
    assert most.unit == np.abs(change).argmax()
    assert most.change == pytest.approx(change[most.unit], rel=1e-2)


def outputs(network: Any, images: np.ndarray, column: str) -> np.ndarray:
    if column == "pixels":
        return images.reshape(len(images), -1)
    given = jnp.asarray(images)
    return np.asarray(network.logits(given) if column == "logits" else network.activations(given, column))


def test_of_an_image_that_nobody_changed_nothing_changes_and_votes_are_the_stored_ones(finished: Run) -> None:
    found = what_if(EditImage(finished.path, SAMPLE, image(finished).tobytes()), SILENT)
    group = finished.together(*PARTS)
    assert found.units == ()
    np.testing.assert_array_equal(found.logits[0], found.logits[1])
    for number, voted in enumerate(found.columns):
        assert voted.before == voted.after
        assert voted.before == (group["probe"][number, 3], group["probe_votes"][number, 3])


@pytest.mark.parametrize("count", [0, 1, 28 * 28 - 1, 28 * 28 + 1, 3 * 28 * 28])
def test_an_image_of_another_size_is_refused(finished: Run, count: int) -> None:
    with pytest.raises(ConfigError, match=rf"28x28x1 bytes.*{count:,} bytes"):
        what_if(EditImage(finished.path, SAMPLE, b"\0" * count), SILENT)


def test_a_layer_that_is_too_wide_has_no_vote(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LARGEST", 100)
    found = looked(copied(trained, tmp_path), components=2, neighbors=K)
    said = what_if(EditImage(found.path, SAMPLE, image(found).tobytes()), SILENT)
    assert [voted.before is None for voted in said.columns] == [True, False, False]


def test_of_a_run_that_was_not_looked_into_the_teacher_alone_is_asked(trained: Path) -> None:
    run = open_run(trained)
    drawn = image(run) // 2
    said = what_if(EditImage(trained, SAMPLE, drawn.tobytes()), SILENT)
    pixels = np.stack([image(run), drawn]) / np.float32(255)
    np.testing.assert_allclose(
        said.logits, np.asarray(TrainedRun(run).network.logits(jnp.asarray(pixels))), 1e-4, 1e-4
    )
    assert (said.columns, said.units) == ((), ())


UNITS = (("hidden1", 2), ("hidden1", 5))


def test_silenced_units_answer_as_is_usual_and_all_behind_follows(finished: Run) -> None:
    drawn = image(finished).copy()
    drawn[5:20, 5:20] = 255
    found = what_if(EditImage(finished.path, SAMPLE, drawn.tobytes(), UNITS), SILENT)
    network = TrainedRun(finished).network
    training = finished.stages["dataset"].open()["image"].to_numpy()[:TRAINED] / np.float32(255)
    usual = np.asarray(network.activations(jnp.asarray(training), "hidden1")).mean(axis=0)
    hidden = np.array(network.activations(jnp.asarray(drawn[None] / np.float32(255)), "hidden1"))
    as_drawn = np.asarray(network.logits(jnp.asarray(drawn[None] / np.float32(255))))[0]
    for _, unit in UNITS:
        hidden[0, unit] = usual[unit]
    silenced = np.asarray(network.logits_from(jnp.asarray(hidden), "hidden1"))[0]
    assert np.abs(silenced - as_drawn).max() > 1e-3
    np.testing.assert_allclose(found.logits[1], silenced, atol=1e-5)
    assert (found.silenced, found.drawn) == (UNITS, True)
    assert not {(unit.column, unit.unit) for unit in found.units} & set(UNITS)  # they are held, and no news
    here = np.asarray(network.activations(jnp.asarray(training), "hidden1"))
    label = finished.stages["dataset"].open()["label"].to_numpy()[:TRAINED]
    votes = Counter(label[np.linalg.norm(here - hidden[0], axis=1).argsort()[:K]].tolist())
    (voted,) = (each.after for each in found.columns if each.column == "hidden1")
    assert voted is not None
    assert votes[voted[0]] == max(votes.values()) == voted[1]


def test_silencing_alone_leaves_what_stands_before_it(finished: Run) -> None:
    found = what_if(EditImage(finished.path, SAMPLE, image(finished).tobytes(), UNITS), SILENT)
    assert not found.drawn
    assert found.columns[0].before == found.columns[0].after
    assert found.units == ()  # an MLP of one layer has none behind it
    assert not np.array_equal(*found.logits)


@pytest.mark.parametrize("unit", [("hidden1", 8), ("hidden1", -1), ("pixels", 0), ("logits", 0), ("no", 1)])
def test_a_unit_that_is_not_kept_is_refused(finished: Run, unit: tuple[str, int]) -> None:
    with pytest.raises(ConfigError, match=r"whose responses the run keeps\. Found: unit"):
        what_if(EditImage(finished.path, SAMPLE, image(finished).tobytes(), (unit,)), SILENT)
