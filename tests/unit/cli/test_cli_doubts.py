"""`deepvid doubts`: a list that a training takes back."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from diagnosed import causes_group
from micro import Recorder, experiment, run
from micro_runs import MicroRuns, copied

from deepvid.cli.main import main
from deepvid.store import Mark, keep_marks, open_run, open_writer

pytestmark = pytest.mark.long


def called(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main(["doubts", *map(str, arguments)])
    return int(left.value.code or 0)


@pytest.mark.parametrize("earlier", [False, True])
def test_a_list_of_doubts_is_what_a_data_set_takes_back(
    micro_runs: MicroRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, earlier: bool
) -> None:
    path = copied(micro_runs.residual(), tmp_path)
    made = open_run(path)
    label = made.stages["dataset"].open()["label"].to_numpy()
    predicted = made.stages["teacher"].open()["logits"].to_numpy().argmax(axis=1)
    test = made.stages["dataset"].open()["test"].to_numpy()
    some = np.flatnonzero(test & (predicted != label))[:3].tolist()
    found = [{"label_doubt": (value, 6.0, 0.1)} for value in (1.2, 0.4, 2.0)]
    with open_writer(path.parent, path.name, config=made.config, provenance={}) as writer:
        writer.commit_stage("causes", "c" * 12, causes_group(some, found, earlier=earlier))
    output = tmp_path / "labels.csv"
    assert called(path, "-o", output) == 0
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["sample"]) for row in rows] == [some[2], some[0]]
    names = made.class_names
    assert [row["label"] for row in rows] == [names[predicted[one]] for one in (some[2], some[0])]
    assert [row["was"] for row in rows] == [names[label[one]] for one in (some[2], some[0])]
    assert (
        "2 of 3 misclassified images have a doubtful label, 0 of them training images"
        in capsys.readouterr().out
    )
    assert called(path, "--least", "0.3", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 3
    keep_marks(made, {some[0]: Mark("", "", int(label[some[0]]), right=True), some[2]: Mark("", "", None)})
    assert called(path, "--json") == 0
    assert [row["sample"] for row in json.loads(capsys.readouterr().out)] == [str(some[2])]
    assert called(path, "-o", output) == 2  # nothing is lost
    wanted = experiment(dataset={"train": 40, "test": 30, "labels": str(output)})
    taken = run(tmp_path / "again", wanted, Recorder(), "dataset").stages["dataset"].open()
    assert np.flatnonzero(taken["label"].to_numpy() != label).tolist() == sorted([some[0], some[2]])


def test_what_was_learned_by_heart_is_listed_where_it_is_asked_for(
    micro_runs: MicroRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied(micro_runs.residual(), tmp_path)
    made = open_run(path)
    dataset = made.stages["dataset"].open()
    label, test = dataset["label"].to_numpy(), dataset["test"].to_numpy()
    right = made.stages["teacher"].open()["logits"].to_numpy().argmax(axis=1) == label
    training, error = np.flatnonzero(right & ~test)[:2], np.flatnonzero(~right & test)[:1]
    assert len(training)
    tracked = [*training, *np.flatnonzero(~right & ~test)[:1], *np.flatnonzero(right & test)[:1]]
    group = causes_group(error.tolist(), [{"label_doubt": (2.0, 6.0, 0.1)}])
    assert called(path) == 2
    for followed in (False, True):
        if followed:
            group["tracked"] = ("tracked", np.array(tracked, np.int32))
            group["area"] = ("tracked", -np.arange(1, len(tracked) + 1, dtype=np.float16))
            group["rival"] = ("tracked", ((label[tracked] + 1) % 10).astype(np.int32))
        with open_writer(path.parent, path.name, config=made.config, provenance={}) as writer:
            writer.commit_stage("causes", ("b" if followed else "c") * 12, group)
        capsys.readouterr()
        assert called(path, "--learned") == 0
        told = capsys.readouterr().out
        assert ("is not known" in told) != followed
    assert f"{len(training)} training images are right by now" in told.replace("1 training image ", "")
    assert called(path, "--learned", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [int(row["sample"]) for row in rows] == [*error.tolist(), *training.tolist()[::-1]]
    assert [row["doubt"] for row in rows[1:]] == [""] * len(training)
    assert rows[-1]["area"] == "-1"
    assert rows[-1]["label"] == made.class_names[(label[training[0]] + 1) % 10]


def test_without_causes_it_says_how_to_find_them(
    micro_runs: MicroRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(micro_runs.residual()) == 2
    assert "Find them first: deepvid causes" in capsys.readouterr().err
