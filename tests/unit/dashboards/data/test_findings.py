"""Findings about the data as pages and queries read them."""

from pathlib import Path

import numpy as np
import pytest
from micro import Recorder, experiment, run

from dashboards.data.population import Population, population
from dashboards.data.query import QueryError, evaluated, words
from dashboards.views.causes_bar.findings import findings


def checked(folder: Path, *, planted: bool, check: bool = True) -> Population:
    """40 training and 20 test images of noise; two of these are training images, one with another label."""
    rng = np.random.default_rng(0)
    pictures, label = rng.integers(0, 255, (60, 9, 9), np.uint8), np.arange(60) % 3
    if planted:
        pictures[50], label[50] = pictures[5], label[5]
        pictures[51], label[51] = pictures[6], (label[6] + 1) % 3
    np.savez(
        folder / "images.npz", x_train=pictures[:40], y_train=label[:40], x_test=pictures[40:],
        y_test=label[40:],
    )  # fmt: skip
    dataset = {"source": "arrays", "path": str(folder / "images.npz")}
    wanted = experiment(dataset=dataset, data_check=check)
    table = population(run(folder / "runs", wanted, Recorder(), "data-check" if check else "dataset"))
    assert table is not None
    return table


def test_a_line_has_the_kinds_that_were_found_and_a_query_means_their_images(tmp_path: Path) -> None:
    table = checked(tmp_path, planted=True)
    told = [(one.word, one.text, one.grave) for one in findings(table)]
    assert told == [("copied", "2 also in training", True), ("two_labels", "1 with two labels", False)]
    assert table.samples[evaluated("copied", table)].tolist() == [50, 51]
    assert table.samples[evaluated("copied and not two_labels", table)].tolist() == [50]
    assert table.samples[evaluated('two_labels == "yes"', table)].tolist() == [51]
    assert ["copied", "a test image that is also a training image"] in words(table)
    assert "blurred" not in [word for word, _ in words(table)]
    with pytest.raises(QueryError, match="blurred, which is found of no image here"):
        evaluated("blurred", table)


def test_a_card_says_which_image_shows_the_same(tmp_path: Path) -> None:
    table = checked(tmp_path, planted=True)
    assert table.findings is not None
    row = table.row_of(51)
    assert row is not None
    assert table.findings.sentences(row, table.class_names) == [
        "The same picture as training image #6, labeled 0"
    ]
    assert table.findings.sentences(0, table.class_names) == []


@pytest.mark.parametrize("check", [True, False])
def test_nothing_is_said_where_nothing_was_found_or_looked_for(tmp_path: Path, check: bool) -> None:
    table = checked(tmp_path, planted=False, check=check)
    assert findings(table) == []
    why = "found of no image here" if check else "not checked for"
    with pytest.raises(QueryError, match=why):
        evaluated("copied", table)
