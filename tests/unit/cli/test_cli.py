"""The command line without computing: exit codes, errors, tables, formats, interruption."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from deepvid import config
from deepvid.cli import options
from deepvid.cli.console import Lines, interruptible, listening
from deepvid.cli.main import app, main
from deepvid.cli.printing import about, ago, duration, metrics_line, number
from deepvid.cli.serving import check_port
from deepvid.errors import MissingExtraError, UserError
from deepvid.progress import Tick
from deepvid.store import RunListing, open_writer


def leave(*arguments: str) -> int | str | None:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return caught.value.code


def test_how_long_ago_a_commit_was_and_when_if_that_is_still_to_come() -> None:
    now = datetime.now(UTC)
    assert ago((now - timedelta(hours=3, minutes=1)).isoformat()) == "3 hours ago"
    assert ago((now + timedelta(seconds=2)).isoformat()) == "just now"
    assert ago("2999-01-02T12:00:00+00:00").startswith("2999-01-0")


def test_a_users_error_is_one_line_and_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert leave("show", "nothing", "--store", str(tmp_path)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("Error: 'nothing' begins the id of one run")
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["serve", "none.zip"], "none in none.zip"),
        (["serve", "nostore"], "nothing at nostore"),
        (["reproduce", "none.zip", "-o", "again"], "no file none.zip"),
        (["import", "none.zip"], "no file none.zip"),
        (["list", "nonsense://bucket"], "nonsense"),
        (["list", "none.zip"], "none in none.zip"),
        (["rm", "run", "--store", "s3://bucket/runs"], "written to a folder of this machine"),
        (["run", "mnist", "--data", "nowhere"], "'nowhere' does not exist"),
        *[
            ([command, "x" * 300], "File name too long: 'xxx")
            for command in ("serve", "run", "verify", "list")
        ],
        (["show", f"{'x' * 300}.zip"], "File name too long: 'xxx"),
        (["verify", ""], "an empty text"),
        (["list", ""], "an empty text"),
        (["list", "--store", ""], "an empty text"),
        (["rm", "run", "--store", ""], "an empty text"),
    ],
)
def test_a_place_that_will_not_do_is_2(
    arguments: list[str], found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leave(*arguments) == 2
    assert found in " ".join(capsys.readouterr().err.split())


def test_the_folder_of_the_variable_is_looked_in_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, experiment = tmp_path / "data", tmp_path / "drawn.toml"
    experiment.write_text('name = "drawn"\n[dataset]\nsource = "quickdraw"\n')
    monkeypatch.setenv("DEEPVID_DATA", str(folder))
    assert leave("run", str(experiment), "--store", str(tmp_path / "runs")) == 2
    error = capsys.readouterr().err
    assert f"{folder} ($DEEPVID_DATA" in error
    assert error.count(f"{folder} (") == 1


def test_a_run_of_no_experiment_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_writer(tmp_path, "own-1", config={}, provenance={}).close()
    assert leave("fit-students", "own-1", "--store", str(tmp_path)) == 2
    assert "Found: " in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["serve", "--port", "0x"], "A port is a number from 1 to 65535. Found: '0x'"),
        (["demo", "--port", "99999"], "A port is a number from 1 to 65535. Found: '99999'"),
        (["run", "mnist", "--data", "nowhere"], "--data names a folder. Found: 'nowhere' does not exist"),
        (["run", "mnist", "--data", __file__], "test_cli.py' is a file"),
        (["run", "mnist", "--data", ""], "Found: an empty text"),
    ],
)
def test_an_option_that_will_not_do_is_told_in_three_parts(
    arguments: list[str], found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert leave(*arguments) == 2
    assert found in " ".join(capsys.readouterr().err.split())


def test_an_empty_text_is_not_served(capsys: pytest.CaptureFixture[str]) -> None:
    assert leave("serve", "") == 2
    captured = capsys.readouterr()
    assert (captured.out, "Found: an empty text" in captured.err) == ("", True)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert leave("--version") == 0
    assert capsys.readouterr().out == f"deepvid {version('deepvid')}\n"


def test_an_unknown_option_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert leave("list", "--nonsense") == 2
    assert "--nonsense" in capsys.readouterr().err


def test_a_fault_of_ours_is_1_and_debug_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(store: object) -> None:
        raise ZeroDivisionError("seven")

    monkeypatch.setattr("deepvid.store.list_runs", broken)
    assert leave("list") == 1
    with pytest.raises(ZeroDivisionError):
        main(["list", "--debug"])


def test_every_fault_of_an_experiment_is_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ["--store", str(tmp_path)]
    wrong = ["--set", "teacher.epochz=1", "--set", "vae.latent=0"]
    assert leave("run", "fashion_mnist_small", *store, *wrong) == 2
    error = capsys.readouterr().err
    assert "teacher.epochz" in error
    assert "vae.latent" in error


@pytest.mark.parametrize(("terminal", "extra", "shown"), [("1", (), 20), ("1", ("--all",), 25), ("", (), 25)])
def test_a_terminal_lists_the_latest_runs(
    terminal: str,
    extra: tuple[str, ...],
    shown: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [RunListing(f"run-{n:02d}", "", "", "empty", {}, error=f"fault {n:02d}") for n in range(25)]
    monkeypatch.setattr("deepvid.store.list_runs", lambda store: rows)
    monkeypatch.setenv("FORCE_COLOR", terminal)
    monkeypatch.setenv("COLUMNS", "200")
    assert leave("list", "--store", "here", *extra) == 0
    text = capsys.readouterr().out
    assert [row.id for row in rows if row.id in text] == [row.id for row in rows[:shown]]
    assert text.count("fault") == shown
    assert ("5 earlier: deepvid list here --all" in text) == (shown == 20)


def test_an_empty_store_says_how_to_fill_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert leave("list", "--store", str(tmp_path)) == 0
    assert "deepvid demo" in capsys.readouterr().out
    assert leave("list", "--json", "--store", str(tmp_path)) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["fit-students", "--help"]])
def test_light_commands_import_nothing_that_computes(arguments: list[str], tmp_path: Path) -> None:
    script = (
        "import sys, atexit\n"
        "from deepvid.cli import main\n"
        "heavy = {'jax', 'flax', 'sklearn', 'panel', 'bokeh'}\n"
        "atexit.register(lambda: print(sorted(heavy & set(sys.modules))))\n"
        f"main({arguments!r})\n"
    )
    environment = {**os.environ, "DEEPVID_STORE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert done.stdout.splitlines()[-1] == "[]"


def test_fit_students_has_an_option_for_every_setting() -> None:
    command = next(command for command in app.registered_commands if command.name == "fit-students")
    parameters = command.callback.__signature__.parameters  # type: ignore[union-attr]
    assert set(config.Students.model_fields) <= set(parameters)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "find_spec", lambda name: None if name == "optax" else object())
    with pytest.raises(MissingExtraError, match=r"no module named optax.*deepvid\[compute\]"):
        options.require_compute("deepvid run")


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"localhost:{port} is taken"):
            check_port("localhost", port)


def test_ctrl_c_sets_the_event_and_the_old_handler_returns(capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with interruptible(Console(file=StringIO())) as asked:
        assert not asked.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        assert asked.wait(1)
    assert signal.getsignal(signal.SIGINT) is before
    assert "next safe point" in capfd.readouterr().err


def test_ctrl_c_twice_ends_at_once() -> None:
    script = (
        "import os, signal, time\n"
        "from rich.console import Console\n"
        "from deepvid.cli.console import interruptible\n"
        "with interruptible(Console()):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(30)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=20).returncode == 130


def test_ctrl_c_while_it_ends_is_no_new_error() -> None:
    script = (
        "import os, signal, sys, threading, time\n"
        "from deepvid.cli import main\n"
        "from deepvid.errors import Cancelled\n"
        "def stopped(*_):\n"
        "    threading.Thread(target=time.sleep, args=(30,)).start()\n"  # what the end waits for
        "    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "    raise Cancelled\n"
        "sys.modules['deepvid.cli.main'].app = stopped\n"
        "main(['list'])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], timeout=25, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "")


def test_plain_lines_where_there_is_no_terminal() -> None:
    output = StringIO()
    with listening(Console(file=output, width=100)) as listener:
        assert isinstance(listener, Lines)
        listener.began("teacher", 2, 5)
        listener.ticked("teacher", Tick(1, 4, "epoch 1/4", 1.0, 3.0))  # too soon for a line
        listener.ended("teacher", "computed", 97.3, {"test_accuracy": 0.8743, "students": 12})
        listener.ended("vae", "reused", 0.0, {})
    first, second = output.getvalue().splitlines()
    assert " ".join(first.split()) == "[2/5] teacher done in 97 s test accuracy 0.874 · students 12"
    assert " ".join(second.split()) == "[2/5] vae kept"


def test_a_line_that_says_nothing_new_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deepvid.cli.console.QUIET", 0.0)
    output = StringIO()
    lines = Lines(Console(file=output, width=100))
    lines.began("students", 5, 5)
    for done in (0, 0, 0, 1, 1):
        lines.ticked("students", Tick(done, 4, "workers load the models", 1.0, None))
    assert [line.split()[2] for line in output.getvalue().splitlines()] == ["0%", "25%"]


def test_bars_on_a_terminal() -> None:
    output = StringIO()
    with listening(Console(file=output, force_terminal=True, width=120)) as listener:
        listener.began("teacher", 1, 1)
        listener.ticked("teacher", Tick(1, 4, "epoch 1/4", 1.0, 3.0))
        time.sleep(0.3)  # bars are drawn ten times a second
        listener.ended("teacher", "computed", 9.0, {})
    assert "3.0 s left" in output.getvalue()
    assert "epoch 1/4" in output.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (38.4, "38 s"), (245, "4 min 05 s"), (7620, "2 h 07 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (3, "about 10 s"),
        (44, "about 40 s"),
        (95, "about 2 min"),
        (3700, "about 62 min"),
        (8000, "about 2 h 10 min"),
    ],
)
def test_estimates_are_no_more_exact_than_they_are(seconds: float, text: str) -> None:
    assert about(seconds) == text


def test_numbers_have_three_digits() -> None:
    assert number(0.87431) == "0.874"
    assert number(10_000) == "10000"
    assert metrics_line({"test_loss": 0.25}) == "test loss 0.25"
