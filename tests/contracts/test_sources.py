"""The contract of every source of images; small files of its own format stand for the real ones."""

import hashlib
import io
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from deepvid.config import Dataset, names
from deepvid.datasets import ImageData, load
from deepvid.datasets.catalogue import SOURCES
from deepvid.datasets.cifar10 import Cifar10
from deepvid.datasets.finding import Original
from deepvid.datasets.idx import FILES, Idx, encode, pack
from deepvid.errors import Cancelled
from deepvid.progress import Progress, Tick

CLASSES, EACH, HELD_OUT = 10, 6, 2  # images of each class for training and for test


def pictures(each: int, shape: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    labels = np.arange(CLASSES * each) % CLASSES
    images = np.random.default_rng(seed).integers(0, 256, (len(labels), *shape), dtype=np.uint8)
    return images, labels


def make_idx(folder: Path, name: names.Source, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    arrays = [*pictures(EACH, (28, 28), 0), *pictures(HELD_OUT, (28, 28), 1)]
    originals = {}
    for file, array in zip(FILES, arrays, strict=True):
        content = pack(encode(array.astype(np.uint8)))
        (folder / file).write_bytes(content)
        originals[file] = Original(hashlib.sha256(content).hexdigest())
    source = SOURCES[name]
    assert isinstance(source, Idx)
    monkeypatch.setitem(SOURCES, name, replace(source, originals=originals))
    return Dataset(source=name, path=folder)


def make_fashion_mnist_small(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    return make_idx(folder, "fashion_mnist_small", monkeypatch)


def make_fashion_mnist(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    return make_idx(folder, "fashion_mnist", monkeypatch)


def make_mnist(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    return make_idx(folder, "mnist", monkeypatch)


def make_cifar10(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    source = SOURCES["cifar10"]
    assert isinstance(source, Cifar10)
    checksums = {}
    with tarfile.open(folder / "cifar-10-binary.tar.xz", "w:xz") as tar:
        for seed, name in enumerate(source.checksums):
            images, labels = pictures(2, (3 * 32 * 32,), seed)
            content = np.column_stack([labels.astype(np.uint8), images]).tobytes()
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
            checksums[name] = hashlib.sha256(content).hexdigest()
    monkeypatch.setitem(SOURCES, "cifar10", replace(source, checksums=checksums))
    return Dataset(source="cifar10", path=folder)


def make_quickdraw(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    images, labels = pictures(EACH + HELD_OUT, (28, 28), 0)
    classes = [f"thing {label}" for label in range(CLASSES)]
    np.savez(folder / "quickdraw3x1000.npz", images=images, labels=labels.astype(np.int16), classes=classes)
    return Dataset(source="quickdraw", path=folder)


def make_arrays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    images, labels = pictures(EACH + HELD_OUT, (9, 11, 3), 0)
    np.savez(folder / "own.npz", images=(images / 255).astype(np.float32), labels=labels)
    return Dataset(source="arrays", path=folder / "own.npz")


def make_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    for part, each in (("train", EACH), ("test", HELD_OUT)):
        for number, (image, label) in enumerate(zip(*pictures(each, (8, 10, 3), each), strict=True)):
            place = folder / part / f"class {label}"
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(place / f"{number}.png")
    return Dataset(source="folder", path=folder)


def make_table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    rows = ["path,label,split"]
    for part, each in (("train", EACH), ("test", HELD_OUT)):
        for number, (image, label) in enumerate(zip(*pictures(each, (8, 10, 3), each), strict=True)):
            Image.fromarray(image).save(folder / f"{part} {number}.png")
            rows.append(f"{part} {number}.png,class {label},{part}")
    (folder / "own.csv").write_text("\n".join(rows))
    return Dataset(source="table", path=folder / "own.csv")


MAKERS: dict[str, Callable[[Path, pytest.MonkeyPatch], Dataset]] = {
    name.removeprefix("make_"): maker
    for name, maker in globals().items()
    if name.startswith("make_") and name != "make_idx"
}


@pytest.fixture(params=SOURCES)
def config(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    return MAKERS[request.param](tmp_path, monkeypatch)


def same(first: ImageData, second: ImageData) -> bool:
    return all(np.array_equal(*pair) for pair in zip(first[:3], second[:3], strict=True))


def test_the_catalogue_holds_the_names_of_the_configuration() -> None:
    assert set(SOURCES) == set(get_args(names.Source)) == set(MAKERS)


def test_arrays_are_what_a_run_stores(config: Dataset) -> None:
    data = load(config, seed=0)
    samples = len(data.labels)
    assert data.images.dtype == np.uint8
    assert data.images.ndim == 4
    assert data.images.shape[3] in (1, 3)
    assert data.images.flags.c_contiguous
    assert data.labels.dtype == np.int32
    assert data.labels.shape == data.test.shape == (samples,)
    assert data.test.dtype == bool
    assert len(data.images) == samples == CLASSES * (EACH + HELD_OUT) or config.source == "cifar10"
    assert len(data.class_names) == CLASSES == len(set(data.class_names))
    assert data.images.std() > 50  # noise of all values: the standard deviation is near 74


def test_training_images_stand_first_and_every_class_has_some(config: Dataset) -> None:
    data = load(config, seed=0)
    first = int((~data.test).sum())
    assert not data.test[:first].any()
    assert data.test[first:].all()
    assert set(data.labels[:first]) == set(range(CLASSES)) == set(data.labels[first:])


def test_checksums_name_what_was_read(config: Dataset) -> None:
    assert config.path is not None
    checksums = load(config, seed=0).checksums
    assert checksums
    assert all(len(checksum) == 64 for checksum in checksums.values())
    for name, checksum in checksums.items():
        path = config.path / name if config.path.is_dir() else config.path
        if path.is_file() and path.name == name:
            assert checksum == hashlib.sha256(path.read_bytes()).hexdigest()


def test_one_seed_gives_one_selection(config: Dataset) -> None:
    fewer = config.model_copy(update={"train": 20, "test": 10})
    assert same(load(fewer, seed=1), load(fewer, seed=1))
    assert not same(load(fewer, seed=1), load(fewer, seed=2))


def test_caps_keep_the_shares_of_the_classes(config: Dataset) -> None:
    data = load(config.model_copy(update={"train": 20, "test": 10}), seed=0)
    assert np.bincount(data.labels[~data.test]).tolist() == [2] * CLASSES
    assert np.bincount(data.labels[data.test]).tolist() == [1] * CLASSES


def test_swap_draws_from_both_splits(config: Dataset) -> None:
    data = load(config.model_copy(update={"swap": True, "train": 20, "test": 40}), seed=0)
    assert ((~data.test).sum(), data.test.sum()) == (20, 40)
    rows = {row.tobytes() for row in data.images}
    assert len(rows) == 60, "an image is in both splits"
    assert np.bincount(data.labels[data.test]).tolist() == [4] * CLASSES


def test_reading_reports_and_can_be_cancelled(config: Dataset) -> None:
    ticks: list[Tick] = []
    load(config, seed=0, progress=Progress(ticks.append))
    assert ticks
    assert all(tick.done < tick.total and tick.message for tick in ticks)
    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        load(config, seed=0, progress=Progress(cancel=cancel))
