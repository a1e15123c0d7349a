"""The golden archive's experiment again: nothing of it is taken on trust."""

import json
import shutil
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import xarray as xr

from deepvid.cli.main import main
from deepvid.cli.reproducing import _tell
from deepvid.errors import StoreError
from deepvid.pipeline.reproduce import ABSOLUTE, RELATIVE, Reproduction, compared, difference, reproduce
from deepvid.pipeline.runner import RunOptions
from deepvid.store import import_archive, open_run, open_writer, write_archive

GOLDEN = Path(__file__).parents[2] / "golden" / "version_1.zip"
TAKING = ["--take", "teacher", "--take", "vae"]
ORDER: RunOptions = RunOptions(None, Event())  # type: ignore[arg-type]  # nobody listens, for nothing is computed


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (0.0, "equal bytes"),
        (ABSOLUTE / 2, "equal within tolerance"),
        (RELATIVE * 2 + ABSOLUTE, "equal within tolerance"),  # beside a value of 4
        (0.01, "different"),
    ],
)
def test_floats_have_a_tolerance(change: float, outcome: str) -> None:
    first = xr.Dataset({"logits": ("sample", np.array([4.0, 1.0], np.float64))})
    second = first.copy(deep=True)
    second["logits"][0] += change
    result = difference("teacher", first, second)
    assert result.outcome == outcome
    assert result.largest == pytest.approx(change)
    assert result.relative == pytest.approx(change / 4)


@pytest.mark.parametrize(
    ("change", "outcome"), [(0.0145, "equal within tolerance"), (0.03, "different")]
)  # the first is the largest seen of an intercept between versions of JAX
def test_students_move_by_more_than_the_models_they_explain(change: float, outcome: str) -> None:
    first = xr.Dataset({"intercept": (("student", "fit"), np.array([[0.35, 0.1]], np.float32))})
    assert difference("students/0123abcd-0", first, first + np.float32(change)).outcome == outcome
    assert difference("teacher", first, first + np.float32(change)).outcome == "different"


def test_a_fiftieth_of_a_map_or_of_a_derivative_is_what_last_digits_decide() -> None:
    maps = xr.Dataset({"map": (("y", "x"), np.full((4, 4), 100, np.int8))})
    assert difference("explanations/0123abcd-0", maps, maps + np.int8(1)).outcome == "equal within tolerance"
    assert difference("explanations/0123abcd-0", maps, maps + np.int8(3)).outcome == "different"
    weights = xr.Dataset({"weights": (("student", "y", "x"), np.ones((1, 10, 10), np.float32))})
    assert (
        difference("students/0123abcd-0", weights, weights + np.float32(0.005)).outcome
        == "equal within tolerance"
    )
    assert difference("students/0123abcd-0", weights, weights + np.float32(0.03)).outcome == "different"
    gradient = xr.Dataset({"neighborhood_gradient": (("y", "x"), np.array([[4, 0.001]], np.float16))})
    changed = gradient.copy(deep=True)
    changed["neighborhood_gradient"][0, 1] += np.float16(0.03)
    assert difference("students/0123abcd-0", gradient, changed).outcome == "equal within tolerance"
    assert difference("students/0123abcd-0", gradient, gradient + np.float16(0.1)).outcome == "different"


def test_whole_numbers_have_none() -> None:
    first = xr.Dataset({"label": ("sample", np.array([4, 1]))})
    assert difference("dataset", first, first + 1).outcome == "different"
    assert difference("dataset", first, first.rename(label="other")).outcome == "missing"


def test_an_archive_imported_there_is_no_reproduction(tmp_path: Path) -> None:
    import_archive(GOLDEN, tmp_path)
    with pytest.raises(StoreError, match="in a store of its own"):
        reproduce(GOLDEN, tmp_path, ORDER)


def test_students_of_other_settings_than_the_configurations_are_not_asked_for(tmp_path: Path) -> None:
    again = open_run(import_archive(GOLDEN, tmp_path / "again"))
    original = open_run(import_archive(GOLDEN, tmp_path / "original"))
    students, key = original.batches("students")[0].open().load(), again.batches("students")[0].key
    settings = students.attrs["settings"]
    others = {"students/41d7493b-7": {"images": "class:3"}, "students/99999999-0": {"temperature": 1.0}}
    with open_writer(original.path.parent, original.id, config=original.config, provenance={}) as writer:
        for name, other in others.items():
            writer.commit_stage(name, key, students.assign_attrs(settings={**settings, **other}))
    original.poll()
    outcomes = {stage.name: stage for stage in compared(original, again)}
    assert {outcomes.pop(name).outcome for name in others} == {"not asked for"}
    assert {stage.outcome for stage in outcomes.values()} == {"equal bytes"}
    assert Reproduction(again.path, tuple(compared(original, again)), ()).ok
    fewer: Any = SimpleNamespace(series=again.series, stages={**again.stages})
    del fewer.stages["students/41d7493b-0"]
    outcomes = {stage.name: stage for stage in compared(original, fewer)}
    assert outcomes["students/41d7493b-0"].outcome == "missing"


def test_a_batch_whose_stage_has_a_newer_version_is_not_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    original = open_run(import_archive(GOLDEN, tmp_path / "original"))
    name, batch = "students/41d7493b-0", original.stages["students/41d7493b-0"]
    stages = {known: stage for known, stage in original.stages.items() if known != name}
    again: Any = SimpleNamespace(series=original.series, stages={**stages, "students/99999999-0": batch})
    outcomes = {stage.name: stage for stage in compared(original, again)}
    assert outcomes.pop(name).outcome == "newer version"
    assert {stage.outcome for stage in outcomes.values()} == {"equal bytes"}
    reproduction = Reproduction(tmp_path, tuple(compared(original, again)), ())
    assert not reproduction.ok
    _tell(reproduction)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith(name)]
    assert line.split(maxsplit=1)[1].strip().startswith("newer version")
    assert line.endswith("of the stage, or of one that it needs")


@pytest.mark.long
def test_a_run_is_reproduced_and_a_changed_archive_is_found_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here and now twice: the golden archive was made on another machine, where floats may differ."""
    with pytest.raises(SystemExit) as caught:
        main(["reproduce", str(GOLDEN), "-o", str(tmp_path / "first"), "--json"])
    record = json.loads(capsys.readouterr().out)
    outcomes = {stage["name"]: stage["outcome"] for stage in record["stages"]}
    assert outcomes["dataset"] == "equal bytes"
    assert {"teacher", "series teacher", "vae", "projection-tsne-features-2d"} < {*outcomes}
    assert caught.value.code == (0 if record["ok"] else 1)
    assert ["python", "3.11.7", open_run(record["run"]).provenance["python"]] in record["versions"]

    run = open_run(record["run"])
    changed = tmp_path / "changed" / run.id
    shutil.copytree(run.path, changed)
    teacher = run.stages["teacher"].open().load()
    teacher["logits"][3, 0] += 1
    with open_writer(changed.parent, run.id, config=run.config, provenance={}) as writer:
        writer.commit_stage("teacher", "0123456789ab", teacher, metrics=run.stages["teacher"].metrics)
    further = ["--method", "pca", "--of", "pixels", "--dimensions", "3"]
    few = ["--boundary", "20", "--steps", "20", "--resolution", "100"]
    for command in (["project", run.id, *further], ["time-travel", run.id, *few]):  # beside the experiment
        with pytest.raises(SystemExit) as caught:
            main([*command, "--store", str(changed.parent)])
        assert caught.value.code == 0
    capsys.readouterr()
    file = write_archive(open_run(changed), tmp_path / "changed.zip")
    with pytest.raises(SystemExit) as caught:
        main(["reproduce", str(file), "-o", str(tmp_path / "second")])
    printed = capsys.readouterr().out
    assert caught.value.code == 1, printed
    (line,) = [line for line in printed.splitlines() if line.startswith("teacher ")]
    assert "different" in line
    assert "logits" in line
    for further in ("projection-pca-pixels-3d ", "time-travel-parametric ", "series time-travel-parametric "):
        (line,) = [line for line in printed.splitlines() if line.startswith(further)]
        assert "equal" in line
    (line,) = [line for line in printed.splitlines() if line.startswith("series teacher ")]
    assert "equal" in line

    with pytest.raises(SystemExit):
        main(["reproduce", str(GOLDEN), "-o", f"{tmp_path}/third", "--json", *TAKING])
    record = json.loads(capsys.readouterr().out)
    outcomes = {stage["name"]: stage["outcome"] for stage in record["stages"]}
    golden = open_run(import_archive(GOLDEN, tmp_path / "golden"))
    assert open_run(record["run"]).stages["teacher"].digest == golden.stages["teacher"].digest
    assert outcomes["teacher"] == outcomes["vae"] == "from the archive"
    assert not {"series teacher", "series vae"} & {*outcomes}
    assert outcomes["dataset"] == "equal bytes"


def test_what_an_archive_lacks_is_not_taken_from_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="'tacher'"):
        reproduce(GOLDEN, tmp_path / "store", ORDER, ["tacher"])
