"""The record of a training: beside the teacher's epochs, whatever becomes of the run."""

import shutil
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
import pytest
from micro import Recorder, digests, experiment, run
from micro_runs import MicroRuns

from dashboards.data.training_steps import TrainingSteps, training_steps, training_ticks
from deepvid.errors import Cancelled
from deepvid.progress import Tick
from deepvid.step_numbers import JUDGED
from deepvid.step_record import StepRecord
from deepvid.store import (
    ControlCommand,
    Run,
    import_archive,
    open_run,
    read_live,
    verify,
    write_archive,
    write_control,
)
from deepvid.store.format.forms import fault_of_attributes
from deepvid.stored_training import judged_answers, judged_samples

pytestmark = pytest.mark.long
GOLDEN = Path(__file__).parents[2] / "golden" / "version_1.zip"
WANTED = experiment(projections=[])


@pytest.fixture
def whole(micro_runs: MicroRuns) -> Run:
    """A teacher of two epochs of two steps, trained without a pause."""
    return open_run(micro_runs.teacher())


def steps_in(found: Run) -> TrainingSteps:
    steps = training_steps(found)
    assert steps is not None
    return steps


def of_teacher(found: Run) -> list[tuple[str, str, str]]:
    return [line for line in digests(found) if line[0] in ("teacher", "training")]


def test_every_step_of_every_epoch_is_recorded(whole: Run) -> None:
    steps = steps_in(whole)
    series = whole.series("teacher")
    assert series is not None
    assert steps.steps.tolist() == [2, 2]
    assert steps.layers == ("hidden1.dense", "dense")
    assert steps.loss.shape == (2, 2, 3)
    assert steps.update_ratio.shape == steps.gradient_norm.shape == (2, 2, 2, 3)
    for measure, name in ((steps.loss, "train_loss"), (steps.accuracy, "train_accuracy")):
        expected = [metrics[name] for metrics in series.metrics]
        np.testing.assert_allclose(measure[..., 1].mean(axis=1), expected, rtol=1e-6)
    last = series.metrics[-1]["learning_rate"]
    assert steps.learning_rate[-1, -1].tolist() == pytest.approx([last] * 3, rel=1e-6)
    assert (steps.update_ratio > 0).all()
    assert (steps.gradient_norm > 0).all()
    attributes = whole.open("series/training").attrs
    assert attributes["numbers"][3:5] == ["update_ratio hidden1.dense", "update_ratio dense"]
    assert attributes["units"] == ["nats", "1", "1", "1", "1", "nats", "nats"]
    assert not fault_of_attributes(attributes)
    assert "kernels is 5, not a list of texts" in fault_of_attributes({**attributes, "kernels": 5})


def test_every_tick_of_every_epoch_is_recorded(whole: Run) -> None:
    ticks = training_ticks(whole)
    assert ticks is not None
    assert ticks.step.tolist() == [[2], [2]]  # of two steps the one after the last
    assert ticks.layers == ("hidden1",)
    assert ticks.unit_layer.tolist() == [0] * 8
    assert ticks.unit_active.shape == (2, 1, 8)
    np.testing.assert_allclose(ticks.active[..., 0], ticks.unit_active.mean(axis=2), atol=1e-3)
    assert (ticks.mean > 0).all()
    assert ((ticks.drift > 0) & (ticks.drift < 2)).all()


def test_answers_to_some_training_images_are_recorded_in_evaluation_mode(whole: Run) -> None:
    series = whole.series("teacher")
    assert series is not None
    judged = judged_samples(whole, series.key)
    assert judged is not None
    answers, test = whole.open("teacher")["logits"].to_numpy(), whole.open("dataset")["test"]
    assert len(judged.samples) == min(JUDGED, int((~test).sum()))
    assert not test.to_numpy()[judged.samples].any()
    record = whole.open("series/training")["judged_logits"].to_numpy()
    np.testing.assert_allclose(record[-1], answers[judged.samples], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(
        judged_answers(whole, series.key, 1).predicted, answers[judged.samples].argmax(axis=1)
    )


def test_a_record_of_an_earlier_version_goes_on_with_what_it_has(
    whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = StepRecord.append
    with monkeypatch.context() as patched:
        patched.setattr(
            StepRecord, "append", lambda self, group, *rest: append(self, group[["step_number"]], *rest)
        )
        with pytest.raises(Cancelled):
            run(tmp_path, WANTED, Recorder(("teacher", "epoch 2/2")), "teacher")
    found = run(tmp_path, WANTED, Recorder(), "teacher")
    series = found.series("training")
    assert series is not None
    assert (series.epochs, series.arrays) == (2, ("step_number",))
    np.testing.assert_array_equal(steps_in(found).loss, steps_in(whole).loss)


def test_it_belongs_to_the_teacher(whole: Run, tmp_path: Path) -> None:
    assert whole.summary["epochs"] == {"teacher": 2}
    file = write_archive(whole, tmp_path / "whole.zip")
    imported = open_run(import_archive(file, tmp_path / "imported"))
    assert verify(file).ok
    np.testing.assert_array_equal(steps_in(imported).loss, steps_in(whole).loss)
    reduced = open_run(write_archive(whole, tmp_path / "without.zip", without=["teacher"]))
    assert reduced.series("training") is None


def test_a_run_that_began_without_a_record_goes_on_with_one(
    whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(StepRecord, "append", lambda *_: None)
        with pytest.raises(Cancelled):
            run(tmp_path, WANTED, Recorder(("teacher", "epoch 2/2")), "teacher")
    (path,) = tmp_path.iterdir()
    assert training_steps(open_run(path)) is None
    found = run(tmp_path, WANTED, Recorder(), "teacher")
    assert [line for line in digests(found) if line[0] != "training"] == [
        line for line in digests(whole) if line[0] != "training"
    ]
    steps = steps_in(found)
    assert steps.steps.tolist() == [0, 2]
    assert all(np.isnan(numbers[0]).all() for numbers in (steps.loss, steps.update_ratio))
    np.testing.assert_array_equal(steps.loss[1], steps_in(whole).loss[1])
    assert verify(found.path).ok


def test_a_record_whose_epoch_was_not_committed_is_taken(
    whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = StepRecord.append

    def fall(record: StepRecord, group: Any, epoch: int, steps: int) -> None:
        append(record, group, epoch, steps)
        if epoch == 1:
            raise Cancelled

    with monkeypatch.context() as patched:
        patched.setattr(StepRecord, "append", fall)
        with pytest.raises(Cancelled):
            run(tmp_path, WANTED, Recorder(), "teacher")
    (path,) = tmp_path.iterdir()
    assert steps_in(open_run(path)).steps.tolist() == [2]  # of the epochs that are committed
    assert of_teacher(run(tmp_path, WANTED, Recorder(), "teacher")) == of_teacher(whole)


def test_a_copied_teacher_has_its_record(whole: Run, tmp_path: Path) -> None:
    shutil.copytree(whole.path.parent, tmp_path, dirs_exist_ok=True)
    recorder = Recorder()
    other = run(tmp_path, experiment(projections=[], name="other"), recorder, "teacher")
    assert recorder.outcomes["teacher"] == "copied"
    assert other.id != whole.id
    np.testing.assert_array_equal(steps_in(other).gradient_norm, steps_in(whole).gradient_norm)


def test_a_run_of_an_earlier_version_has_none() -> None:
    assert training_steps(open_run(GOLDEN)) is None
    assert training_ticks(open_run(GOLDEN)) is None


class Commanding(Recorder):
    """Writes what a page would, when the teacher says that an epoch is under way."""

    def __init__(self, store: Path, commands: dict[str, ControlCommand]) -> None:
        super().__init__()
        self._store, self._commands = store, commands

    def ticked(self, stage: str, tick: Tick) -> None:
        super().ticked(stage, tick)
        command = self._commands.pop(tick.message[:9], None) if stage == "teacher" else None
        if command is not None:
            (path,) = (journal.parent for journal in self._store.glob("*/journal.jsonl"))
            write_control(path, command)
            if command == "pause":
                Timer(0.5, write_control, (path, "go")).start()


def test_a_training_pauses_stops_and_continues_to_the_same_bits(whole: Run, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        run(tmp_path, WANTED, Commanding(tmp_path, {"epoch 1/2": "pause", "epoch 2/2": "stop"}), "teacher")
    (path,) = tmp_path.iterdir()
    begun = open_run(path)
    series = begun.series("teacher")
    assert series is not None
    assert (series.epochs, begun.status().state) == (1, "interrupted")
    assert of_teacher(run(tmp_path, WANTED, Recorder(), "teacher")) == of_teacher(whole)


class Looking(Recorder):
    """Reads what a page would, while the epochs are under way."""

    def __init__(self, store: Path) -> None:
        super().__init__()
        self._store = store
        self.rows: list[tuple[int, int]] = []

    def ticked(self, stage: str, tick: Tick) -> None:
        super().ticked(stage, tick)
        for journal in self._store.glob("*/journal.jsonl") if stage == "teacher" else ():
            for epoch in (0, 1):
                self.rows += [(epoch, int(row["step"])) for row in read_live(journal.parent, epoch)]


def test_steps_are_seen_before_their_epoch_is_committed(whole: Run, tmp_path: Path) -> None:
    looking = Looking(tmp_path)
    found = run(tmp_path, WANTED, looking, "teacher")
    assert (0, 1) in looking.rows  # of two steps the first: the last is committed with its epoch
    assert not found.path.joinpath("live.bin").exists()
    assert of_teacher(found) == of_teacher(whole)
