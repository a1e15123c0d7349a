"""A table of predictions in each of its forms, and what is no such table."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deepvid.adapters.table import Tabled, open_table
from deepvid.config import Output, Table
from deepvid.errors import DataError, DeepVIDError
from deepvid.tier import Tier

NAMES = ("Shirt", "Bag", "Coat")
LOGITS = np.array([[2.0, 1, 0], [0, 3, 1], [1, 1, 4], [5, 0, 0]], np.float32)
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)


def opened(path: Path, images: int = 4, **output: Any) -> Tabled:
    return open_table(Table(path=path, output=Output(**output)), class_names=NAMES, images=images)


def saved(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "my predictions.npz", **arrays)
    return folder / "my predictions.npz"


def written(folder: Path, *lines: str) -> Path:
    (folder / "predictions.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "predictions.csv"


def test_logits_with_features_and_labels(tmp_path: Path) -> None:
    table = opened(
        saved(tmp_path, logits=LOGITS.astype(np.float64), features=np.ones((4, 2, 3)), labels=[0, 1, 2, 0])
    )
    assert table.tier is Tier.PREDICTIONS
    assert np.array_equal(table.answers.logits, LOGITS)
    assert table.answers.logits.dtype == np.float32
    assert table.answers.features is not None
    assert table.answers.features.shape == (4, 6)
    assert table.labels is not None
    assert table.labels.tolist() == [0, 1, 2, 0]
    assert (table.kind, table.name, len(table.digest)) == ("logits", "my predictions.npz", 64)


def test_probabilities_become_their_logs(tmp_path: Path) -> None:
    table = opened(saved(tmp_path, probabilities=PROBABILITIES))
    assert np.exp(table.answers.logits) == pytest.approx(PROBABILITIES)
    assert table.answers.features is None
    assert table.labels is None
    assert table.kind == "probabilities"


def test_another_order_of_the_classes(tmp_path: Path) -> None:
    table = opened(saved(tmp_path, logits=LOGITS), classes=["Coat", "Shirt", "Bag"])
    assert np.array_equal(table.answers.logits, LOGITS[:, [1, 2, 0]])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_are_found_by_the_names_of_the_classes(tmp_path: Path, separator: str) -> None:
    rows = [separator.join([f"a{row}.png", *map(str, LOGITS[row, ::-1])]) for row in range(4)]
    table = opened(written(tmp_path, separator.join(["path", "Coat", " Bag", "Shirt"]), *rows))
    assert np.array_equal(table.answers.logits, LOGITS)
    assert table.kind == "logits"


def test_probabilities_in_columns_are_seen_to_be_some(tmp_path: Path) -> None:
    rows = [",".join(f"{value:.4f}" for value in row) for row in PROBABILITIES]
    table = opened(written(tmp_path, "Shirt,Bag,Coat", *rows))
    assert table.kind == "probabilities"
    assert np.exp(table.answers.logits) == pytest.approx(PROBABILITIES, abs=1e-4)


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {name: LOGITS[:, place] for place, name in enumerate(NAMES)}
    parquet.write_table(pyarrow.table(columns), tmp_path / "predictions.parquet")
    assert np.array_equal(opened(tmp_path / "predictions.parquet").answers.logits, LOGITS)


@pytest.mark.parametrize(
    ("arrays", "found"),
    [
        ({"scores": LOGITS}, "scores in"),
        ({"logits": LOGITS, "probabilities": PROBABILITIES}, "logits, probabilities in"),
        ({"logits": LOGITS[:3]}, "3 rows in"),
        ({"logits": LOGITS, "features": np.ones((5, 2))}, "5 rows of features"),
        ({"logits": LOGITS, "labels": [1, 2]}, "2 rows of labels"),
        ({"logits": LOGITS, "labels": LOGITS[:, 0]}, "labels are integers"),
        ({"logits": LOGITS.argmax(axis=1)}, "not only the class"),
        ({"logits": LOGITS[:, :2]}, "2 outputs"),
        ({"logits": np.zeros((4, 1001))}, "1,001 outputs in"),
        ({"logits": LOGITS.astype(str)}, "<U"),
        ({"logits": LOGITS.astype(object)}, "never unpickled"),
        ({"logits": np.where(LOGITS == 4, np.nan, LOGITS)}, "in 1 of 4 rows"),
    ],
)
def test_what_no_archive_may_hold(arrays: dict[str, Any], found: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        opened(saved(tmp_path, **arrays))
    assert found in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["Shirt,Bag", "1,2"], "none for Coat among Shirt, Bag"),
        (["Shirt,Bag,Coat", "1,2,three"], "'three'"),
        (["Shirt,Bag,Coat", "1,2"], "index out of range"),
        (["Shirt,Bag,Coat", "1,2,3"], "1 rows"),
        ([], "among none"),
    ],
)
def test_what_no_columns_may_hold(lines: list[str], found: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        opened(written(tmp_path, *lines))
    assert found in str(caught.value)


@pytest.mark.parametrize("name", ["none.npz", "model.pkl"])
def test_other_files(name: str, tmp_path: Path) -> None:
    if name.endswith("pkl"):
        (tmp_path / name).touch()
    with pytest.raises(DeepVIDError, match=r"\.npz, \.csv, \.tsv, \.parquet"):
        opened(tmp_path / name)
