"""One list of runs for the whole process."""

import shutil
from pathlib import Path

import pytest
from bokeh.document import Document
from loops import in_own_loop

from dashboards.data import runs
from dashboards.data.runs import MOST_CHOICES, MOST_ROWS, catalog, run_choices, run_rows
from dashboards.session.session import Session
from deepvid.store import RunListing, StoreListing, import_archive

GOLDEN = Path(__file__).parents[3] / "golden" / "version_1.zip"


def listed(*ids: str, error: str | None = None) -> list[RunListing]:
    return [RunListing(run_id, run_id, "", "finished", {}, error) for run_id in ids]


def test_a_menu_has_the_latest_runs_those_that_are_sought_and_the_one_shown() -> None:
    many = listed(*(f"run-{number}" for number in range(200)))
    assert run_choices(many) == [[f"run-{number}"] * 2 for number in range(MOST_CHOICES)]
    assert run_choices(many, "run-7", "17") == [[f"run-{n}"] * 2 for n in (17, 117, *range(170, 180), 7)]
    assert run_choices(many, "run-17", "117") == [["run-117"] * 2, ["run-17"] * 2]
    assert run_choices(listed("bad", error="damaged")) == []


def test_a_table_has_the_first_runs_of_an_order_among_those_with_all_words() -> None:
    metrics = ({"test_accuracy": number / 1000, "students": number} for number in range(300))
    many = [
        RunListing(f"run-{number}", f"run-{number}", "", "finished", {"metrics": found, "bytes": 10}, None)
        for number, found in enumerate(metrics)
    ]
    rows, found, everything, size = run_rows([*listed("bad", error="damaged"), *many], "students")
    assert [row["students"] for row in rows] == [*range(299, 299 - MOST_ROWS, -1)]
    assert (found, everything, size) == (301, 301, 3000)
    (row,), found, *_ = run_rows(many, sought="29.9 FINISHED")
    assert (row["id"], found) == ("run-299", 1)
    last = run_rows([*listed("bad", error="damaged"), *many[:3]], "accuracy", rising=True).rows
    assert [row["id"] for row in last] == ["run-0", "run-1", "run-2", "bad"]  # not known stands last


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry a look at all runs, one with its name a look at one."""
    seen: list[str] = []
    look, look_at = StoreListing.look, StoreListing.look_at
    monkeypatch.setattr(StoreListing, "look", lambda self: (seen.append(""), look(self))[1])
    monkeypatch.setattr(
        StoreListing, "look_at", lambda self, name: (seen.append(name), look_at(self, name))[1]
    )
    return seen


async def _opened(store: Path) -> Session:
    session = Session(store, Document())
    session.go("")
    return session


def test_pages_share_rows_and_list_a_large_store_once(
    tmp_path: Path, looks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = import_archive(GOLDEN, tmp_path / "store")
    monkeypatch.setattr(runs, "RESTING", 0)
    monkeypatch.setattr(runs, "QUICK", -1.0)  # as if there were many
    monkeypatch.setattr(runs, "SELDOM", 1e9)
    first, second = (in_own_loop(lambda: _opened(run.parent)) for _ in range(2))
    assert looks == [""]
    assert first.runs is second.runs
    shutil.copytree(run, run.parent / "other-0123abcd")
    first.poll()
    runs._EXECUTOR.submit(lambda: None).result()
    first.poll()
    second.poll()
    assert looks == ["", ""]
    assert [len(session.runs) for session in (first, second)] == [2, 2]
    assert first.listed == second.listed == catalog(run.parent).version


def test_a_commit_lists_one_run_anew(tmp_path: Path, looks: list[str]) -> None:
    run = import_archive(GOLDEN, tmp_path / "store")
    session = in_own_loop(lambda: _opened(run.parent))
    catalog(run.parent)._modified = runs._modified(run.parent)
    looks.clear()
    session.opening.commits -= 1  # as if it had one more
    session.poll()
    assert looks == [run.name]
