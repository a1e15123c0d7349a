"""A training of a classifier of texts: what is kept of them, and that the page says them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trainings import LABELS, NAMES, TEST, given

import deepvid
from dashboards.data.population import Population, population
from dashboards.data.query import evaluated
from dashboards.data.saving import save_table
from dashboards.session.selection import selection_sentence, tally
from dashboards.views.grid.finding import find
from dashboards.views.grid.table import Wish, listing
from deepvid.errors import DataError
from deepvid.logger import LoggedRun
from deepvid.progress import SILENT
from deepvid.store import open_run, verify, write_archive

TEXTS = [f"name{number}ski" if number % 2 else f"<b>name{number}" for number in range(len(LABELS))]


def begin(store: Path, texts: Any = TEXTS, images: Any = None, **changed: Any) -> LoggedRun:
    wanted = {"test": TEST, "epochs": 2, "class_names": NAMES, "store": store, "texts": texts} | changed
    return deepvid.log_run("names", images, LABELS, **wanted)


def table_of(path: Path) -> Population:
    table = population(open_run(path))
    assert table is not None
    return table


def logged(store: Path, **changed: Any) -> Path:
    with begin(store, **changed) as run:
        run.epoch(**given(0))
    return run.path


def test_every_sample_says_its_text_wherever_images_are_named(tmp_path: Path) -> None:
    path = logged(tmp_path / "runs", meta={"age": np.arange(60)})
    table = table_of(path)
    order = np.argsort(TEST, kind="stable")
    told = [TEXTS[order[sample]] for sample in table.samples.tolist()]
    assert table.files is not None
    assert table.files.of(table.samples) == told
    assert (table.textual, table.pictured, table.noun) == (True, False, "text")
    found = listing(table, None, Wish())
    assert found.described["textual"]
    assert found.window.facts["file"] is not None
    assert set(found.window.facts["file"]) <= set(TEXTS)
    assert selection_sentence(table, (), tally(table, None)).startswith(f"{table.rows} texts, ")
    # Words of the query box, the grid's search, and the export.
    assert evaluated('"ski" in text', table).tolist() == ["ski" in text for text in told]
    assert find(table, "<B>", None).sample is not None
    assert find(table, "nothing", None).sentence == "“nothing” is in no text"
    save_table(tmp_path / "texts.csv", table, None, SILENT)
    header, first, *_ = (tmp_path / "texts.csv").read_text().splitlines()
    assert "file" not in header.split(",")
    assert told[0] in first
    assert verify(path).ok


def test_an_archive_has_the_texts(tmp_path: Path) -> None:
    archive = write_archive(open_run(logged(tmp_path / "runs")), tmp_path / "run.zip")
    table = table_of(archive)
    assert table.textual
    assert table.files is not None
    assert table.files.of([0]) == [TEXTS[np.argsort(TEST, kind="stable")[0]]]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("x" * 10_000, f"{'x' * 499}…"),
        ("e\u0301 \U0001f469\u200d\U0001f52c שלום مرحبا", "e\u0301 \U0001f469\u200d\U0001f52c שלום مرحبا"),
        ("<script>alert(1)</script>\n\tlast", "<script>alert(1)</script>\n\tlast"),
        ("a\0b", "a\ufffdb"),
        ("half \ud83d", "half \ufffd"),
    ],
)
def test_texts_of_every_kind_are_kept(tmp_path: Path, text: str, kept: str) -> None:
    table = table_of(logged(tmp_path, texts=[text] * len(LABELS)))
    assert table.files is not None
    assert table.files.of([3]) == [kept]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"texts": TEXTS[1:]}, r"one for each of the 60 labels.*59"),
        ({"texts": "all of them"}, r"one for each of the 60 labels.*str"),
        ({"texts": [*TEXTS[1:], 7]}, r"one for each of the 60 labels.*int among them"),
        ({"images": np.zeros((60, 8, 8), np.uint8)}, r"reads texts or sees images.*both"),
        ({"meta": {"text": TEXTS}}, r"reads texts or sees images.*a column 'text'"),
    ],
)
def test_what_are_no_texts_of_these_samples_is_refused(
    tmp_path: Path, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(DataError, match=says):
        begin(tmp_path, **given)


def test_a_run_without_texts_is_what_it_was(tmp_path: Path) -> None:
    path = logged(tmp_path, texts=None)
    table = table_of(path)
    assert (table.textual, table.noun, table.files) == (False, "image", None)
