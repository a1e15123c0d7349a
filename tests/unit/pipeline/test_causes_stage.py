"""The stage that names causes of errors, on a tiny run and on images with planted copies."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from micro import Recorder, experiment, run
from micro_runs import MicroRuns, copied

from deepvid import config
from deepvid.attribution.place_drops import PlaceDrops
from deepvid.causes import CAUSES, causes_with_facts, first
from deepvid.pipeline.causes import causes_stage
from deepvid.pipeline.history import classifier_at
from deepvid.pipeline.modes import modes_stage
from deepvid.pipeline.runner import RunOptions, extend_run
from deepvid.store import Run, open_run
from deepvid.training import predict

pytestmark = pytest.mark.long

LIMIT = 3
ASKING = [list(CAUSES).index(name) for name in ("label_doubt", "one_place")]


def extended(path: Path, limit: int) -> Run:
    recorder = Recorder()
    options = RunOptions(recorder, recorder.cancel)
    extend_run(path, causes_stage(config.Causes(limit=limit), seed=0, checked=True), options)
    return open_run(path)


@pytest.fixture(scope="module")
def made(micro_runs: MicroRuns, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return extended(copied(micro_runs.residual(), tmp_path_factory.mktemp("causes")), LIMIT)


@pytest.fixture(scope="module")
def group(made: Run) -> xr.Dataset:
    return made.stages["causes"].open().load()


@pytest.fixture(scope="module")
def parts(made: Run, group: xr.Dataset) -> list[xr.Dataset]:
    """Errors among the test images, and among the training images."""
    test = made.stages["dataset"].open()["test"].to_numpy()[group["sample"].to_numpy()]
    return [group.isel(error=test), group.isel(error=~test)]


def errors_of(made: Run, *, training: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Misclassified test or training images, and by how much the answer leads the label."""
    dataset, logits = made.stages["dataset"].open(), made.stages["teacher"].open()["logits"].to_numpy()
    label = dataset["label"].to_numpy()
    margin = logits.max(axis=1) - logits[np.arange(len(label)), label]
    wrong = np.flatnonzero((dataset["test"].to_numpy() != training) & (logits.argmax(axis=1) != label))
    return wrong, margin[wrong]


@pytest.mark.parametrize("training", [False, True])
def test_every_misclassified_image_has_its_causes_and_the_surest_are_asked_about(
    made: Run, parts: list[xr.Dataset], *, training: bool
) -> None:
    group, (wrong, margin) = parts[training], errors_of(made, training=training)
    assert group["sample"].values.tolist() == wrong.tolist()
    assert group.attrs["causes"] == list(CAUSES)
    asked = np.isfinite(group["strength"].to_numpy()[:, ASKING]).all(axis=1)
    assert asked.sum() == LIMIT < len(wrong)
    assert group.attrs["asked"] == 2 * LIMIT
    assert margin[asked].min() >= margin[~asked].max()
    others = np.delete(group["strength"].to_numpy(), ASKING, axis=1)
    assert np.isfinite(others).all()
    assert group.attrs["grid"] == list(PlaceDrops().grid((28, 28, 1)))


def test_test_images_are_counted(made: Run, parts: list[xr.Dataset]) -> None:
    counts, group = made.stages["causes"].metrics, parts[0]
    assert sum(counts.values()) == group.sizes["error"]
    assert counts.get("unknown", 0) == (first(group["strength"].to_numpy()) < 0).sum()


@pytest.mark.parametrize("training", [False, True])
def test_places_are_those_of_the_teacher_itself(
    made: Run, parts: list[xr.Dataset], *, training: bool
) -> None:
    """Left is the margin without the place that matters most, of each fill the one that matters least."""
    group, (_, margin) = parts[training], errors_of(made, training=training)
    asked = np.flatnonzero(np.isfinite(group["strength"].to_numpy()[:, ASKING[1]]))
    strength, fact, lost = (group[name].to_numpy() for name in ("strength", "evidence", "lost"))
    assert np.isfinite(lost[asked]).all()
    assert np.isnan(np.delete(lost, asked, axis=0)).all()
    named = [one for one in asked if ASKING[1] in causes_with_facts(strength[one].tolist(), -1)]
    for one in named:
        place, _, left, _ = fact[one, causes_with_facts(strength[one].tolist(), -1).index(ASKING[1])]
        assert place == lost[one].argmax()
        assert left == pytest.approx(margin[one] - lost[one].max(), abs=2e-2)


def test_images_are_followed_through_the_training(
    micro_runs: MicroRuns, group: xr.Dataset, tmp_path: Path
) -> None:
    """Areas are means over the epochs: of stored answers, and of training images that are asked again."""
    assert "tracked" not in group  # of one epoch there is no way
    made = extended(copied(micro_runs.teacher(), tmp_path), 0)
    group = made.stages["causes"].open()
    errors = group["sample"].to_numpy()
    flips = dict(zip(errors.tolist(), group["evidence"].to_numpy()[:, -1, 3].tolist(), strict=True))
    dataset, epochs = made.stages["dataset"].open("image"), made.series("teacher").open()  # type: ignore[union-attr]
    label, test = dataset["label"].to_numpy(), dataset["test"].to_numpy()
    answers = epochs["test_logits"].to_numpy().argmax(axis=2)  # of two epochs
    changed = dict(zip(np.flatnonzero(test).tolist(), (answers[0] != answers[1]).tolist(), strict=True))
    assert flips == pytest.approx({one: float(changed.get(one, np.nan)) for one in flips}, nan_ok=True)
    tracked = group["tracked"].to_numpy()
    assert sorted(tracked) == list(range(len(label)))
    every = np.zeros((epochs.sizes["epoch"], *made.stages["teacher"].open()["logits"].shape))
    every[:, test] = epochs["test_logits"].to_numpy()
    for number in range(epochs.sizes["epoch"]):
        asked = predict(classifier_at(made, epochs, number), dataset["image"].to_numpy()[~test]).logits
        every[number, ~test] = asked
    every = every[:, tracked]
    own = every[:, np.arange(len(tracked)), label[tracked]]
    every[:, np.arange(len(tracked)), label[tracked]] = -np.inf
    np.testing.assert_allclose(group["area"], (own - every.max(axis=2)).mean(axis=0), rtol=2e-3, atol=2e-3)
    assert group["rival"].to_numpy().tolist() == every.mean(axis=0).argmax(axis=1).tolist()


def test_other_settings_take_the_place_and_the_same_are_kept(made: Run, tmp_path: Path) -> None:
    path = copied(made.path, tmp_path)
    before = (path / "journal.jsonl").read_bytes()
    extended(path, LIMIT)
    assert (path / "journal.jsonl").read_bytes() == before
    fewer = extended(path, 0).stages["causes"].open()
    assert np.isnan(fewer["strength"].to_numpy()[:, ASKING]).all()
    assert fewer.attrs["lacks"] == []


def test_a_picture_that_is_labeled_otherwise_elsewhere_is_a_cause(tmp_path: Path) -> None:
    """Whatever a teacher answers, of two equal pictures with two labels one is an error."""
    rng = np.random.default_rng(0)
    pictures, label = rng.integers(0, 255, (60, 9, 9), np.uint8), np.arange(60) % 3
    pictures[50], label[50] = pictures[51], (label[51] + 1) % 3
    np.savez(
        tmp_path / "images.npz", x_train=pictures[:40], y_train=label[:40], x_test=pictures[40:],
        y_test=label[40:],
    )  # fmt: skip
    wanted = experiment(dataset={"source": "arrays", "path": str(tmp_path / "images.npz")}, projections=[])
    group = run(tmp_path / "runs", wanted, Recorder(), "causes").stages["causes"].open()
    strength = group["strength"].sel(error=np.isin(group["sample"], [50, 51])).to_numpy()
    assert len(strength) >= 1
    assert (first(strength) == list(CAUSES).index("copies")).all()
    others = group["strength"].sel(error=~np.isin(group["sample"], [50, 51])).to_numpy()
    assert (others[:, list(CAUSES).index("copies")] == 0).all()


def test_kinds_of_mistakes_are_found_among_the_errors_that_have_causes(made: Run, tmp_path: Path) -> None:
    path = copied(made.path, tmp_path)
    recorder = Recorder()
    extend_run(path, modes_stage(config.Modes(count=2), seed=0), RunOptions(recorder, recorder.cancel))
    stage = open_run(path).stages["modes"]
    group = stage.open()
    wrong, _ = errors_of(made)
    assert group["sample"].values.tolist() == wrong.tolist()
    assert group["point"].shape[0] == len(wrong)
    assert np.isfinite(group["point"]).all()
    told = group.attrs["modes"]
    counts = np.bincount(group["mode"].to_numpy() + 1, minlength=len(told) + 1)[1:]
    assert [one["errors"] for one in told] == counts.tolist()
    assert 1 <= len(told) <= 2
    for number, one in enumerate(told):
        of = wrong[group["mode"].to_numpy() == number]
        assert set(one["central"]) <= set(of.tolist())
        assert one["sentence"].startswith(f"{len(of)} errors, {one['name']}")
    assert stage.metrics == {"modes": len(told), "confirmed": sum(one["confirmed"] for one in told)}
