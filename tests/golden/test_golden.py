"""Archives of every version of the format there was are opened, verified and imported."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from deepvid.store import import_archive, open_run, verify, write_archive
from deepvid.store.format.schema import VERSION

FOLDER = Path(__file__).parent
ARCHIVES = sorted(FOLDER.glob("version_*.zip"))


def test_there_is_one_of_every_version() -> None:
    assert [file.name for file in ARCHIVES] == [f"version_{version}.zip" for version in range(1, VERSION + 1)]


@pytest.mark.parametrize("file", ARCHIVES, ids=lambda file: file.stem)
class TestGolden:
    def test_it_is_small(self, file: Path) -> None:
        assert file.stat().st_size < 300_000

    def test_it_is_whole(self, file: Path) -> None:
        (found,) = verify(file).runs
        assert found.ok, found
        assert "teacher epoch 1" in found.good

    def test_it_says_its_version(self, file: Path) -> None:
        with zipfile.ZipFile(file) as found:
            first = json.loads(found.read("journal.jsonl").splitlines()[0])
        assert first["details"]["version"] == int(file.stem.rpartition("_")[2])

    def test_it_is_imported_and_read(self, file: Path, tmp_path: Path) -> None:
        run = open_run(import_archive(file, tmp_path))
        assert set(run.stages) >= {"dataset", "teacher", "vae", "projection-pca-pixels-2d"}
        assert run.summary["state"] == "finished"
        assert run.stages["dataset"].open()["image"].shape == (36, 28, 28, 1)
        assert run.batches("students")[0].open().sizes["student"] == 1
        series = run.series("teacher")
        assert series is not None
        assert series.open().sizes["epoch"] == series.epochs == 2
        state = series.state()
        assert state is not None
        assert all(isinstance(value, np.ndarray) for value in state.values())
        for stage in run.stages.values():
            stage.open().load()

    def test_its_runs_are_archived_alike_still(self, file: Path, tmp_path: Path) -> None:
        """For the newest version only: an older one would be written as a new one."""
        if file.stem == f"version_{VERSION}":
            run = open_run(import_archive(file, tmp_path))
            assert write_archive(run, tmp_path / "again.zip").read_bytes() == file.read_bytes()
