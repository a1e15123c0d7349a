"""Where attacks are tried: a tiny real run, its archive, and the command line in processes of its own."""

import os
import re
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

MICRO = """
name = "tiny"
projections = []
[dataset]
train = 200
test = 100
[teacher]
network = {kind = "mlp", hidden = [8]}
epochs = 2
batch = 20
[vae]
latent = 3
width = 2
hidden = 4
epochs = 2
batch = 20
[students]
limit = 4
neighbors = 40
gradient_neighbors = 2
[explanations]
limit = 0
"""
STRANGER = 65534  # the user and group that own nothing
SECONDS = 120  # a command that takes longer hangs
RAW = re.compile(r"Traceback|Run it again with --debug|MarkupError")
ESCAPE = "\x1b"


class Answer(NamedTuple):
    """Output of a command; `kilobytes` is the most memory its process had."""

    code: int
    text: str
    kilobytes: int


def ask(
    *arguments: str | Path,
    cwd: Path,
    before: Callable[[], object] = lambda: None,
    meanwhile: Callable[[int], object] = lambda process: None,
) -> Answer:
    """One command as a person types it, in a fork that has imported nothing it does not import itself."""
    from deepvid.cli.main import main

    with tempfile.TemporaryFile("w+b") as written:
        sys.stdout.flush()
        if not (process := os.fork()):
            code = 99
            try:
                os.setsid()
                for stream in (1, 2):
                    os.dup2(written.fileno(), stream)
                os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                os.chdir(cwd)
                before()
                main([str(argument) for argument in arguments])
            except SystemExit as left:
                code = left.code if isinstance(left.code, int) else 1
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        meanwhile(process)
        code, usage = _ended(process)
        written.seek(0)
        return Answer(code, written.read().decode(errors="backslashreplace"), usage.ru_maxrss)


def _ended(process: int) -> tuple[int, resource.struct_rusage]:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        done, status, usage = os.wait4(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), usage
        time.sleep(0.005)
    os.killpg(process, 9)
    _, status, usage = os.wait4(process, 0)
    return 124, usage


@dataclass
class Row:
    """One attack, however many cases it has."""

    attack: str
    promise: str
    cases: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def expect(
        self, what: str, answer: Answer, codes: Collection[int], says: str = "", case: str = ""
    ) -> None:
        """That a command left with one of `codes`, said `says`, and spoke to people."""
        self.answers[f"{what} {answer.code}"] += 1
        told = " ".join(answer.text.split())
        self.holds(answer.code in codes, f"{what} {answer.code} {case}: {told[:160]}")
        self.holds(says.casefold() in told.casefold(), f"{what} does not say {says!r} {case}: {told[:160]}")
        self.holds(
            not RAW.search(answer.text) and ESCAPE not in answer.text, f"{what} raw {case}: {told[:160]}"
        )
        if answer.code == 2 and "─ Error ─" not in answer.text:  # the parser has a box
            self.holds(
                "Error: " in told and "Found: " in told, f"{what} not three parts {case}: {told[:160]}"
            )

    def holds(self, true: object, otherwise: str) -> None:
        if not true:
            self.broken.append(otherwise)

    def __str__(self) -> str:
        answers = ", ".join(f"{name} ({count})" for name, count in sorted(self.answers.items()))
        held = "yes" if not self.broken else f"**no: {len(self.broken)}**"
        return f"| {self.attack} | {self.cases} | {answers} | {self.promise} | {held} |"


@dataclass
class Ground:
    """A folder of its own, with `run` and `archive` as they are when nobody has attacked yet."""

    folder: Path
    random: int
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "micro.toml").write_text(MICRO)
        made = ask("run", "micro.toml", "--store", "made", cwd=self.folder)
        assert made.code == 0, made.text
        (self.run,) = (path for path in (self.folder / "made").iterdir() if path.is_dir())
        self.archive = self.folder / "tiny.zip"
        assert ask("archive", self.run, "-o", self.archive, cwd=self.folder).code == 0

    @contextmanager
    def attack(self, attack: str, promise: str) -> Iterator[Row]:
        """Prints the row when all its cases were tried."""
        row = Row(attack, promise)
        yield row
        self.rows.append(row)
        print(row, *(f"  - {fault}" for fault in row.broken[:20]), sep="\n", flush=True)

    @contextmanager
    def place(self) -> Iterator[Path]:
        """An empty folder."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            yield Path(name)

    @contextmanager
    def store(self) -> Iterator[Path]:
        """The run in a store of its own; the run is `store / ground.run.name`."""
        with self.place() as place:
            shutil.copytree(self.run, place / self.run.name)
            yield place

    @contextmanager
    def full_disk(self, bytes_: int) -> Iterator[Path]:
        """A file system of so many bytes; needs root."""
        with self.place() as place:
            os.system(f"mount -t tmpfs -o size={bytes_} none '{place}'")
            try:
                yield place
            finally:
                os.system(f"umount -l '{place}'")


def as_stranger() -> None:
    """From now on this process may read and write what others may."""
    os.setgroups([])
    os.setgid(STRANGER)
    os.setuid(STRANGER)


def files(folder: Path) -> dict[str, bytes]:
    """Everything in it, to see that nothing was changed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("LOCK", "status.json", "owner.json")
    }
