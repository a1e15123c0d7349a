"""Temporary folders of a server, and those that servers killed before it have left."""

import os
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """A new folder, named after this process, that goes when it is cleaned up or collected."""
    return tempfile.TemporaryDirectory(prefix=f"{_ours()}{os.getpid()}-")


def collect() -> None:
    """Removes the folders of this machine's dead servers; called before this process makes its first one.

    Not on Windows, where nothing tells a dead process from one of another person.
    """
    if sys.platform == "win32":
        return
    for folder, pid in _folders():
        if pid == os.getpid() or not _alive(pid):  # in a container the same id comes again
            shutil.rmtree(folder, ignore_errors=True)


def _folders() -> Iterator[tuple[Path, int]]:
    """This user's folders of our own name form, no links among them, with the process each is named after."""
    form = re.compile(re.escape(_ours()) + r"(\d+)-[a-z0-9_]{8}")
    for entry in os.scandir(tempfile.gettempdir()):
        named = form.fullmatch(entry.name)
        if named and entry.is_dir(follow_symlinks=False) and _mine(entry):
            yield Path(entry.path), int(named.group(1))


def _ours() -> str:
    return f"deepvid-{socket.gethostname()}-"  # several machines or containers can share a temporary folder


def _mine(entry: os.DirEntry[str]) -> bool:
    return entry.stat(follow_symlinks=False).st_uid == os.getuid()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
