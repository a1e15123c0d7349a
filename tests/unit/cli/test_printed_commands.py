"""Every command that is printed for people to copy works as it stands, on a tiny run."""

import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from content_paths import make_content_path
from nets import linear_onnx
from PIL import Image
from printed import ROOT, Printed, printed

from deepvid.cli.main import main
from deepvid.config import experiment_from
from deepvid.pipeline.runner import RunOptions, run_experiment
from deepvid.store import list_runs, open_run, remove_run, write_archive

pytestmark = pytest.mark.long

MICRO: dict[str, Any] = {
    "dataset": {"train": 40, "test": 100},  # as many as t-SNE needs by default
    "teacher": {"network": {"kind": "mlp", "hidden": [8]}, "epochs": 1, "batch": 20},
    "vae": {"latent": 3, "width": 2, "hidden": 4, "epochs": 1, "batch": 20},
    "projections": [],
    "students": {"limit": 1, "neighbors": 20, "gradient_neighbors": 2},
    "explanations": {"methods": ["student"], "judged": 0},
    "causes": {"limit": 2},
}
LOOKED_AT: dict[str, Any] = {  # which `time-travel` and `network` find: their own tests see them compute
    "time_travel": [{"boundary": 20, "steps": 20, "resolution": 100}],
    "network": {"components": 4, "neighbors": 5, "left_out": 5, "groups": 3, "flips": 4, "maximized": 2},
}
MY_NET = """
from flax import nnx
def build(rngs):
    return nnx.Linear(64, 2, rngs=rngs)
"""
STOPPED = {  # words of commands that compute longest, and the door they stop at: others see them through
    ("reproduce",): "deepvid.pipeline.reproduce.run_experiment",
    ("tune",): "deepvid.pipeline.tuning.tune",
    ("evaluate", "--methods"): "deepvid.pipeline.runner.extend_run",
    ("project", "umap"): "deepvid.pipeline.runner.extend_run",
    ("time-travel", "--evaluate"): "deepvid.pipeline.time_travel.rows_beside",
    ("fit-students", "--scheduler"): "deepvid.pipeline.runner.extend_run",
    ("find-rate",): "deepvid.training.find_rate",
    ("fork",): "deepvid.cli.forking.with_changes",
    ("worker",): "deepvid.pipeline.cluster_worker.serve_workers",
}
FILLED_BY_OTHERS = ("{run}", "{*options}")  # what a run was begun by, as it was typed; settings of a point
COMMANDS = [command for command in printed() if not set(FILLED_BY_OTHERS) & set(command.words)]


class Silent:
    def began(self, *_: object) -> None: ...
    def ticked(self, *_: object) -> None: ...
    def ended(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a person has it: two runs, an archive of a third, experiments, pictures, a content path."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("third", "first", "second"):
        experiment = experiment_from({"name": name, **MICRO, **(LOOKED_AT if name == "first" else {})})
        path = run_experiment(experiment, folder / "runs", RunOptions(Silent(), Event()))
        if name == "third":
            third = path
    write_archive(open_run(third), folder / "run.zip")
    remove_run(third)
    make_content_path(folder / "content_path")
    shutil.copytree(ROOT / "experiments", folder / "experiments")
    for name in ("my.toml", "EXPERIMENT.toml"):
        (folder / name).write_text('name = "my_images"\n[dataset]\nsource = "folder"\npath = "photos"\n')
    (folder / "mine.toml").write_text(
        'name = "mine"\n[dataset]\nsource = "folder"\npath = "photos"\ntest_share = 1\n'
        '[teacher]\nsource = "onnx"\npath = "model.onnx"\n'
    )
    (folder / "model.onnx").write_bytes(linear_onnx((1, 8, 8), 2))
    (folder / "marks.csv").write_text("sample\n0\n")
    (folder / "imagenet.txt").write_text("class 0\nclass 1\nclass 2\n")
    (folder / "my_net.py").write_text(MY_NET)
    (folder / "best.safetensors").touch()  # read when somebody asks
    for number in range(8):
        picture = folder / "photos" / f"class {number % 2}" / f"{number}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), number, np.uint8)).save(picture)
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = Path(shutil.copytree(made, tmp_path / "home"))
    monkeypatch.chdir(folder)
    sys.modules.pop("my_net", None)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 9))
    yield folder
    sys.modules.pop("my_net", None)  # others have modules of that name


def filled(word: str, home: Path) -> str:
    """A word of a command with what a program, or a person who reads a document, puts there."""
    listed = {listing.id.partition("-")[0]: listing.id for listing in list_runs(home / "runs")}
    values = {
        "{run.id}.zip": "out.zip",
        "{run.id}": listed["first"],
        "{run_id}": listed["first"],
        "{stored.id}": listed["first"],
        "{run.path.parent}": str(home / "runs"),
        "{stored.path.parent}": str(home / "runs"),
        "{store}": "runs",
        "{*words}": "--after=0",
        "{sample}": "5",
        "10023": "45",
        "{images}": "class:3",
        "{name}": "cifar10",
        "{listing.path}": "run.zip",
        "{file}": "run.zip",
        "{bucket}": "runs",
        "{self._scheduler}": "tcp://127.0.0.1:8786",
        "ADDRESS": "tcp://127.0.0.1:8786",
        "RUN": listed["first"],
        "OTHER": listed["second"],
        "STORE": "runs",
        "MODEL": "model.onnx",
    }
    for placeholder, value in values.items():
        word = word.replace(placeholder, value)
    return word


def arguments(command: Printed, home: Path) -> list[str]:
    words = [filled(word, home) for word in command.words[1:]]
    written = "out.zip" if "-o" in words else "run.zip"
    return [written if word == "FILE" else word for word in words]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command.words))
def test_it_works_as_it_is_printed(
    command: Printed,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    """A command that trains for minutes, or serves until Ctrl-C, is stopped at a door."""
    begun: list[str] = []
    for door in ("deepvid.pipeline.runner.run_experiment", "deepvid.cli.serving.run_server"):
        monkeypatch.setattr(door, lambda *_, door=door, **__: begun.append(door))
    monkeypatch.setattr("deepvid.cli.running.alarms_of", lambda path: [])  # nothing was trained
    monkeypatch.setattr("deepvid.cli.running.serving_in_background", lambda *_, **__: Waiting())
    stops = [door for words, door in STOPPED.items() if {*words} <= {*command.words}]
    for door in stops:
        monkeypatch.setattr(door, stopped)
    if command.words[1] == "archive":
        (home / "run.zip").unlink()  # it writes what the others read
    if command.words[1] == "push":
        request.getfixturevalue("bucket")
    with pytest.raises(SystemExit) as caught:
        main(arguments(command, home))
    told = capsys.readouterr()
    if stops:
        assert "stopped at the door" in told.err
    else:
        assert caught.value.code == 0, f"{command.where}: {told.err}"
    assert bool(begun) == (command.words[1] in ("run", "continue", "demo", "serve", "explain"))


class Waiting:
    """A dashboard that nobody waits for."""

    def __enter__(self) -> Any:
        return lambda: None

    def __exit__(self, *_: object) -> None: ...


def stopped(*_: object, **__: object) -> None:
    raise RuntimeError("stopped at the door")


def test_the_commands_of_pages_of_messages_and_of_documents_are_among_them() -> None:
    found = {command.words[:2] for command in COMMANDS}
    assert {("deepvid", name) for name in ("run", "fit-students", "rm", "archive", "verify", "demo")} <= found
    assert {command.where.partition("/")[0].partition(":")[0] for command in COMMANDS} >= {
        "README.md",
        "dashboards",
        "deepvid",
        "experiments",
    }
