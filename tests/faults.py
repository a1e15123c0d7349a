"""A disk that fails: stands before every call that changes it, ours and Zarr's, and decides the one in turn.

Bytes written through file objects cannot be stopped, but those that count reach their name by a rename:
`half` makes the renamed file a torn one.
"""

import errno
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, Literal

CALLS = ("write", "fsync", "ftruncate", "rename", "replace", "link", "unlink", "rmdir", "mkdir")
When = Literal["before", "half"]
Fault = Callable[[int, str, Callable[..., Any], tuple[Any, ...]], bool]
"""(number, name, call, arguments) -> whether the call is made; it may raise or kill instead."""


class Crash(BaseException):
    """The process died here, as far as a test within one process can tell."""


class Disk:
    """The calls of this process since `arm`; `patch` is `setattr`, or a monkeypatch's."""

    def __init__(self, patch: Callable[[Any, str, Any], None] = setattr) -> None:
        self.calls: list[str] = []
        self._fault: Fault | None = None
        self._lock = Lock()
        for name in CALLS:
            patch(os, name, self._watched(name, getattr(os, name)))

    def arm(self, fault: Fault | None) -> None:
        """Counts from zero; `fault` decides from now on."""
        with self._lock:
            self.calls, self._fault = [], fault

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            with self._lock:
                number, fault = len(self.calls), self._fault
                self.calls.append(name)
            if fault is None or fault(number, name, real, arguments):
                return real(*arguments, **options)
            return None

        return call


def refuse(at: int, *, times: int = 1) -> Fault:
    """The disk is full from call `at` on, `times` calls long; what frees space always works."""

    def fault(number: int, name: str, call: Callable[..., Any], arguments: tuple[Any, ...]) -> bool:
        if at <= number < at + times and name not in ("unlink", "rmdir", "ftruncate"):
            if name == "write":
                _half(name, call, arguments)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return True

    return fault


def crash(at: int, when: When) -> Fault:
    """From call `at` on nothing reaches the disk any more; the call itself perhaps by half."""
    dead = Lock()

    def fault(number: int, name: str, call: Callable[..., Any], arguments: tuple[Any, ...]) -> bool:
        if number < at and not dead.locked():
            return True
        if dead.acquire(blocking=False) and when == "half":
            _half(name, call, arguments)
        raise Crash

    return fault


def kill(at: int, when: When, last_words: Callable[[str], None]) -> Fault:
    """Call `at` is where this process ends, by SIGKILL."""

    def fault(number: int, name: str, call: Callable[..., Any], arguments: tuple[Any, ...]) -> bool:
        if number == at:
            last_words(name)
            if when == "half":
                _half(name, call, arguments)
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    return fault


def _half(name: str, call: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """What a call leaves that was stopped in its middle."""
    if name == "write":
        call(arguments[0], arguments[1][: len(arguments[1]) // 2])
    elif name in ("replace", "link"):
        os.truncate(arguments[0], Path(arguments[0]).stat().st_size // 2)


def strays(run: Path) -> list[str]:
    """What lies in a run's directory although no line lists it, found with nothing of ours."""
    text = (run / "journal.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()] if text.endswith("\n") else []
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
