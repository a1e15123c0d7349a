"""Where maps are kept by name, and what of an address they are."""

from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from dashboards.session import notes
from dashboards.session.kept_maps import KeptMaps
from deepvid.permissions import Permissions
from deepvid.store import Run, import_archive, kept_maps, open_run

GOLDEN = Path(__file__).parents[3] / "golden" / "version_1.zip"
ADDRESS = (
    "?run=a&focus=7&pin=8&projection=umap&view=0.0%2C1.0%2C-2.0%2C2.0&color=error&theme=dark&select=%5B%5D"
)
OF_MAP = {"projection": "umap", "view": "0.0,1.0,-2.0,2.0", "color": "error", "select": "[]"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return open_run(import_archive(GOLDEN, tmp_path / "store"))


def opened(run: Run) -> KeptMaps:
    def fault(error: BaseException) -> None:
        raise error

    maps = KeptMaps(run.path.parent, fault, lambda function: function())
    maps.open(run)
    return maps


def test_a_map_is_its_part_of_the_address(run: Run) -> None:
    maps = opened(run)
    maps.put("<b>mine</b>", ADDRESS)
    notes.EXECUTOR.submit(lambda: None).result()
    assert dict(parse_qsl(kept_maps(run)["<b>mine</b>"])) == OF_MAP
    here = opened(run).at("<b>mine</b>", "?run=a&focus=9&view=5%2C6%2C5%2C6&contours=yes&tab=path")
    assert dict(parse_qsl(here[1:])) == {"run": "a", "focus": "9", "tab": "path", **OF_MAP}
    other = opened(run).at("<b>mine</b>", "?run=a&split=training&focus=9&pin=3")  # of no test image
    assert dict(parse_qsl(other[1:])) == {"run": "a", **OF_MAP}


def test_where_nothing_can_be_written_maps_stay_in_the_session(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.data.writable.permissions", lambda: Permissions(read_only=True))
    maps = opened(run)
    maps.put("mine", ADDRESS)
    maps.put("mine", "?color=trust")
    assert dict(maps.entries) == {"mine": "color=trust"}
    notes.EXECUTOR.submit(lambda: None).result()
    assert kept_maps(run) == {}
    maps.drop("mine")
    assert maps.entries == {}
