"""Pictures in class folders."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepvid.config import Dataset
from deepvid.datasets import ImageData, load
from deepvid.errors import DataError


def save(path: Path, value: int = 0, mode: str = "L", size: tuple[int, int] = (9, 8)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    color = value if mode in ("L", "P", "I;16", "1") else (value, 0, 255)[: len(mode)]
    if mode == "RGBA":
        color = (value, 0, 255, 128)
    Image.new(mode, size, color).save(path)
    return path


def load_folder(folder: Path, **settings: float) -> ImageData:
    return load(Dataset(source="folder", path=folder, **settings), seed=0)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    for number in range(5):
        save(tmp_path / "dog" / f"{number}.png", 100 + number)
        save(tmp_path / "cat" / f"{number}.PNG", 200 + number)
    (tmp_path / "cat" / "notes.txt").write_text("not a picture")
    (tmp_path / ".hidden").mkdir()
    return tmp_path


def test_folders_are_classes_in_alphabetical_order(pets: Path) -> None:
    data = load_folder(pets)
    assert data.class_names == ("cat", "dog")
    assert data.images.shape == (10, 8, 9, 1)
    assert ((data.images[:, 0, 0, 0] < 150) == data.labels).all()
    assert list(data.checksums) == [pets.name]


def test_the_split_is_stratified_seeded_and_as_large_as_told(pets: Path) -> None:
    data = load_folder(pets, test_share=0.4)
    assert np.bincount(data.labels[data.test]).tolist() == [2, 2]


def test_train_and_test_folders_are_the_split(pets: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("split")
    for name in ("a", "b"):
        save(root / "train" / name / "1.jpg", 30)
        save(root / "train" / name / "2.jpeg", 30)
        save(root / "test" / name / "1.png", 60)
    data = load_folder(root)
    assert data.test.tolist() == [False] * 4 + [True] * 2
    assert (data.images[data.test] == 60).all()
    assert abs(data.images[~data.test].astype(int) - 30).max() <= 2  # JPEG is lossy


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_one_colored_picture_makes_all_of_them_colored(pets: Path, mode: str) -> None:
    save(pets / "cat" / "0.PNG", 7, mode)
    data = load_folder(pets)
    assert data.images.shape == (10, 8, 9, 3)
    colors = {tuple(image[0, 0].tolist()) for image in data.images}
    laid_on_white = (131, 127, 255)  # 7 and 0 at an opacity of 128 of 255: 3.5 and 0, and 127 of white
    assert {laid_on_white if mode == "RGBA" else (7, 0, 255), (104, 104, 104)} <= colors


def test_the_checksum_follows_the_pixels(pets: Path) -> None:
    before = load_folder(pets).checksums
    assert load_folder(pets).checksums == before
    save(pets / "dog" / "0.png", 1)
    assert load_folder(pets).checksums != before


def test_an_unreadable_picture_is_named(pets: Path) -> None:
    (pets / "dog" / "3.png").write_bytes(b"not a picture")
    with pytest.raises(
        DataError, match=r"(?s)1 of 10 .*dog/3\.png: no picture of a format.*Repair or remove"
    ):
        load_folder(pets)


def test_a_large_picture_is_refused_before_it_is_decoded(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(pets / "dog" / "3.png", size=(4000, 3000))
    decoded: list[tuple[int, int]] = []
    convert = Image.Image.convert
    monkeypatch.setattr(
        Image.Image, "convert", lambda self, *mode: decoded.append(self.size) or convert(self, *mode)
    )
    with pytest.raises(DataError, match=r"128x128.*3000x4000 gray \(dog/3\.png\)"):
        load_folder(pets)
    assert set(decoded) == {(9, 8)}


def test_a_class_with_test_images_only(tmp_path: Path) -> None:
    for place in ("train/a", "train/b", "test/a", "test/b", "test/c"):
        save(tmp_path / place / "1.png")
    with pytest.raises(DataError, match=r"Every class has training images.*none of c"):
        load_folder(tmp_path)


def test_a_single_class(tmp_path: Path) -> None:
    save(tmp_path / "a" / "1.png")
    with pytest.raises(DataError, match=r"2 to 1,000 classes.*1 \(a\)"):
        load_folder(tmp_path)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="one folder of images per class"):
        load_folder(tmp_path)


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="names a folder"):
        load_folder(save(tmp_path / "1.png"))
