"""Commands about archives, on a run that the real pipeline made."""

import json
import shutil
from pathlib import Path

import pytest

from deepvid.cli.main import main
from deepvid.store import open_run

pytestmark = pytest.mark.long


def command(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> tuple[str, str]:
    """Output of a command, and its complaints."""
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    assert caught.value.code == code, printed
    return printed.out, printed.err


def test_archive_verify_damage_verify_import(
    tiny_store: Path, tiny_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    out, _ = command(capsys, "archive", "fashion", "-o", first, "--store", tiny_store)
    assert f"Archived {tiny_run.name} as {first}" in out
    command(capsys, "archive", "fashion", "-o", second, "--store", tiny_store)
    assert first.read_bytes() == second.read_bytes()
    out, _ = command(capsys, "verify", first)
    assert "whole" in out

    data = bytearray(second.read_bytes())
    data[len(data) // 2] ^= 1
    second.write_bytes(data)
    out, _ = command(capsys, "verify", second, code=1)
    assert "damaged   data.zarr/" in out
    assert "good      created" in out
    record = json.loads(command(capsys, "verify", second, "--json", code=1)[0])
    assert record["ok"] is False
    assert len(record["runs"][0]["damaged"]) == 1
    _, err = command(capsys, "import", second, "--store", tmp_path / "store", code=2)
    assert "Nothing was imported" in err

    out, _ = command(capsys, "import", first, "--store", tmp_path / "store")
    assert f"Imported {tiny_run.name}" in out
    out, _ = command(capsys, "verify", tiny_run.name[:10], "--store", tmp_path / "store")
    assert "whole" in out
    assert open_run(tmp_path / "store" / tiny_run.name).commits == open_run(tiny_run).commits


def test_verify_takes_a_store(tiny_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a-0", "b-0"):
        shutil.copytree(tiny_run, tmp_path / name)
    (tmp_path / "a-0" / "journal.jsonl").write_bytes(b"{}\n")
    out, _ = command(capsys, "verify", tmp_path, code=1)
    assert "1 of 2 runs are whole" in out
    assert "line 1 of journal.jsonl is damaged" in out


@pytest.mark.parametrize("target", ["gone.zip", "gone/run"])
def test_a_path_that_leads_nowhere_is_named(target: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, err = command(capsys, "verify", target, code=2)
    assert f"nothing at {target}" in " ".join(err.split())


def test_parts_are_left_out(tiny_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "part.zip"
    part = ("--without", "students", "--without", "images", "--json")
    out, _ = command(capsys, "archive", "fashion", "-o", file, "--store", tiny_store, *part)
    assert json.loads(out)["bytes"] == file.stat().st_size
    command(capsys, "verify", file)
    command(capsys, "import", file, "--store", tmp_path / "store")
    out, _ = command(capsys, "show", "fashion", "--store", tmp_path / "store")
    assert "students in" not in out
    _, err = command(
        capsys,
        "archive",
        "fashion",
        "-o",
        tmp_path / "other.zip",
        "--store",
        tiny_store,
        "--only",
        "vea",
        code=2,
    )
    assert "Did you mean vae" in err


def test_compare_names_what_differs(
    tiny_store: Path, tiny_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, _ = command(capsys, "compare", "fashion", tiny_run, "--store", tiny_store)
    assert "No setting differs." in out
    assert "McNemar's test (exact binomial): statistic 0, p = 1." in out
    record = json.loads(command(capsys, "compare", "fashion", tiny_run, "--store", tiny_store, "--json")[0])
    test = record["mcnemar"]
    assert test["both_right"] + test["both_wrong"] == 300
    assert {"name": "students: fitted", "first": 24, "second": 24} in record["metrics"]


GOLDEN = Path(__file__).parents[2] / "golden" / "version_1.zip"


@pytest.mark.parametrize("name", ["a.zip", "a"])
def test_an_archive_that_a_store_lists_is_found_there(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(GOLDEN, tmp_path / "a.zip")
    store = ("--store", tmp_path)
    assert "a.zip  finished" in command(capsys, "show", name, *store)[0]
    assert "a.zip  whole" in command(capsys, "verify", name, *store)[0]
    assert "No setting differs." in command(capsys, "compare", name, name, *store)[0]
    err = command(capsys, "archive", name, "-o", tmp_path / "b.zip", *store, code=2)[1]
    assert "Import it into a store first" in " ".join(err.split())
    err = command(capsys, "rm", name, "--yes", *store, code=2)[1]
    assert f"Found: an archive, {tmp_path / 'a.zip'}." in " ".join(err.split())
    assert (tmp_path / "a.zip").is_file()


def test_a_file_that_is_named_goes_before_one_of_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "a.zip").write_bytes(b"none")
    shutil.copy(GOLDEN, tmp_path / "a.zip")
    monkeypatch.chdir(tmp_path)
    command(capsys, "show", "a.zip", "--store", tmp_path / "store")
    command(capsys, "verify", "a.zip", "--store", tmp_path / "store")
