"""A disk that fails: stands before every call that changes it, ours and Zarr's, and decides the one in turn.

Bytes written through file objects cannot be stopped, but those that count reach their name by a rename:
`half` makes the renamed file a torn one.
"""

import errno
import json
import os
import signal
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Literal

CALLS = ("write", "fsync", "ftruncate", "rename", "replace", "link", "unlink", "rmdir", "mkdir")
When = Literal["before", "half"]
Fault = Callable[[int, str, Callable[[], None]], None]
"""(number of the call, its name, what makes it by half): returns, raises, or ends the process."""


class Crash(BaseException):
    """The process died here, as far as a test within one process can tell."""


class Disk:
    """The calls of this process since `arm`; those that were `made` whole.

    A call has the number of those in `counted` up to itself, from 0. Leave out of them what Zarr's threads
    do now in one order and now in another, and the same fault meets the same call. `patch` is `setattr`, or
    a monkeypatch's.
    """

    def __init__(
        self, patch: Callable[[Any, str, Any], None] = setattr, counted: Collection[str] = CALLS
    ) -> None:
        self.made: list[str] = []
        self._counted, self._number = counted, -1
        self._fault: Fault | None = None
        self._lock = Lock()
        for name in CALLS:
            patch(os, name, self._watched(name, getattr(os, name)))

    def arm(self, fault: Fault | None) -> None:
        """Counts from zero; `fault` is asked before every call from now on."""
        with self._lock:
            self.made, self._number, self._fault = [], -1, fault

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            with self._lock:
                self._number += name in self._counted
                number, fault = self._number, self._fault
            if fault is not None:
                fault(number, name, lambda: _half(name, real, arguments))
            result = real(*arguments, **options)
            self.made.append(name)
            return result

        return call


@dataclass
class Refuse:
    """The disk is full from call `at` on, `times` calls long; what frees space always works."""

    at: int
    times: int = 1

    def __call__(self, number: int, name: str, half: Callable[[], None]) -> None:
        if self.at <= number < self.at + self.times and name not in ("unlink", "rmdir", "ftruncate"):
            if name == "write":
                half()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@dataclass
class Die:
    """From call `at` on nothing reaches the disk any more; that call itself perhaps by half."""

    at: int
    when: When
    dead: bool = field(default=False, repr=False)

    def __call__(self, number: int, name: str, half: Callable[[], None]) -> None:
        first = not self.dead and number >= self.at
        self.dead = self.dead or first
        if first and self.when == "half":
            half()
        if self.dead:
            raise Crash


@dataclass
class Kill:
    """Call `at` is where this process ends, by SIGKILL."""

    at: int
    when: When
    last_words: Callable[[str], None]

    def __call__(self, number: int, name: str, half: Callable[[], None]) -> None:
        if number == self.at:
            self.last_words(name)
            if self.when == "half":
                half()
            os.kill(os.getpid(), signal.SIGKILL)


def _half(name: str, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Remains of a call that was stopped in its middle."""
    if name == "write":
        call(arguments[0], arguments[1][: len(arguments[1]) // 2])
    elif name in ("replace", "link"):
        os.truncate(arguments[0], Path(arguments[0]).stat().st_size // 2)


def strays(run: Path) -> list[str]:
    """Files in a run's directory although no line lists it, found with nothing of ours."""
    whole = (run / "journal.jsonl").read_bytes().split(b"\n")[:-1]
    lines = [json.loads(line) for line in whole]
    listed = {line["path"] for line in lines if line["kind"] in ("stage", "series")}
    epochs: dict[str, int] = {}
    states: dict[str, str] = {}
    for line in lines:
        if line["kind"] == "epoch":
            epochs[line["path"]] = epochs.get(line["path"], 0) + 1
            states[line["path"]] = (line["details"]["state"] or {"path": ""})["path"]
    groups = [path for kind in ("stage", "series", "state") for path in (run / "data.zarr" / kind).iterdir()]
    found = [
        path
        for path in groups
        if path.name != "zarr.json" and _name(run, path) not in listed | {*states.values()}
    ]
    found += (run / "wip").iterdir()
    found += [path for path in run.iterdir() if path.name.startswith(".")]
    found += [path for path in (run / "data.zarr").iterdir() if path.name.endswith(".partial")]
    for file in (run / "data.zarr" / "series").glob("*/*/*"):
        group = _name(run, file.parents[1])
        if file.name != "zarr.json" and file.name not in _shards(file, epochs.get(group, 0)):
            found.append(file)
    return sorted(_name(run, path) for path in found)


def _shards(file: Path, epochs: int) -> set[str]:
    """The names that a shard of a committed epoch, or a whole coordinate, may have."""
    grows = json.loads((file.parent / "zarr.json").read_text())["dimension_names"][:1] == ["epoch"]
    number = file.name.split(".")[1]
    return {file.name} if not grows or (number.isdigit() and int(number) < epochs) else set()


def _name(run: Path, path: Path) -> str:
    return path.relative_to(run).as_posix()
