"""An archive as a run of a store: nothing appears before everything is verified and durable."""

import errno
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from deepvid.errors import DamagedError, LockedError, StoreError
from deepvid.progress import SILENT, Progress
from deepvid.store.archive.verify import examine
from deepvid.store.format.archive_form import GROUP, ROOT, Survey, identifier, require_form
from deepvid.store.format.disk import (
    is_regular,
    os_error_text,
    publish,
    remedy,
    remove,
    sync_directory,
    sync_file,
)
from deepvid.store.format.names import CRATE, MANIFEST, names_run
from deepvid.store.format.sources import Source, Summing, Sums, blocks, read, size_of, sums_of
from deepvid.store.writing.lock import RunLock
from deepvid.store.writing.removal import IMPORTED, hidden, left

THREADS = 8  # the kernel joins concurrent fsyncs into one flush


def import_archive(file: Path, store: Path, *, progress: Progress = SILENT) -> Path:
    """Makes the run of an archive a run of `store` and returns its path.

    Every byte is verified as it passes, and written to a folder that no listing shows until all are there.
    Raises DamagedError, and has then written nothing, for what is no archive or not as it was written;
    StoreError where the run is there already, or the store cannot be written to; NewerFormatError.
    """
    if not is_regular(file):
        raise StoreError("An archive is a file", f"no file {file}", "Check its name")
    made = False
    try:
        surveyed = require_form(file)
        run_id = _run_id(file, surveyed)
        target = store / run_id
        if target.exists():
            raise _is_there(target)
        made = not store.exists()
        store.mkdir(parents=True, exist_ok=True)
        _collect(store)
        with _temporary(store) as folder:
            run = folder / "run"  # not by its id, which may be that of a file of the lock
            sums = _extract(run, surveyed, progress)
            _require_sound(file, surveyed, sums)
            _finish(run)
            _publish(run, target)
    except OSError as error:
        if error.filename is not None and Path(error.filename) == file:
            raise StoreError(
                "An archive can be read until it is imported",
                str(error),
                "Leave it where it is and import it again; nothing was imported",
            ) from error
        raise StoreError(
            "A store is a folder that can be written to, on a disk with room",
            os_error_text(error, store),
            f"{remedy(error, 'choose another store')}; nothing was imported",
        ) from error
    finally:
        if made:
            with suppress(OSError):  # it holds a run
                store.rmdir()
    return target


def archived_run(file: Path) -> str:
    """The id of the run in an archive. Raises DamagedError for what is none."""
    return _run_id(file, require_form(file))


def _run_id(file: Path, surveyed: Survey) -> str:
    """The id that the archive's metadata gives; it becomes the name of a folder."""
    run_id = identifier(read(surveyed.members[CRATE])) if CRATE in surveyed.members else None
    if run_id is None or not names_run(run_id):
        raise _refused(file, f"{CRATE} names no run: {run_id!r}")
    return run_id


@contextmanager
def _temporary(store: Path) -> Iterator[Path]:
    """A folder that is gone afterwards, unless it was renamed; its lock says that it is in use."""
    path = hidden(store, IMPORTED)
    path.mkdir()
    lock = RunLock(path)
    try:
        yield path
    finally:
        lock.release()
        remove(path)


def _collect(store: Path) -> None:
    """Removes what imports left behind that were killed, but for those of others in a shared store."""
    for path in left(store, IMPORTED):
        with suppress(LockedError, OSError):
            RunLock(path).release()
            remove(path)


def _extract(target: Path, surveyed: Survey, progress: Progress) -> dict[str, Sums]:
    """Writes what makes a run, durably, and sums everything, once."""
    total, done = sum(map(size_of, surveyed.members.values())), 0
    for folder in {(target / name).parent for name in surveyed.members}:
        folder.mkdir(parents=True, exist_ok=True)

    def extract(item: tuple[str, Source]) -> Sums:
        name, source = item
        if name in (MANIFEST, CRATE, ROOT):  # of the archive; a run's root must not know what will come
            return sums_of(source)
        summing = Summing()
        with (target / name).open("xb") as file:
            for block in summing.through(blocks(source)):
                file.write(block)
            sync_file(file)
        return summing.sums

    sums: dict[str, Sums] = {}
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for name, summed in zip(
                surveyed.members, pool.map(extract, surveyed.members.items()), strict=True
            ):
                sums[name] = summed
                done += summed.size
                progress.update(done, total, name)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return sums


def _require_sound(file: Path, surveyed: Survey, sums: Mapping[str, Sums]) -> None:
    """Raises DamagedError unless `verify` would find nothing either."""
    result = examine(file, surveyed, sums)
    wrong = [f"{name} is damaged" for name in result.damaged[:1]]
    wrong += [f"{name} is missing" for name in result.missing[:1]]
    wrong += result.unfit[:1]
    if result.journal_error or wrong:
        raise _refused(file, result.journal_error or wrong[0])
    if not result.ok:
        raise _refused(file, f"{result.bad[0]} is not as it was committed")


def _finish(run: Path) -> None:
    """Writes what else a run has; then makes every name durable."""
    with (run / ROOT).open("xb") as file:
        file.write(GROUP)
        sync_file(file)
    (run / "wip").mkdir()
    for below in sorted((path for path in run.rglob("*") if path.is_dir()), reverse=True):
        sync_directory(below)
    sync_directory(run)


def _publish(folder: Path, target: Path) -> None:
    try:
        publish(folder, target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):  # another import was quicker
            raise _is_there(target) from error
        raise


def _is_there(target: Path) -> StoreError:
    run_id = target.name
    return StoreError(
        "A run is imported into a store that does not have it",
        str(target),
        f"Remove it first (deepvid rm {run_id}), or import into another store",
    )


def _refused(file: Path, what: str) -> DamagedError:
    return DamagedError(
        f"{file.name} holds what was archived",
        what,
        f"See what else is damaged: deepvid verify {file}. Nothing was imported",
    )
