"""Maps of every epoch of a real training: committed one by one, resumed, stored so that they can be used."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hurrying import hurry
from micro import Recorder, digests, experiment, run
from micro_runs import copied
from scipy.special import softmax
from trainings import IMAGES, LABELS, NAMES, TEST, answers, given

import deepvid
from deepvid.config import TimeTravel
from deepvid.engine.handlers import HANDLERS as ANSWERS
from deepvid.engine.requests import DecodeSample, RefineLandscape
from deepvid.errors import Cancelled, ConfigError, DataError, StoreError, UserError
from deepvid.pipeline.epoch_worker import EpochWorker
from deepvid.pipeline.runner import RunOptions, extend_run
from deepvid.pipeline.stage import key_in
from deepvid.pipeline.time_travel import time_travel_stage
from deepvid.progress import SILENT
from deepvid.store import Run, open_run, open_writer
from deepvid.timetravel.contract import Head
from deepvid.timetravel.landscape import Box, landscape
from deepvid.timetravel.landscape import cells as landscape_cells
from deepvid.timetravel.stored import arrays_in, restored

pytestmark = pytest.mark.long

SETTINGS: dict[str, Any] = {"boundary": 20, "steps": 20, "resolution": 100}


def travelled(path: Path, form: str = "parametric", recorder: Recorder | None = None) -> Run:
    recorder = recorder or Recorder()
    section = TimeTravel.model_validate({"form": form, **SETTINGS})
    extend_run(path, time_travel_stage(section, seed=0), RunOptions(recorder, recorder.cancel))
    return open_run(path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A teacher of three epochs; tests copy its store before they write to it."""
    teacher = {"network": {"kind": "mlp", "hidden": [8]}, "epochs": 3, "batch": 20}
    store = tmp_path_factory.mktemp("travel") / "runs"
    return run(store, experiment(teacher=teacher, projections=[]), Recorder(), "teacher").path


@pytest.fixture(scope="module")
def finished(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return travelled(copied(trained, tmp_path_factory.mktemp("finished")))


def test_every_epoch_has_a_map_of_all_images_and_its_measures(finished: Run) -> None:
    series = finished.series("time-travel-parametric")
    assert series is not None
    maps = series.open().load()
    assert maps.sizes["epoch"] == 3
    assert maps["sample"].to_numpy().tolist() == list(range(70))
    assert np.isfinite(maps["position"]).all()
    assert maps["boundary_position"].shape == (3, 20, 2)
    assert (maps["kept"] <= 15).all()
    assert not maps["stayed"][0].any()
    assert maps["stayed"][1:].any()
    for number, metrics in enumerate(series.metrics):
        assert 0 <= metrics["test_nn_low"] <= metrics["test_nn"] <= metrics["test_nn_high"] <= 15
        assert np.isnan(metrics["phantom"]) or 0 <= metrics["phantom"] <= 1  # so tiny, none is confident
        assert ("test_fixing" in metrics) == (number > 0)
        assert (metrics["train_nn_number"], metrics["test_nn_number"]) == (40, 30)
    teacher = finished.series("teacher")
    assert teacher is not None
    accuracy = [metrics["test_accuracy"] for metrics in teacher.metrics]
    assert [metrics["test_accuracy"] for metrics in series.metrics] == pytest.approx(accuracy)


def test_the_stored_model_projects_to_the_stored_map_and_decides_as_the_landscape_does(finished: Run) -> None:
    """By a reader that knows the layout of the model, from what half precision leaves of it."""
    maps = finished.series("time-travel-parametric").open().load()  # type: ignore[union-attr]
    stage = finished.stages["teacher"].open()
    last = maps.isel(epoch=-1)
    model = restored(arrays_in(last["model"].to_numpy(), maps.attrs["model_layout"]))
    position = last["position"].to_numpy().astype(np.float32)
    projected = model.project(stage["features"].to_numpy())
    extent = np.ptp(position, axis=0).max()
    assert np.abs(projected - position).max() < 0.02 * extent
    parts, at = {}, 0
    for path, shape in stage.attrs["parameter_layout"]:
        size = int(np.prod(shape))
        parts[path] = stage["parameters"].to_numpy()[at : at + size].reshape(shape)
        at += size
    head = Head(parts["dense/kernel/value"], parts["dense/bias/value"])
    again = landscape(model, head, Box(*last["box"].to_numpy()), 100)
    assert np.mean(again.predicted == last["cell_class"].to_numpy()) > 0.97


def test_what_happened_is_told_of_each_image(finished: Run) -> None:
    group = finished.stages["time-travel-parametric"].open().load()
    teacher = finished.series("teacher").open()  # type: ignore[union-attr]
    predicted = teacher["test_logits"].to_numpy().argmax(axis=2)
    flips = {(1 + int(epoch), 40 + int(row)) for epoch, row in np.argwhere(predicted[1:] != predicted[:-1])}
    flip = group.attrs["kinds"].index("flip")
    rows = group["event_kind"].to_numpy() == flip
    found = zip(group["event_epoch"].to_numpy()[rows], group["event_sample"].to_numpy()[rows], strict=True)
    assert {(int(epoch) - 1, int(sample)) for epoch, sample in found if sample >= 40} == flips
    assert set(group.attrs["temporal"]) == {"p4", "temporal_nn", "rank_correlation"}


def test_an_interrupted_journey_continues_to_the_same_bytes(
    finished: Run, trained: Path, tmp_path: Path
) -> None:
    path = copied(trained, tmp_path)

    class Late(Recorder):
        """Cancels while the second map is fitted."""

        def ticked(self, stage: str, tick: Any) -> None:
            if tick.done / tick.total > 0.5 and tick.message.startswith("fitting"):
                self.cancel.set()

    with pytest.raises(Cancelled):
        travelled(path, recorder=Late())
    begun = open_run(path).series("time-travel-parametric")
    assert begun is not None
    assert begun.epochs == 1
    assert digests(travelled(path)) == digests(finished)


@pytest.mark.parametrize(
    "form",
    [
        "layout",
        pytest.param("published", marks=pytest.mark.slow),
        pytest.param("timevis", marks=pytest.mark.slow),
    ],
)
def test_other_forms_stand_beside_it(form: str, finished: Run, tmp_path: Path) -> None:
    made = travelled(copied(finished.path, tmp_path), form)
    assert {f"time-travel-{form}", "time-travel-parametric"} <= made.stages.keys()
    maps = made.series(f"time-travel-{form}").open().load()  # type: ignore[union-attr]
    assert np.isfinite(maps["position"]).all()
    networks = arrays_in(maps["model"][0].to_numpy(), maps.attrs["model_layout"])
    assert (".encoder.layers[0].weight" in networks) == (form != "layout")


def test_it_is_asked_for_in_the_description(tmp_path: Path) -> None:
    recorder = Recorder()
    wanted = experiment(time_travel=[SETTINGS], projections=[], students={"limit": 0})
    assert "time-travel-parametric" in run(tmp_path / "runs", wanted, recorder).stages
    assert list(recorder.outcomes)[-1] == "time-travel-parametric"


@pytest.mark.parametrize("images", [None, IMAGES])
def test_a_logged_training_is_mapped_by_what_was_in_use(images: np.ndarray | None, tmp_path: Path) -> None:
    """Ten training images come in with the second epoch, as in active learning."""
    with deepvid.log_run(
        "toy", images, LABELS, test=TEST, epochs=2, class_names=NAMES, store=tmp_path
    ) as log:
        late = np.flatnonzero(~TEST)[:10]
        first = answers(0)
        for part in first[:2]:
            part[late] = np.nan
        log.epoch(**first._asdict())
        log.epoch(**given(1))
    maps = travelled(log.path).series("time-travel-parametric").open().load()  # type: ignore[union-attr]
    placed = np.isfinite(maps["position"].to_numpy()).all(axis=2)
    assert not placed[0, :10].any()
    assert placed[0, 10:].all()
    assert placed[1].all()


def test_too_few_images_are_refused_before_anything_is_trained(tmp_path: Path) -> None:
    recorder = Recorder()
    with pytest.raises(ConfigError, match="15 of them"):
        run(tmp_path / "runs", experiment(time_travel=[{**SETTINGS, "training": 15}]), recorder)
    assert "teacher" not in recorder.outcomes


def test_a_run_without_epochs_says_what_is_missing(trained: Path, tmp_path: Path) -> None:
    run_ = copied(trained, tmp_path)
    with pytest.raises(StoreError, match="needs dataset and teacher"):
        travelled(run(tmp_path / "runs", experiment(name="bare"), Recorder(), "dataset").path)
    assert open_run(run_).status().state != "failed"


def test_a_follower_maps_what_is_committed_to_the_same_bytes(
    finished: Run, trained: Path, tmp_path: Path
) -> None:
    path = copied(trained, tmp_path)
    stage = time_travel_stage(TimeTravel.model_validate(SETTINGS), seed=0)
    run_ = open_run(path)
    with open_writer(path.parent, run_.id, config=run_.config, provenance=run_.provenance) as writer:
        follower = stage.follow(writer, key_in(run_, stage))
        assert follower is not None
        hurry(follower)
        ended = time.monotonic() + 120
        while time.monotonic() < ended:
            follower.commit()
            series = writer.run.series(stage.name)
            if series is not None and series.epochs == 3:
                break
            time.sleep(0.1)
        follower.end()
        assert series is not None
        assert series.epochs == 3
    assert digests(travelled(path)) == digests(finished)


def test_a_training_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The training waits for a map whenever it asks for one, as if it were slow."""
    commit, hurried = EpochWorker.commit, list[EpochWorker]()

    def patient(follower: EpochWorker) -> None:
        if follower not in hurried:
            hurried.append(follower)
            hurry(follower)
        follower._results.poll(120)
        commit(follower)

    monkeypatch.setattr(EpochWorker, "commit", patient)
    teacher = {"network": {"kind": "mlp", "hidden": [8]}, "epochs": 2, "batch": 20}
    wanted = experiment(teacher=teacher, projections=[], students={"limit": 0}, time_travel=[SETTINGS])
    made = run(tmp_path / "runs", wanted, Recorder())
    epochs = (commit.name for commit in made.commits if commit.kind == "epoch")
    order = [name for name in epochs if name != "training"]
    assert order[:4] == ["teacher", "time-travel-parametric"] * 2


def test_what_fails_in_a_follower_is_said_by_the_stage(
    trained: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = copied(trained, tmp_path)
    for file in (path / "data.zarr" / "series").glob("teacher-*/parameters/c.*"):
        file.write_bytes(np.full(file.stat().st_size // 4, np.nan, np.float32).tobytes())
    run_ = open_run(path)
    stage = time_travel_stage(TimeTravel.model_validate(SETTINGS), seed=0)
    with open_writer(path.parent, run_.id, config=run_.config, provenance=run_.provenance) as writer:
        follower = stage.follow(writer, key_in(run_, stage))
        assert follower is not None
        hurry(follower)
        follower._process.join(60)
        assert follower._process.exitcode == 0
        follower.commit()
        follower.end()
    assert "Time travel beside the training has stopped" in capfd.readouterr().err
    with pytest.raises(DataError, match="NaN"):
        travelled(path)


def test_g_5_a_part_of_a_landscape_is_decoded_in_finer_cells(finished: Run) -> None:
    last = finished.series("time-travel-parametric").open().isel(epoch=-1).load()  # type: ignore[union-attr]
    low, high = last["box"].to_numpy()
    whole = RefineLandscape(finished.path, "parametric", 3, tuple(low), tuple(high), 100)
    assert np.mean(ANSWERS[RefineLandscape](whole, SILENT).cell_class == last["cell_class"].to_numpy()) > 0.97
    quarter = replace(whole, high=tuple((low + high) / 2))  # its cells are half as far from one another
    found = ANSWERS[RefineLandscape](quarter, SILENT)
    coarse = last["cell_class"].to_numpy()[:50, :50]
    assert np.mean(found.cell_class[::2, ::2] == coarse) > 0.9
    for change in ({"low": tuple(high)}, {"high": (np.nan, 1.0)}, {"epoch": 4}, {"form": "layout"}):
        with pytest.raises(UserError):
            ANSWERS[RefineLandscape](replace(whole, **change), SILENT)


def test_c_u4_an_image_is_decoded_from_where_it_lies_on_the_map(finished: Run) -> None:
    """Before, it is what the teacher said; after, what its cell of the landscape says."""
    last = finished.series("time-travel-parametric").open().isel(epoch=-1).load()  # type: ignore[union-attr]
    teacher = finished.series("teacher").open().isel(epoch=-1)  # type: ignore[union-attr]
    tested = last["sample"].to_numpy()[last.sizes["training"] :]
    cells = landscape_cells(last["position"].to_numpy().astype(np.float32), Box(*last["box"].to_numpy()), 100)
    same = []
    for row, sample in enumerate(tested[:20].tolist(), last.sizes["training"]):
        asked = DecodeSample(finished.path, sample, "parametric", 3)
        found = ANSWERS[DecodeSample](asked, SILENT)
        (place,) = np.flatnonzero(teacher["sample"].to_numpy() == sample)
        said = softmax(teacher["test_logits"].to_numpy()[place])
        np.testing.assert_allclose(found.before, said, atol=1e-3)
        assert found.after.sum() == pytest.approx(1)
        assert np.abs(found.after - found.before).max() > 1e-3
        same.append(found.after.argmax() == last["cell_class"].to_numpy()[tuple(cells[row])])
    assert np.mean(same) > 0.8
    for change in ({"epoch": 0}, {"epoch": 4}, {"form": "layout"}, {"sample": int(last["sample"][0])}):
        with pytest.raises(UserError):
            ANSWERS[DecodeSample](replace(asked, **change), SILENT)
