"""Stop and pause: a small file in a run's folder, which its writer looks at wherever it could stop.

It says how things should be and not what happened, so that no command is lost or carried out twice. It is
never the truth: the journal is. A writer that begins removes it, for it was meant for the one before.
"""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Literal, get_args

from deepvid.errors import StoreError
from deepvid.store.format.disk import os_error_text, read_regular, remedy, write_atomically

CONTROL = "control.json"
LONGEST = 1_000  # bytes
LOOK = 0.2  # seconds between two looks of a writer that is paused

PAUSED = "paused from the page"
"""Message of a writer that waits."""

ControlCommand = Literal["go", "pause", "stop"]
COMMANDS: tuple[ControlCommand, ...] = get_args(ControlCommand)


class RunControl:
    """A run's control file, as its writer sees it: one `stat` a look, and a read where it has changed."""

    def __init__(self, run: Path, warn: Callable[[str], None]) -> None:
        """`warn` is called once for each file that is ignored."""
        self._path, self._warn = run / CONTROL, warn
        self._seen: tuple[int, int, int] | None = None
        self._command: ControlCommand = "go"

    def command(self) -> ControlCommand:
        """Never raises."""
        try:
            stat = self._path.lstat()
        except OSError:
            self._seen, self._command = None, "go"
            return "go"
        seen = stat.st_mtime_ns, stat.st_size, stat.st_ino
        if seen != self._seen:
            self._seen = seen
            command = _read(self._path)
            if command is None:
                self._warn(
                    f"{CONTROL} asks for one of {', '.join(COMMANDS)}. Found: something else. It is ignored."
                )
            self._command = command or "go"
        return self._command

    def stops(self, report: Callable[[], None], cancel: Event | None = None) -> bool:
        """Whether somebody asks to stop. While somebody asks to pause it does not return, unless `cancel` is
        set, and calls `report` at each look.
        """
        cancel = cancel or Event()
        while (command := self.command()) == "pause" and not cancel.wait(LOOK):
            report()
        return command == "stop"


def read_control(run: Path) -> ControlCommand:
    """The command that the writer of a run finds now."""
    return _read(run / CONTROL) or "go"


def write_control(run: Path, command: ControlCommand) -> None:
    """Asks the writer of a run to pause, to go on or to stop. Raises StoreError."""
    try:
        write_atomically(run / CONTROL, json.dumps({"command": command}).encode())
    except OSError as error:
        raise StoreError(
            "A training is stopped and paused by a file in its run's folder",
            os_error_text(error, run / CONTROL),
            remedy(error, "stop it where it was started"),
        ) from error


def clear_control(run: Path) -> None:
    """Forgets what an earlier writer was asked for; never raises."""
    with contextlib.suppress(OSError):
        (run / CONTROL).unlink(missing_ok=True)


def _read(path: Path) -> ControlCommand | None:
    """None of what is no such file, or asks for another thing."""
    try:
        if path.is_symlink() or path.stat().st_size > LONGEST:
            return None
        record = json.loads(read_regular(path))
    except (OSError, ValueError, RecursionError):
        return None
    command = record.get("command") if isinstance(record, dict) else None
    return next((one for one in COMMANDS if one == command), None)
