"""A student tuned while a person waits, and from the command line, against what the pipeline stored."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from deepvid import config
from deepvid.cli.main import main
from deepvid.engine.client import ThreadEngine
from deepvid.engine.requests import TuneStudent
from deepvid.errors import ConfigError
from deepvid.pipeline import trained
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.tuning import images_of
from deepvid.store import keep_named, open_run
from deepvid.tuning import Grid, Tuned, point

pytestmark = pytest.mark.long

FEW = (
    "--l2",
    "0.001,0.1",
    "--l1",
    "0",
    "--temperature",
    "2",
    "--smoothness",
    "10",
    "--band",
    "0.6",
    "--neighbors",
    "60",
)


@pytest.fixture(scope="module")
def own(tiny_run: Path) -> config.Students:
    return config.Students.model_validate(open_run(tiny_run).config["students"])


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadEngine]:
    """Tries four points, not all."""

    def few(own: config.Students) -> Grid:
        return Grid((2.0,), (1e-3, 1e-1), (0.0,), (10.0,), (0.6, 0.9), (own.neighbors,))

    monkeypatch.setattr("deepvid.engine.handlers.grid_around", few)
    engine = ThreadEngine()
    yield engine
    engine.close()


def test_the_runs_own_point_is_the_student_that_is_stored(
    engine: ThreadEngine, tiny_run: Path, own: config.Students
) -> None:
    run = open_run(tiny_run)
    explained = run.batches("explanations")[0].open()
    judged = np.flatnonzero(np.isfinite(explained["faithfulness"].values[:, 0]).all(axis=1))[0]
    sample = int(explained["sample"][judged])
    job = engine.submit(TuneStudent(tiny_run, sample, own))
    found: Tuned = job.result(timeout=300)
    assert len(found.settings) == 4
    assert found.settings[found.own] == point(own)
    students = run.batches("students")[0].open()
    row = students["sample"].values.tolist().index(sample)
    student = students.isel(student=row, fit=1)
    # One thread there, many here; and its weights are stored in half precision.
    assert found.kl[found.own] == pytest.approx(float(student["kl"]), rel=0.05, abs=1e-4)
    assert found.stability[found.own] == pytest.approx(float(student["stability"]), abs=0.02)
    assert found.agreement[found.own, 0] == pytest.approx(float(student["agreement"]), abs=0.09)  # one of 12
    method = list(explained.attrs["methods"]).index("student")
    leads = list(explained.attrs["judges"]).index("colors")
    stored = explained["faithfulness"].values[judged, method, [leads]]
    np.testing.assert_allclose(found.faithfulness[found.own], stored, atol=0.03)
    assert job.tick is not None
    assert job.tick.done == job.tick.total


def test_a_sample_that_does_not_exist_is_named(
    engine: ThreadEngine, tiny_run: Path, own: config.Students
) -> None:
    with pytest.raises(ConfigError, match="numbered from 0 and below"):
        engine.submit(TuneStudent(tiny_run, 10**6, own)).result(timeout=60)


def command(store: Path, *arguments: str) -> list[str]:
    (run,) = (path.name for path in store.iterdir() if path.is_dir())
    return ["tune", run, "--store", str(store), *arguments]


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def tune(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`deepvid tune` in this process, which has compiled the programs it needs."""

    def tuned(store: Path, *arguments: str) -> Said:
        with pytest.raises(SystemExit) as left:
            main(command(store, *arguments))
        return Said(int(left.value.code or 0), *capsys.readouterr())

    return tuned


def wrong(run: Path, count: int) -> list[int]:
    return [int(sample) for sample in open_run(run).batches("students")[0].open()["sample"].values[:count]]


def test_the_table_is_ranked_and_says_where_the_run_stands(tiny_store: Path, tiny_run: Path) -> None:
    tune = [
        sys.executable,
        "-m",
        "deepvid",
        *command(tiny_store, "--image", str(wrong(tiny_run, 1)[0]), *FEW),
    ]
    done = subprocess.run(tune, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0][:7] == ["rank", "temperature", "l2", "l1", "smoothness", "band", "neighbors"]
    rows = lines[1:3]
    kls = [float(row[row.index("60") + 1]) for row in rows]
    assert kls == sorted(kls)
    (own,) = (row for row in rows if "run" in row)
    assert "0.001" in own
    assert any("*" in row for row in rows)
    assert f"the run's settings rank {own[own.index('run') + 1]} of 2 by held-out KL" in done.stdout


def test_the_mean_color_is_read_once_for_all_images(tiny_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    opened = TrainedRun.open(tiny_run)
    monkeypatch.setattr(trained, "fitted", lambda test: read.append(opened.run.id) or ~test)
    samples = wrong(tiny_run, 3)
    assert [image.sample for image in images_of(opened, samples)] == samples
    assert len(read) == 1


def test_a_selection_is_tuned_as_a_whole(tiny_run: Path, tmp_path: Path, tune: Callable[..., Said]) -> None:
    path = Path(shutil.copytree(tiny_run, tmp_path / tiny_run.name))
    samples = wrong(path, 3)
    keep_named(open_run(path), "hard ones", [["replace", "samples", samples]])
    done = tune(tmp_path, "--selection", "hard ones", "--limit", "2", "--json", *FEW)
    assert done.code == 0, done.err
    assert "3 images are in 'hard ones': the first 2 are tuned. More: --limit 3" in " ".join(done.err.split())
    found: dict[str, Any] = json.loads(done.out)
    assert found["images"] == sorted(samples)[:2]
    assert len(found["points"]) == 2
    kls = [row["kl"] for row in found["points"]]
    assert all(low <= value <= high for value, low, high in kls)
    assert kls[0][0] <= kls[1][0]
    assert found["run"]["settings"]["l2"] == 0.001
    assert found["points"][found["run"]["rank"] - 1]["settings"] == found["run"]["settings"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "neither"),
        (("--image", "3", "--selection", "x"), "both an image and a selection"),
        (("--image", "3", "--l2", "0.1,none,-1"), "l2"),
        (("--image", "999999"), "numbered from 0 and below"),
        (("--selection", "nobody's"), "no selection in"),
    ],
)
def test_what_cannot_be_tuned_is_said(
    tiny_store: Path, arguments: tuple[str, ...], said: str, tune: Callable[..., Said]
) -> None:
    done = tune(tiny_store, *arguments)
    assert done.code == 2
    assert said in " ".join(done.err.split())
    assert "Traceback" not in done.err
