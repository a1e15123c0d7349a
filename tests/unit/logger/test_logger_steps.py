"""Steps of a training that another program does: numbers by name, kernels that are watched."""

import json
import time
from itertools import pairwise
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
import pytest
from trainings import IMAGES, LABELS, NAMES, TEST, given

import deepvid
from dashboards.data.training import course
from dashboards.data.training_steps import TrainingSteps, recorded_course, training_steps, with_live
from dashboards.kit.charts import Chart
from dashboards.kit.elements import walk
from dashboards.views.training.numbers import step_numbers
from dashboards.views.training.table import Lines, curves
from deepvid.alarms import Alarm
from deepvid.errors import DataError, StoreError
from deepvid.logger import LoggedRun
from deepvid.logger.logged import LOOK
from deepvid.logger.steps import PERIOD
from deepvid.step_columns import MOST_BLOCKS, StepColumns, in_columns
from deepvid.step_numbers import MOST_COLUMNS
from deepvid.store import PAUSED, Run, RunControl, open_run, read_live, verify, write_control


def begin(store: Path, **changed: Any) -> LoggedRun:
    wanted = {"test": TEST, "epochs": 4, "class_names": NAMES, "store": store} | changed
    return deepvid.log_run("toy", IMAGES, LABELS, **wanted)


def steps_of(run: Run) -> TrainingSteps:
    steps = training_steps(run)
    assert steps is not None
    return steps


def test_numbers_of_steps_are_drawn_and_others_are_kept_as_means(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        run.epoch(**given(0))  # before anything was logged step by step
        for loss in (4.0, np.float32(2), np.array([1.0])):
            run.step(loss, accuracy=0.5, grad_penalty=2 * loss)
        run.epoch(**given(1))
        for loss in (3.0, 1.0):
            run.step(loss=loss, learning_rate=0.1)
        run.epoch(**given(2), metrics={"note": 7.0})
        run.epoch(**given(3))
    found = open_run(run.path)
    steps = steps_of(found)
    assert steps.steps.tolist() == [0, 3, 2, 0]
    assert steps.layers == ()
    mean = steps.loss[..., 1]
    assert mean[1].tolist() == [4, 2, 1]
    assert mean[2].tolist()[:2] == [3, 1]
    assert np.isnan(mean[[0, 3]]).all()
    assert np.isnan(mean[2, 2])
    assert steps.accuracy[1, :, 1].tolist() == [0.5, 0.5, 0.5]
    assert np.isnan(steps.accuracy[2]).all()
    numbers = course(found).numbers
    assert numbers["grad_penalty"] == (None, pytest.approx(14 / 3), None, None)
    assert numbers["note"][2] == 7
    drawn = recorded_course(found, 240)
    assert drawn is not None
    assert drawn.ends.tolist() == pytest.approx([4 / 3, 5 / 3, 2, 2.5, 3])
    assert verify(found.path).ok


def test_steps_that_lack_a_number_leave_its_curve_to_the_epochs(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        for loss in (4.0, float("nan"), 2.0):
            run.step(loss)
        run.epoch(**given(0))
    found = open_run(run.path)
    drawn = recorded_course(found, 240)
    assert drawn is not None
    assert drawn.loss[[0, 2]].tolist() == [4, 2]
    card = curves(Lines(course(found), steps=drawn), "step", None, ratios=False)
    lines = {each.data["of"]: each for each in walk(card) if isinstance(each, Chart)}
    assert lines["loss"].lines[0].values == (4, None, 2)
    assert all(each.lines[0].values != (None,) * 3 for each in lines.values())


def test_a_number_is_what_it_was_when_it_was_given(tmp_path: Path) -> None:
    loss = np.array(4.0)
    with begin(tmp_path) as run:
        run.step(loss)
        loss[...] = 1
        run.step(loss)
        run.epoch(**given(0))
    assert steps_of(open_run(run.path)).loss[0, :, 1].tolist() == [4, 1]


def test_a_run_without_steps_is_what_it_was(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        run.epoch(**given(0))
    assert {line.name for line in open_run(run.path).commits} & {"training"} == set()


def test_a_resumed_training_goes_on_with_its_steps(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), begin(tmp_path) as run:  # noqa: PT012
        run.step(1.0)
        run.epoch(**given(0))
        run.step(5.0)  # of an epoch that is not committed
        raise KeyboardInterrupt
    with begin(tmp_path, resume=run.id) as run:
        run.step(2.0)
        run.epoch(**given(1))
    steps = steps_of(open_run(run.path))
    assert steps.loss[:, 0, 1].tolist() == [1, 2]


def test_an_epoch_of_more_steps_than_the_first_has_its_columns(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        for epoch, count in enumerate((2, 6)):
            for number in range(count):
                run.step(float(number))
            run.epoch(**given(epoch))
    steps = steps_of(open_run(run.path))
    assert steps.steps.tolist() == [2, 6]
    assert steps.loss[1].tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"loss": np.zeros(3)}, r"one each.*'loss' of shape \(3,\).*loss.mean\(\)"),
        ({"loss": "0.3"}, "one each.*'loss': str"),
        ({"loss": 1.0, "x" * 201: 1.0}, "1 to 200 letters"),
    ],
)
def test_what_is_no_number_is_refused_and_the_training_goes_on(
    tmp_path: Path, numbers: dict[str, Any], says: str
) -> None:
    with begin(tmp_path) as run:
        with pytest.raises(DataError, match=says):
            run.step(**numbers)
        run.step(1.0)
        run.epoch(**given(0))
    assert steps_of(open_run(run.path)).steps.tolist() == [1]


def test_kernels_of_flax_are_compared_between_steps(tmp_path: Path) -> None:
    from flax import nnx

    model = nnx.Sequential(nnx.Linear(3, 2, rngs=nnx.Rngs(0)), nnx.Linear(2, 2, rngs=nnx.Rngs(1)))
    with begin(tmp_path) as run:
        for _ in range(2):
            run.step(1.0)  # before anybody watches
        run.watch(model)
        run.step(1.0)  # nothing to compare it with
        model.layers[0].kernel[...] *= 1.5
        run.step(1.0)
        run.epoch(**given(0))
        with pytest.raises(DataError, match="watches one model"):
            run.watch(model)
    steps = steps_of(open_run(run.path))
    assert steps.layers == ("layers.0", "layers.1")
    assert np.isnan(steps.update_ratio[0, :3]).all()
    assert steps.update_ratio[0, 3, :, 1] == pytest.approx([0.5, 0])
    assert np.isnan(steps.gradient_norm).all()


@pytest.mark.parametrize("every", [0, True, 1.5])
def test_what_cannot_be_watched_is_refused(tmp_path: Path, every: Any) -> None:
    with begin(tmp_path) as run:
        with pytest.raises(DataError, match=r"every so many steps.*from 1"):
            run.watch(object(), every=every)
        with pytest.raises(DataError, match=r"PyTorch, Keras or Flax.*object"):
            run.watch(object())
        run.epoch(**given(0))


def trained_torch(run: LoggedRun | None, every: int = 1) -> tuple[Any, list[Any], list[Any]]:
    """A small network after five steps; its first kernel before each, and that one's gradients."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
    optimizer = torch.optim.AdamW(net.parameters(), 0.01)
    if run is not None:
        run.watch(net, optimizer, every=every)
    x, y = torch.randn(20, 4), torch.arange(20) % 2
    kernels, gradients = [net[0].weight.detach().clone()], []
    for _ in range(5):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(x), y)
        loss.backward()
        gradients.append(net[0].weight.grad.clone())
        optimizer.step()
        kernels.append(net[0].weight.detach().clone())
        if run is not None:
            run.step(loss)
    return net, kernels, gradients


def test_a_pytorch_module_is_watched_by_its_optimizer_and_trained_to_the_bit(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    plain, _, _ = trained_torch(None)
    with begin(tmp_path) as run:
        net, kernels, gradients = trained_torch(run)
        run.epoch(**given(0))
        hooks = run._steps.watch._optimizer  # type: ignore[union-attr]
        with pytest.raises(DataError, match="watched by its optimizer"):
            begin(tmp_path).watch(net)
    assert not hooks._optimizer_step_pre_hooks  # whose run has ended
    for ours, theirs in zip(net.parameters(), plain.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    steps = steps_of(open_run(run.path))
    assert steps.layers == ("0", "2")
    ratios = [float((b - a).abs().mean() / a.abs().mean()) for a, b in pairwise(kernels)]
    assert steps.update_ratio[0, :, 0, 1] == pytest.approx(ratios, rel=1e-5)
    assert steps.gradient_norm[0, :, 0, 1] == pytest.approx(
        [float(one.norm()) for one in gradients], rel=1e-5
    )
    assert steps.learning_rate[0, :, 1] == pytest.approx([0.01] * 5)
    assert np.isfinite(steps.loss).all()


def test_every_second_step_of_a_pytorch_module(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        trained_torch(run, every=2)
        run.epoch(**given(0))
    known = ~np.isnan(steps_of(open_run(run.path)).update_ratio[0, :, 0, 1])
    assert known.tolist() == [True, False, True, False, True]


def test_further_numbers_have_a_course_by_step(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        for step in range(3):
            run.step(1.0, **({"margin": 10.0 * step} if step % 2 == 0 else {}), **{"loss of <b>": step})
        run.epoch(**given(0))
        run.step(1.0, late=3.0)  # the first epoch has none: its mean alone is kept
        run.epoch(**given(1))
    found = open_run(run.path)
    steps = steps_of(found)
    assert list(steps.further) == ["loss of <b>", "margin"]
    np.testing.assert_array_equal(steps.further["margin"][0, :, 1], [0, np.nan, 20])
    assert np.isnan(steps.further["margin"][1]).all()
    assert course(found).numbers["late"] == (None, 3)
    assert step_numbers(found)["margin, by step"] == (0, None, 20, None)
    assert verify(found.path).ok


def test_steps_take_bounded_memory_and_their_extremes_are_kept() -> None:
    count = 5 * MOST_BLOCKS + 3
    values = np.random.default_rng(0).normal(size=(count, 1))
    values[count // 2] = 99
    columns = StepColumns()
    for at, part in enumerate(np.array_split(values, 77)):
        columns.extend(["loss"] if at else ["loss", "begin"], part if at else np.tile(part, 2))
    assert sum(part.nbytes for part in columns._parts) <= MOST_BLOCKS * 2 * 4 * 8
    assert (columns.steps, columns.stride) == (count, 8)
    stored = columns.columns(["loss", "begin", "never"], MOST_COLUMNS)
    assert stored[:, 0, 0].min() == np.float32(values.min())
    assert stored[:, 0, 2].argmax() in {MOST_COLUMNS // 2 - 1, MOST_COLUMNS // 2}
    assert columns.mean("loss") == pytest.approx(values.mean())
    assert np.isnan(stored[-1, 1]).all()
    assert np.isnan(stored[:, 2]).all()
    short = StepColumns()
    for part in np.array_split(values[:1000], 7):
        short.extend(["loss"], part)
    np.testing.assert_array_equal(short.columns(["loss"], 512), in_columns(values[:1000], 512))


def test_a_person_pauses_and_stops_a_training_from_the_page(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        run.step(1.0)
        run.epoch(**given(0))
        write_control(run.path, "pause")
        Timer(1.2, write_control, (run.path, "stop")).start()  # a report comes twice a second
        time.sleep(LOOK)
        began = time.monotonic()
        run.step(1.0)
        pytest.fail("the training went on")
    assert run.stopped
    assert time.monotonic() - began > 0.8
    stopped = open_run(run.path)
    assert stopped.status().state == "interrupted"
    assert stopped.status().message == PAUSED
    with begin(tmp_path, resume=run.id) as again:
        again.step(1.0)  # what an earlier one was asked for is forgotten
        again.epoch(**given(1))
        write_control(again.path, "stop")
        again.epoch(**given(2))
        pytest.fail("the training went on")
    assert not again.path.joinpath("control.json").exists()
    series = open_run(run.path).series("teacher")
    assert series is not None
    assert series.epochs == 3  # the epoch that was asked is committed


@pytest.mark.parametrize("wrong", ["text", "folder", "link", "unknown", "list", "long"])
def test_a_control_file_that_asks_for_nothing_is_ignored_and_said_once(tmp_path: Path, wrong: str) -> None:
    path, said = tmp_path / "control.json", list[str]()
    stop = json.dumps({"command": "stop"})
    if wrong == "folder":
        path.mkdir()
    elif wrong == "link":
        (tmp_path / "elsewhere").write_text(stop)
        path.symlink_to(tmp_path / "elsewhere")
    else:
        texts = {"text": "stop", "unknown": '{"command": "rm"}', "list": "[" * 900, "long": stop + " " * 999}
        path.write_text(texts[wrong])
    control = RunControl(tmp_path, said.append)
    assert [control.command(), control.command()] == ["go", "go"]
    assert len(said) == 1
    if wrong == "folder":
        with pytest.raises(StoreError, match="stop it where it was started"):
            write_control(tmp_path, "stop")
    else:
        write_control(tmp_path, "stop")
        assert (control.command(), path.is_symlink()) == ("stop", False)


def test_alarms_call_a_function_once_and_stand_in_the_summary(tmp_path: Path) -> None:
    rung: list[Alarm] = []
    with begin(tmp_path, on_alarm=rung.append) as run:
        shifted = np.where(TEST, LABELS, (LABELS + 1) % 3)  # what it learns is not what the labels say
        logits = 9 * np.eye(3, dtype=np.float32)[shifted]
        for _ in range(4):
            run.epoch(logits=logits, features=logits)
    found = open_run(run.path)
    assert {alarm.rule: alarm.epoch for alarm in rung} == found.summary["alarms"]
    assert len({alarm.rule for alarm in rung}) == len(rung)
    assert found.summary["alarms"]["worse_than_guessing"] == 3
    with begin(tmp_path) as healthy:
        healthy.step(None)
        healthy.epoch(**given(0))
    assert "alarms" not in open_run(healthy.path).summary


def test_steps_of_the_epoch_under_way_are_seen_before_it_ends(tmp_path: Path) -> None:
    with begin(tmp_path) as run:
        for loss in (4.0, 2.0, 1.0):
            run.step(loss)
        run.epoch(**given(0))
        run.step(3.0, accuracy=0.25)
        time.sleep(PERIOD)
        run.step(1.0)
        (row,) = read_live(run.path, 1)
        assert (row["step"], row["loss"], row["accuracy"]) == (1, 3.0, 0.25)  # the last may still be computed
        assert open_run(run.path).status().message == "epoch 2/4 loss 3.00"
        found = recorded_course(open_run(run.path), 240)
        assert found is not None
        drawn = with_live(found, read_live(run.path, 1), 1, 3, 60)
        assert drawn.ends.tolist() == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3])
        assert drawn.loss.tolist() == [4, 2, 1, 3]
        run.epoch(**given(1))
    assert not run.path.joinpath("live.bin").exists()
