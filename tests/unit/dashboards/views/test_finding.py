"""One image by its number or by part of its file's name."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from sessions import Settle, in_session
from tables import a_table

from dashboards.data.files import Files, read_files
from dashboards.data.population import Population
from dashboards.session.session import Session
from dashboards.views.grid.finding import find
from dashboards.views.grid.view import GridView
from deepvid.errors import DeepVIDError
from deepvid.store import import_archive, texts_as_bytes

GOLDEN = Path(__file__).parents[3] / "golden" / "version_1.zip"

NAMES = ["cat/10.png", "cat/ÄPFEL 2.png", "dog/apfel 3.png", "dog/4.png", "dog/5 apfel.png"]


def stored(names: list[str]) -> xr.DataArray:
    return xr.DataArray(texts_as_bytes(names), dims=("sample", "byte"))


@pytest.fixture
def table() -> Population:
    """Five samples; the first is a training image, which has no row of this table."""
    samples = np.array([4, 3, 2, 1], np.int32)
    row_of_sample = np.array([-1, 3, 2, 1, 0], np.int32)
    return replace(
        a_table([0, 0, 0, 0]), samples=samples, row_of_sample=row_of_sample, files=Files(stored(NAMES))
    )


@pytest.mark.parametrize(
    ("text", "after", "sample", "sentence"),
    [
        ("", None, None, ""),
        ("  ", None, None, ""),
        ("#3", None, 3, "#3 dog/4.png"),
        (" #3 ", 3, 3, "#3 dog/4.png"),
        ("#0", None, 0, "#0 cat/10.png"),
        ("#5", None, None, "No image #5: they are numbered 0 to 4"),
        ("#9999999999999999", None, None, "is in no file's name"),
        ("apfel", None, 2, "1 of 2: dog/apfel 3.png"),
        ("apfel", 2, 4, "2 of 2: dog/5 apfel.png"),
        ("APFEL", 4, 2, "1 of 2: dog/apfel 3.png"),  # round and round
        ("äpfel", None, 1, "cat/ÄPFEL 2.png"),
        ("4", None, 3, "dog/4.png"),  # of a name, before it is an index
        ("10", None, 0, "cat/10.png"),  # of a training image, as no test image has it
        ("zebra", None, None, "\u201czebra\u201d is in no file's name"),
    ],
)
def test_images_are_found_by_number_and_by_name(
    table: Population, text: str, after: int | None, sample: int | None, sentence: str
) -> None:
    finding = find(table, text, after)
    assert finding.sample == sample
    assert sentence in finding.sentence
    assert bool(sentence) == bool(finding.sentence)


def test_without_files_numbers_are_indices(table: Population) -> None:
    bare = replace(table, files=None)
    assert find(bare, "3", None).sample == find(bare, "#3", None).sample == 3
    assert find(bare, "apfel", None) == (None, "This run knows no file names: search by #index")


def test_names_come_in_the_order_asked_for_repeated_or_not() -> None:
    assert Files(stored(NAMES)).of([3, 0, 3]) == [NAMES[3], NAMES[0], NAMES[3]]
    assert Files(stored(NAMES)).of([]) == []


@pytest.mark.parametrize(
    "dataset",
    [
        xr.Dataset(),
        xr.Dataset({"file": ("sample", np.zeros(3, np.uint8))}),
        xr.Dataset({"file": (("sample", "byte"), np.zeros((3, 2), np.float32))}),
    ],
)
def test_a_run_without_files_has_none(dataset: xr.Dataset) -> None:
    assert read_files(dataset) is None


def test_a_search_that_cannot_be_read_is_refused_before_it_begins(tmp_path: Path) -> None:
    import_archive(GOLDEN, tmp_path)

    def build(session: Session, settle: Settle) -> tuple[GridView, Settle]:
        return GridView(session), settle

    async def search(built: tuple[GridView, Settle]) -> None:
        view, settle = built
        for value in ({"text": "#21"}, {"asked": 1}, "#21", None):
            with pytest.raises(DeepVIDError, match="can read every message"):
                view._widget._handle_msg({"action": "find", "value": value})
        view._widget._handle_msg({"action": "find", "value": {"text": 21, "asked": 1}})
        await settle()
        assert view._widget.found["asked"] == 1
        assert view.session.notice == ""

    in_session(tmp_path, "?page=diagnose", build, search)
