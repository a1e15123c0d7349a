"""A content path as DVI's tools write it, and what may be wrong with one."""

import os
import pickle
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from content_paths import BIAS, ROWS, TEST, TRAIN, WEIGHT, make_content_path
from hostile import PICKLES, with_pickle
from tensors import save, tensor, view

from deepvid.errors import DataError
from deepvid.timetravel.content_path import open_content_path, read_epoch
from deepvid.timetravel.tensors import read_tensors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_content_path(tmp_path)


def test_an_epoch_is_read_as_maps_need_it(folder: Path) -> None:
    content = open_content_path(folder)
    assert content.epochs == (2, 10)
    np.testing.assert_array_equal(content.label, [*np.arange(30) % 3, *np.arange(6) % 3])
    np.testing.assert_array_equal(content.test, np.arange(30, 36))
    epoch, test = read_epoch(content, 10)
    np.testing.assert_array_equal(epoch.sample, ROWS)
    np.testing.assert_array_equal(epoch.features, TRAIN[ROWS])
    np.testing.assert_array_equal(epoch.boundary, TRAIN[:5] + 1)
    np.testing.assert_array_equal(test, TEST)
    np.testing.assert_allclose(epoch.head(TRAIN), TRAIN @ WEIGHT.T + BIAS, atol=1e-5)


def test_features_may_be_of_the_samples_in_use_alone(folder: Path) -> None:
    np.save(folder / "Model/Epoch_2/train_data.npy", TRAIN[ROWS])
    (folder / "Model/Epoch_2/border_centers.npy").unlink()
    epoch, _ = read_epoch(open_content_path(folder), 2)
    np.testing.assert_array_equal(epoch.features, TRAIN[ROWS])
    assert epoch.boundary.shape == (0, 4)


@pytest.mark.parametrize("name", ["index.json", "train_data.npy", "test_data.npy", "subject_model.pth"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / "Model/Epoch_2" / name).unlink()
    with pytest.raises(DataError, match=f"no file .*{name}"):
        read_epoch(open_content_path(folder), 2)


def test_labels_may_be_whole_floats(folder: Path) -> None:
    path = folder / "Testing_data/testing_dataset_label.pth"
    save(path, tensor(np.arange(6, dtype=np.float32)))
    np.testing.assert_array_equal(open_content_path(folder).label[30:], range(6))
    save(path, tensor(np.arange(6, dtype=np.float32) + 0.5))
    with pytest.raises(DataError, match="one whole number per sample"):
        open_content_path(folder)


def test_a_folder_without_epochs_is_no_content_path(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Give the folder that the training wrote"):
        open_content_path(tmp_path)


class Attack:
    """Unpickled, it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def declared(shape: str) -> bytes:
    """A .npy file of this shape, and without numbers."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def zipped(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, TRAIN)


@pytest.mark.parametrize(
    ("name", "write", "found"),
    [
        ("index.json", lambda path: path.write_text("[0, 0, 1]"), "from 0 to 1"),
        ("index.json", lambda path: path.write_text("[0, 30]"), "from 0 to 30"),
        ("index.json", lambda path: path.write_text('{"a": 1}'), "no such list"),
        ("index.json", lambda path: path.write_text("[0, 1"), "index.json"),
        ("index.json", lambda path: path.write_text("[" * 10**5), "list of rows.*recursion"),
        ("index.json", lambda path: path.write_text(f'["{"x" * 10**6}"{", 1" * 10**6}]'), "no such list"),
        ("index.json", lambda path: path.write_text("[true, false]"), "no such list"),
        ("index.json", lambda path: path.write_text(f"[{10**400}]"), "rows from 10000"),
        ("train_data.npy", lambda path: np.save(path, TRAIN[:9]), "9 rows"),
        ("train_data.npy", lambda path: np.save(path, np.arange(30)), r"int64 of shape \(30,\)"),
        ("train_data.npy", lambda path: np.save(path, TRAIN * np.nan), "24 of 24 samples with NaN"),
        ("train_data.npy", lambda path: path.write_bytes(b""), "numbers, and nothing"),
        ("train_data.npy", lambda path: path.write_bytes(declared("(30, 10000000000000)")), "numbers, and"),
        ("train_data.npy", lambda path: path.write_bytes(declared("(" * 9000)), "numbers, and nothing"),
        ("train_data.npy", lambda path: path.write_bytes(declared("-" * 9000)), "numbers, and nothing"),
        ("train_data.npy", lambda path: path.write_bytes(declared("(True, None)")), "numbers, and nothing"),
        ("train_data.npy", zipped, "numbers, and nothing"),
        ("test_data.npy", lambda path: np.save(path, TEST[:2]), "2 rows"),
        ("test_data.npy", lambda path: np.save(path, TEST[:, :2]), "4 and 2"),
        ("border_centers.npy", lambda path: np.save(path, TRAIN[:, :3]), r"\(30, 3\)"),
        ("subject_model.pth", lambda path: save(path, {"fc.weight": tensor(WEIGHT)}), "1 parameters"),
        ("subject_model.pth", lambda path: save(path, tensor(WEIGHT)), "0 parameters"),
        ("subject_model.pth", lambda path: save(path, {"fc.weight": [[1], [1]]}), "1 parameters"),
        ("subject_model.pth", lambda path: save(path, {7: tensor(WEIGHT)}), "1 parameters"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_named(
    folder: Path, name: str, write: Any, found: str
) -> None:
    write(folder / "Model/Epoch_2" / name)
    with pytest.raises(DataError, match=found):
        read_epoch(open_content_path(folder), 2)


def test_a_pickled_object_is_refused_and_never_run(folder: Path) -> None:
    made = folder / "made"
    epoch = folder / "Model/Epoch_2"
    save(epoch / "subject_model.pth", Attack(made))
    with pytest.raises(DataError, match=r"the Python object (posix|nt)\.mkdir"):
        read_epoch(open_content_path(folder), 2)
    np.save(epoch / "train_data.npy", np.array([Attack(made)], object), allow_pickle=True)
    with pytest.raises(DataError, match=r"train_data\.npy"):
        read_epoch(open_content_path(folder), 2)
    assert not made.exists()


def test_a_model_saved_whole_is_refused(tmp_path: Path) -> None:
    """torch.save(model, path) names its class, whose code would be run."""
    save(tmp_path / "model.pth", Path())
    with pytest.raises(DataError, match="Save tensors alone"):
        read_tensors(tmp_path / "model.pth")


NUMBERS = np.arange(12, dtype=np.float32)


def test_tensors_are_read_as_they_lie_in_their_storage(tmp_path: Path) -> None:
    """Transposed and from the second number on."""
    save(tmp_path / "a.pth", [view(NUMBERS, 1, (2, 3), (1, 2)), view(NUMBERS, 0, (0, 5), (5, 1))])
    first, nothing = read_tensors(tmp_path / "a.pth")
    np.testing.assert_array_equal(first, [[1, 3, 5], [2, 4, 6]])
    assert nothing.shape == (0, 5)


@pytest.mark.parametrize(
    ("offset", "shape", "stride"),
    [
        (0, (13,), (1,)),
        (11, (2,), (1,)),
        (-1, (2,), (1,)),
        (0, (2,), (-1,)),
        (0, (10**9,), (0,)),
        (5, (2, 2), (8, 1)),
    ],
)
def test_a_tensor_outside_its_storage_or_larger_is_refused(
    tmp_path: Path, offset: int, shape: tuple[int, ...], stride: tuple[int, ...]
) -> None:
    save(tmp_path / "a.pth", view(NUMBERS, offset, shape, stride))
    with pytest.raises(DataError, match="a storage of 12 numbers"):
        read_tensors(tmp_path / "a.pth")


def test_a_pickle_that_no_torch_writes_is_refused(tmp_path: Path) -> None:
    for kind, (program, found) in PICKLES.items():
        with_pickle(tmp_path / "a.pth", program)
        with pytest.raises(DataError) as caught:
            read_tensors(tmp_path / "a.pth")
        assert found in caught.value.found, kind


def test_tensors_take_no_more_memory_than_their_file(tmp_path: Path) -> None:
    """A storage referred to a hundred times is in memory once, and members that lie in each other never."""
    million = tensor(np.zeros(10**6, np.float32))
    save(tmp_path / "a.pth", [million.parts[0]] * 50 + [million] * 50)
    tracemalloc.start()
    tensors = read_tensors(tmp_path / "a.pth")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(tensors) == 100
    assert all(len(array) == 10**6 for array in tensors)
    assert peak < 3 * 4 * 10**6

    path = tmp_path / "nested.pth"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a/data.pkl", b"].")
        file.writestr("a/data/0", bytes(1000))
        file.filelist.extend(file.filelist[-1:] * 2)  # listed again
    with pytest.raises(DataError, match=r"members of 3,002 bytes in 1,"):
        read_tensors(path)


def test_a_compressed_or_other_file_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "bomb.pth", tensor(NUMBERS), zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match="compressed member"):
        read_tensors(tmp_path / "bomb.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps([1]))
    with pytest.raises(DataError, match="a zip of tensors"):
        read_tensors(tmp_path / "plain.pth")
