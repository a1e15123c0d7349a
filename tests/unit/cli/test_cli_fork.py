"""`deepvid fork`: a run of its own, beside its control and placebos."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from micro import Recorder, experiment, run

from dashboards.data.commands import continuation
from dashboards.data.forks import family_of, fork_command
from dashboards.session.address import rows
from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step
from deepvid.cli.main import main
from deepvid.config import Freeze, LeaveOut, Rate, Reorder, Reset, Stop, experiment_from
from deepvid.errors import StoreError
from deepvid.forks import (
    Outcome,
    change_of,
    forks_of,
    options_of,
    outcome,
    sentence,
    with_changes,
    words_of_changes,
)
from deepvid.store import Run, keep_named, list_runs, open_run

pytestmark = pytest.mark.long

TEACHER = {"network": {"kind": "mlp", "hidden": [8]}, "epochs": 3, "batch": 20}


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Run:
    wanted = experiment(teacher=TEACHER, projections=[])
    return run(tmp_path_factory.mktemp("forks") / "runs", wanted, Recorder(), "teacher")


def leaves(*arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", ["deepvid", *arguments])  # what a run says that it was begun by
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
    return int(str(caught.value.code))


def test_a_fork_has_the_epochs_of_its_control_then_its_own_and_is_compared(
    control: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    store = control.path.parent
    options = ("--store", str(store), "--after=2", "--freeze=hidden1", "--leave-out=1,2", "--json")
    assert leaves("fork", control.id, *options) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["control"], said["after"]) == (control.id, 2)
    fork, placebo = said["forks"]
    assert (fork["placebo"], placebo["placebo"]) == (False, True)
    assert fork["change"] == "hidden1 frozen, without 2 images, after epoch 2"
    own, other = (open_run(store / one["fork"]).series("teacher") for one in (fork, placebo))
    theirs = control.series("teacher")
    assert own is not None
    assert other is not None
    assert theirs is not None
    for series in (own, other):
        mine, his = (one.open()["parameters"].to_numpy() for one in (series, theirs))
        assert (mine[:2] == his[:2]).all()
        assert (mine[2] != his[2]).any()
    # What it says is what the store has.
    forks = {one.run.id: one for one in forks_of(control, [open_run(row.path) for row in list_runs(store)])}
    assert forks.keys() == {fork["fork"], placebo["fork"]}
    found = outcome(control, forks[fork["fork"]].run)
    assert found is not None
    label = control.stages["dataset"].open()["label"].to_numpy()
    answers = own.open()
    right = answers["test_logits"].to_numpy()[-1].argmax(axis=1) == label[answers["sample"].to_numpy()]
    assert found.accuracy == fork["accuracy"] == right.mean()
    assert found.only_fork - found.only_control == round(found.difference * len(right))
    family = family_of(open_run(store / fork["fork"]), list_runs(store))
    assert family.control is not None
    assert (family.control.id, family.control.fork.changes) == (control.id, forks[fork["fork"]].changes)
    assert [one.accuracy for one in family.control.placebos] == [placebo["accuracy"]]
    # Again, it is the same run: nothing is trained twice.
    before = {row.id: row.time for row in list_runs(store)}
    assert leaves("fork", control.id, *options) == 0
    assert {row.id: row.time for row in list_runs(store)} == before


def test_a_fork_of_a_fork_is_beside_that_one(control: Run, capsys: pytest.CaptureFixture[str]) -> None:
    store = control.path.parent
    assert leaves("fork", control.id, "--store", str(store), "--after=1", "--rate=0.5", "--placebos=0") == 0
    (first,) = (
        fork
        for fork in forks_of(control, [open_run(row.path) for row in list_runs(store)])
        if isinstance(fork.changes[0], Rate)
    )
    assert leaves("fork", first.run.id, "--store", str(store), "--after=2", "--stop", "--placebos=0") == 0
    text = capsys.readouterr().out
    assert "stopped, after epoch 2: accuracy" in text
    (second,) = forks_of(first.run, [open_run(row.path) for row in list_runs(store)])
    assert second.changes == (Stop(after=2),)
    series = second.run.series("teacher")
    assert series is not None
    assert (series.epochs, series.planned) == (2, 2)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--after=3", "--rate=2"], "before the last of its 3 epochs: rate is after 3"),
        (["--after=1", "--freeze=hidden7"], "names a layer of the network.*hidden7"),
        (["--after=1", "--delete=hidden1"], "at least 1|one or more"),
        (["--after=1", "--delete=hidden1:8"], "units of hidden1 are 0 to 7"),
        (["--after=1", "--delete=hidden1:a"], "whole numbers with commas.*'a'"),
        (["--after=1", "--leave-out=69"], "are training images.*69"),
        (["--after=1", "--rate=0"], "rate"),
        (["--after=0", "--stop"], "must leave an epoch"),
        (["--after=1", "--placebos=0"], "A fork changes something"),
        (["--after=1", "--leave-out=nothing.csv"], "No such file"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_run(
    control: Run, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    before = [row.id for row in list_runs(control.path.parent)]
    assert leaves("fork", control.id, "--store", str(control.path.parent), *options) == 2

    assert re.search(says, " ".join(capsys.readouterr().err.split()))
    assert [row.id for row in list_runs(control.path.parent)] == before


def test_images_come_from_a_file_of_marks_without_its_test_images(
    control: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test = control.stages["dataset"].open("test")["test"].to_numpy()
    trained, tested = np.flatnonzero(~test)[:3], np.flatnonzero(test)[:2]
    lines = "".join(f"{sample},x\n" for sample in (*tested, *trained))
    (tmp_path / "marks.csv").write_text(f"sample,why\n{lines}")
    options = ("--store", str(control.path.parent), "--after=1", "--placebos=0", "--json")
    assert leaves("fork", control.id, *options, "--leave-out", str(tmp_path / "marks.csv")) == 0
    assert json.loads(capsys.readouterr().out)["forks"][0]["change"] == "without 3 images, after epoch 1"
    (tmp_path / "marks.csv").write_text(f"sample\n{tested[0]}\n")
    assert leaves("fork", control.id, *options, "--leave-out", str(tmp_path / "marks.csv")) == 2
    assert "1 test image in marks.csv" in capsys.readouterr().err


def test_images_come_from_a_selection_with_a_name(control: Run, capsys: pytest.CaptureFixture[str]) -> None:
    trained = np.flatnonzero(~control.stages["dataset"].open("test")["test"].to_numpy())
    steps = (Step(Mode.REPLACE, Samples(tuple(trained[:4].tolist()))),)
    keep_named(control, "odd ones", rows(steps), "training")
    options = ("--store", str(control.path.parent), "--after=1", "--placebos=0", "--json")
    assert leaves("fork", control.id, *options, "--leave-out=odd ones") == 0
    assert json.loads(capsys.readouterr().out)["forks"][0]["change"] == "without 4 images, after epoch 1"
    assert leaves("fork", control.id, *options, "--leave-out=even ones") == 2
    assert "'odd ones'" in capsys.readouterr().err
    made = fork_command(control, (LeaveOut(after=1, samples=(1, 2)),), 1, 0, "odd ones")
    assert made.computation.options == ("--after=1", "--leave-out=odd ones")


def test_the_rest_of_a_fork_is_computed_by_continuing_it(control: Run) -> None:
    store = control.path.parent
    assert leaves("fork", control.id, "--store", str(store), "--after=1", "--rate=3", "--placebos=0") == 0
    runs = [open_run(row.path) for row in list_runs(store)]
    (fork,) = (one for one in forks_of(control, runs) if one.changes == (Rate(after=1, factor=3),))
    assert fork.run.provenance["argv"][1:2] == ["fork"]
    assert continuation(fork.run).text == f"deepvid continue {fork.run.id} --store {store}"


def test_keys_of_a_run_without_changes_are_what_they_were() -> None:
    plain = experiment_from({"name": "a", "teacher": {"epochs": 5}})
    listed = experiment_from({"name": "a", "teacher": {"epochs": 5, "changes": []}})
    assert plain == listed
    changed = with_changes(plain, [Freeze(after=1, layer="stem")])
    assert changed.teacher.changes == (Freeze(after=1, layer="stem"),)  # type: ignore[union-attr]
    elsewhere = experiment_from({"name": "a", "teacher": {"source": "onnx", "path": "a.onnx"}})
    with pytest.raises(StoreError, match=r"changes a training that DeepVID does.*onnx"):
        with_changes(elsewhere, [Stop(after=1)])


def test_words_options_and_the_sentence() -> None:
    changes = (
        Reset(after=3, layer="stem", units=(1, 2)),
        Rate(after=3, factor=0.1),
        LeaveOut(after=3, samples=(5,)),
    )
    assert (
        words_of_changes(changes) == "2 units of stem drawn anew, rate x 0.1, without 1 image, after epoch 3"
    )
    assert options_of(changes) == ["--after=3", "--reset=stem:1,2", "--rate=0.1", "--leave-out=5"]
    assert (
        words_of_changes((Reorder(after=0, seed=2),)) == "another order of the images (2), from the beginning"
    )
    exact = change_of("rate", 1, factor=0.1234567891)
    assert options_of((exact,)) == ["--after=1", "--rate=0.1234567891"]
    assert change_of("freeze", 2, layer="stem") == Freeze(after=2, layer="stem")
    better = Outcome(0.85, 0.80, 60, 10, 1e-6)
    placebo = Outcome(0.79, 0.80, 20, 30, 0.2)
    assert sentence(better, [placebo]) == (
        "accuracy +.0500 against its control (.8000): more than a fork that changes nothing but the order of "
        "the images (.0100), as chance alone goes once in 2"
    )
    assert "no more than" in sentence(placebo, [placebo])
    assert "no fork that changes nothing" in sentence(better, [])
