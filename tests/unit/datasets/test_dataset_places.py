"""Where images are looked for, and what is said where there are none."""

from pathlib import Path

import numpy as np
import platformdirs
import pytest

from deepvid.config import Dataset
from deepvid.datasets import DataFolder, load, places
from deepvid.datasets.contract import Request
from deepvid.datasets.finding import Original
from deepvid.datasets.idx import FILES, Idx
from deepvid.errors import DataError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DEEPVID_DATA", raising=False)
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: tmp_path / "cache" / name)
    return tmp_path / "cache" / "deepvid" / "data"


def doodles(folder: Path, value: int, name: str = "quickdraw345x100.npz") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    images = np.full((10, 8, 8), value, np.uint8)
    np.savez(folder / name, images=images, labels=np.arange(10) % 2, classes=["cat", "bus"])


def value(data: Path | None = None, path: str | None = None) -> int:
    config = Dataset(source="quickdraw", path=None if path is None else Path(path))
    return int(load(config, data=data, seed=0).images[0, 0, 0, 0])


def test_the_order_is_argument_variable_cache(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, folder in enumerate((tmp_path / "given", tmp_path / "variable", cache), 7):
        doodles(folder / "quickdraw", number)
    assert value() == 9
    monkeypatch.setenv("DEEPVID_DATA", str(tmp_path / "variable"))
    assert value() == 8
    assert value(tmp_path / "given") == 7
    assert [place.origin for place in places(tmp_path)] == ["--data", "$DEEPVID_DATA", "the user's cache"]


def test_a_place_may_hold_the_files_itself(tmp_path: Path) -> None:
    doodles(tmp_path, 5)
    assert value(tmp_path) == 5


def test_a_path_is_looked_up_in_the_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    doodles(tmp_path / "data" / "quickdraw", 6, "own.npz")
    assert value(tmp_path / "data", "own.npz") == 6
    assert value(tmp_path, "data/quickdraw/own.npz") == 6
    monkeypatch.chdir(tmp_path / "data" / "quickdraw")
    assert value(None, "own.npz") == 6


def test_absent_images_are_one_error_with_all_places(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(DataError) as error:
        value(tmp_path / "nowhere")
    assert f"{tmp_path / 'nowhere'} (--data, no such folder)" in error.value.found
    assert "$DEEPVID_DATA is not set" in error.value.found
    assert str(cache) in error.value.found
    assert "quickdraw345x100.npz" in error.value.action


def test_a_path_that_is_nowhere(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no nothing\.npz; looked in"):
        value(tmp_path, "nothing.npz")


def test_a_folder_with_some_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte.gz").touch()
    with pytest.raises(DataError, match="not all of them in"):
        load(Dataset(source="mnist", path=tmp_path), seed=0)


def test_what_the_system_refuses_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"can be read.*name too long"):
        value(tmp_path, "x" * 300)


def test_a_source_without_an_address(tmp_path: Path) -> None:
    source = Idx("own", ("a", "b"), {name: Original("0" * 64) for name in FILES})
    with pytest.raises(DataError, match=r"no address to get them from; looked in"):
        source.read(Request(None, (DataFolder(tmp_path, "--data"),)))
