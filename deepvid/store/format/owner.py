"""Who writes to a run: tells `running` from `interrupted` and fills an error's text; safety is the lock's."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from deepvid.store.format.disk import read_regular, write_atomically
from deepvid.store.format.forms import OWNER, fits
from deepvid.store.format.journal import now

SILENCE = 60.0
"""Seconds without a sign of life after which an owner on another machine counts as dead."""


class Owner(NamedTuple):
    """A process that holds, or held, the lock. `started` tells a reused pid from the same process."""

    pid: int
    host: str
    since: str
    started: str


def announce(run: Path) -> None:
    """Says that this process writes to the run."""
    this = Owner(os.getpid(), socket.gethostname(), now(), _started(os.getpid()))
    write_atomically(run / "owner.json", json.dumps(this._asdict()).encode())


def withdraw(run: Path) -> None:
    """Says that nobody writes to the run; where even that is refused, the process ends without a word."""
    with contextlib.suppress(OSError):
        (run / "owner.json").unlink(missing_ok=True)


def beat(run: Path) -> None:
    """A sign of life for readers on other machines."""
    with contextlib.suppress(OSError):
        os.utime(run / "owner.json")


def read(run: Path) -> Owner | None:
    """The process that last announced itself and did not withdraw, alive or not."""
    try:
        owner = json.loads(read_regular(run / "owner.json"))
    except (OSError, ValueError, RecursionError):
        return None
    return Owner(**{field: owner[field] for field in Owner._fields}) if fits(owner, OWNER) else None


def alive(run: Path) -> bool:
    """Whether the announced owner still lives, as far as this machine can know."""
    announced = read(run)
    if announced is None:
        return False
    if announced.host == socket.gethostname() and sys.platform != "win32":
        return announced.started == _started(announced.pid)
    try:
        # A clock that was set back makes the last sign one of the future: as far away, it is as old.
        return abs(time.time() - (run / "owner.json").stat().st_mtime) < SILENCE
    except OSError:
        return False


def _started(pid: int) -> str:
    """When a process of this machine started, in any unit that stays; empty where there is none."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] in "ZX" else fields[19]  # a zombie writes no more; field 22 of proc(5): start
    if sys.platform == "win32":
        return ""
    listed = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True)
    return listed.stdout.strip()
