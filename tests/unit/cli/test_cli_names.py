"""Names are text: markup, codes of emoji and sequences that a terminal obeys are printed as they are."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from archives import members_of, sealed
from rich.table import Table
from rich.text import Text
from toy import chained

from deepvid.cli.main import main
from deepvid.cli.printing import Terminal, visible
from deepvid.store import open_run, open_writer, write_archive

NAMES = {
    "lab[/old]": "lab[/old]",
    "[bold]x": "[bold]x",
    "[red]": "[red]",
    ":smile:": ":smile:",
    "a\x1b[31mred": r"a\x1b[31mred",
    "a\x9b31mred": r"a\x9b31mred",
    "gpj.\u202eexe": r"gpj.\u202eexe",
    "日本 😀": "日本 😀",
}


@pytest.mark.parametrize(("name", "printed"), NAMES.items())
def test_names_are_printed_as_they_are(
    toy: Path, tmp_path: Path, name: str, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / name
    store.mkdir(parents=True)
    name, printed = name.replace("/", ""), printed.replace("/", "")  # a path may have one, a name may not
    shutil.move(toy, store / name)
    other = tmp_path / f"{name} too"
    file = tmp_path / f"{name}.zip"

    def said(*arguments: object, code: int = 0) -> str:
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert caught.value.code == code, captured
        assert "\x1b" not in captured.out + captured.err
        return (captured.out + captured.err).replace("\n", "")

    assert printed in said("list", "--store", store)
    assert printed in said("show", name, "--store", store)
    assert printed in said("verify", store / name)
    assert printed in said("archive", name, "--store", store, "-o", file)
    assert f"{printed}.zip" in said("verify", file)
    assert f"{printed} too" in said("import", file, "--store", other)
    assert f"{printed} nowhere" in said("show", f"{name} nowhere", "--store", store, code=2)
    assert f"{printed}.zip" in said("archive", name, "--store", store, "-o", file, code=2)
    assert printed in said("rm", name, "--yes", "--store", store)
    assert visible(str(store)) in said("list", "--store", store)


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    with open_writer(tmp_path / "made", "toy-0", config={"name": "toy"}, provenance={}) as writer:
        writer.finish({"source": "drawn"})
    return tmp_path / "made" / "toy-0"


def test_what_a_journal_says_is_printed_as_it_is(
    toy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_archive(open_run(toy), tmp_path / "a.zip")
    members = members_of(file)
    lines = [json.loads(line) for line in members["journal.jsonl"].splitlines()]
    lines[-1]["summary"]["source"] = "[/red]\x1b[2J:smile:"
    lines[-1]["kind"], lines[-1]["details"] = (
        "failed",
        {"error": dict.fromkeys(("must", "found", "action"), "[bold]\x1b]0;title\x07")},
    )
    lines[-1]["summary"]["state"] = "failed"
    sealed(file, members | {"journal.jsonl": chained(lines)})
    for command, printed in (
        (["list", str(file)], r"[/red]\x1b[2J:smile:"),
        (["show", str(file)], r"[bold]\x1b]0;title\x07"),
    ):
        with pytest.raises(SystemExit) as caught:
            main(command)
        assert caught.value.code == 0
        out = capsys.readouterr().out
        assert printed in out
        assert "\x1b" not in out


def test_a_terminal_shows_styles_and_no_other_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    console = Terminal(width=80)
    console._force_terminal = True
    console._color_system = console._detect_color_system()
    table = Table("name", box=None)
    table.add_row("a\x1b[2Jb")
    table.add_row(Text("c\x1b[2Jd", "bold"))
    with console.capture() as captured:
        console.print(table)
        console.print(Text("\x1b[5me"), "\u202ef")
    text = captured.get()
    assert "\x1b[1m" in text
    for shown in (r"a\x1b[2Jb", r"c\x1b[2Jd", r"\x1b[5me", r"\u202ef"):
        assert shown in text
    assert "\x1b[2J" not in text.replace(r"\x1b[2J", "")


def test_ends_of_lines_and_tabs_stay() -> None:
    assert visible("a\n\tb\r\x00\udcff") == "a\n\tb\\r\\x00\\udcff"


def test_a_wrong_option_is_named_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["list", "--[bold]x[/red]"])
    assert caught.value.code == 2
    assert "[bold]x[/red]" in capsys.readouterr().err


def test_doctor_names_the_extra_with_its_brackets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from deepvid.cli import doctor

    find: Callable[[str], Any] = doctor.find_spec
    monkeypatch.setattr(doctor, "find_spec", lambda name: None if name == "optax" else find(name))
    with pytest.raises(SystemExit):
        main(["doctor"])
    assert "install deepvid[compute]: optax missing" in capsys.readouterr().out


def test_a_long_name_is_whole_and_leaves_room_for_the_others(
    toy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "".join(f"{number:03}" for number in range(40))  # as long as an archive may name its run
    toy.rename(toy.with_name(name))
    with pytest.raises(SystemExit):
        main(["list", "--store", str(toy.parent)])
    lines = capsys.readouterr().out.splitlines()
    assert "".join(line.split()[0] for line in lines[1:]) == name
    assert "finished" in lines[1]
