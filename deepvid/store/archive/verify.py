"""Whether bytes are those that were committed: of a run, of an archive, or of all runs of a store."""

from pathlib import Path
from typing import NamedTuple

from deepvid.errors import StoreError
from deepvid.progress import SILENT, Progress
from deepvid.store.archive.judgment import RunVerification
from deepvid.store.archive.verify_archive import verify_archive
from deepvid.store.archive.verify_run import verify_run
from deepvid.store.format.disk import is_regular
from deepvid.store.format.names import JOURNAL, TREE
from deepvid.store.format.refusals import os_error_text, remedy


class Verification(NamedTuple):
    """How every run of `target` compares with what was committed."""

    target: str
    runs: tuple[RunVerification, ...]

    @property
    def ok(self) -> bool:
        return all(run.ok for run in self.runs)

    @property
    def files(self) -> int:
        return sum(run.files for run in self.runs)

    @property
    def bytes(self) -> int:
        return sum(run.bytes for run in self.runs)


def verify(target: Path, *, progress: Progress = SILENT) -> Verification:
    """Reads every byte of a run's directory, an archive or a store and changes nothing.

    A run that is itself a store of others comes first. Raises StoreError where none of these is, or where
    the folder or the archive cannot be read, NewerFormatError.
    """
    try:
        if is_regular(target):
            return Verification(str(target), (verify_archive(target, progress=progress),))
        runs = [path for path in (target, *sorted(target.iterdir())) if _is_run(path, itself=path == target)]
    except OSError as error:
        raise StoreError(
            "The files to verify can be read", os_error_text(error, target), remedy(error, "verify a copy")
        ) from error
    if not runs:
        raise StoreError(
            "A run, an archive or a store with runs can be verified",
            f"none of these at {target}",
            "List the runs: deepvid list --store STORE",
        )
    verified = [_verified(path, progress.part(n, n + 1, len(runs))) for n, path in enumerate(runs)]
    return Verification(str(target), tuple(verified))


def _is_run(path: Path, *, itself: bool) -> bool:
    """Whether a folder is a run, as far as it lets look; one that was asked for, also without its journal."""
    if path.name.startswith(".") and not itself:
        return False
    try:
        return (path / JOURNAL).lstat() is not None
    except FileNotFoundError:
        return itself and (path / TREE).is_dir()
    except NotADirectoryError:
        return False
    except OSError:
        return True


def _verified(path: Path, progress: Progress) -> RunVerification:
    name = path.resolve().name
    try:
        result = verify_run(path, progress=progress)
    except OSError as error:
        return _unread(name, f"{JOURNAL} ({error.strerror or error})")
    if result.ok or path.is_dir():
        return result
    return _unread(name, "all of it: the run was removed or moved while it was read")


def _unread(name: str, why: str) -> RunVerification:
    return RunVerification(name, 0, 0, (), (), (), None, (), (), (why,))
