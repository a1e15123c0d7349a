"""Content of `pip install .`: both packages with their browser parts, the data and the experiments."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_every_module_and_browser_part_is_there(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for package in ("deepvid", "dashboards"):
        wanted = {
            path.relative_to(ROOT).as_posix()
            for suffix in ("*.py", "*.js", "*.css")
            for path in (ROOT / package).rglob(suffix)
        }
        assert wanted
        assert wanted <= names


def test_data_and_experiments_are_there(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for folder in ("data", "experiments"):
        files = [
            path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        ]
        assert {f"deepvid/_resources/{path.relative_to(ROOT).as_posix()}" for path in files} <= names


def test_the_installed_wheel_finds_its_data_and_starts(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = (
        "import deepvid.resources as r; print(r.__file__);"
        "assert r.experiment('fashion_mnist_small').is_file();"
        "from deepvid.config import Dataset; from deepvid.datasets import load;"
        "assert len(load(Dataset(train=100, test=100), seed=0).images) == 200"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path))
