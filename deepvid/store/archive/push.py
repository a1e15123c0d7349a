"""A run in an object store: files first, the journal last; no reader ever sees a line without its files."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from deepvid.errors import DamagedError, StoreError
from deepvid.progress import SILENT, Progress
from deepvid.store.archive.bucket import Bucket, ChangedError
from deepvid.store.archive.contents import contents, read_lines
from deepvid.store.format.archive_form import GROUP, SKELETON
from deepvid.store.format.journal import Commit, Journal
from deepvid.store.format.names import JOURNAL, TREE
from deepvid.store.format.sources import Source, Stretch, files_below, read, size_of, sums_of
from deepvid.store.reading.reader import Run

ATTEMPTS = 5  # at a run that is written to
AT_ONCE = 16  # requests
LARGE = 16 * 2**20  # bytes of a file of which one at a time is in memory
STATES = f"{TREE}/state/"


class Pushed(NamedTuple):
    """Account of a push."""

    url: str  # of the run
    sent: int  # files
    bytes: int  # of these
    unchanged: int  # files that were there
    commits: int  # lines of the journal that readers see now


class File(NamedTuple):
    """A file of the run and its sha256 in the journal, which is empty in a run of an early version."""

    name: str
    source: Source
    sha256: str


def push(run: Run, store: str, *, progress: Progress = SILENT) -> Pushed:
    """Copies what the journal of `run` lists now to `STORE/RUN`, where `store` is an s3:// address.

    What is there by its digest is not sent again, so a push that was stopped goes on where it was. Raises
    StoreError for another kind of address, for what is there of another run, and for what the bucket refuses;
    MissingExtraError without s3fs; DamagedError for a file that is not what was committed.
    """
    bucket = Bucket.at(f"{store.rstrip('/')}/{run.path.resolve().name}")
    for _ in range(ATTEMPTS):
        try:
            return _push(run.path, bucket, progress)
        except FileNotFoundError as error:  # a training state that was the last one, and is not any more
            if not run.poll():
                raise _damaged(str(error.filename), "is missing") from error
    raise StoreError(
        "A run does not change while its push begins",
        f"{run.id} was written to {ATTEMPTS} times",
        "Push it again, or wait until it is finished",
    )


def _push(folder: Path, bucket: Bucket, progress: Progress) -> Pushed:
    journal = Journal(folder / JOURNAL)
    journal.poll()
    lines = (folder / JOURNAL).read_bytes()[: journal.size]
    before = bucket.read(JOURNAL)
    if before is not None and not lines.startswith(before.data):
        raise _other(bucket, is_further=before.data.startswith(lines))
    known = set() if before is None else set(_sums(read_lines(before.data).commits, {}))
    objects, files = bucket.sizes(), _files(folder, journal.commits)
    missing = [file for file in files if not _is_there(file, bucket, objects, known)]
    _send(missing, bucket, progress)
    if before is None or before.data != lines:
        try:
            bucket.replace(JOURNAL, lines, before)
        except ChangedError as error:
            raise _other(bucket, is_further=True) from error
    wanted = {file.name for file in files}
    bucket.remove([name for name in objects if name.startswith(STATES) and name not in wanted])
    size = sum(size_of(file.source) for file in missing)
    return Pushed(bucket.url, len(missing), size, len(files) - len(missing), len(journal.commits))


def _files(folder: Path, commits: Sequence[Commit]) -> list[File]:
    """Everything that is to be there before the journal. Raises FileNotFoundError."""
    present = files_below(folder, TREE)
    sums = _sums(commits, present)
    skeleton = [File(name, GROUP, sums_of(GROUP).sha256) for name in SKELETON]
    return [*skeleton, *(File(name, Stretch.whole(folder / name), sums[name]) for name in sums)]


def _sums(commits: Sequence[Commit], present: Mapping[str, Source]) -> dict[str, str]:
    """The sha256 of every file that counts, by its name."""
    listed = contents(tuple(commits), present)
    return {name: (group.sums or {}).get(name, "") for group in listed for name in group.names}


def _is_there(file: File, bucket: Bucket, objects: Mapping[str, int], known: set[str]) -> bool:
    """Of a file that no line there lists yet its digest decides; an object is there whole or not at all."""
    if objects.get(file.name) != size_of(file.source):
        return False
    return file.name in known or bucket.digest(file.name) == (file.sha256 or sums_of(file.source).sha256)


def _send(files: Sequence[File], bucket: Bucket, progress: Progress) -> None:
    total, done = sum(size_of(file.source) for file in files), 0
    large = Lock()

    def send(file: File) -> File:
        if size_of(file.source) <= LARGE:
            _write(file, bucket)
        else:
            with large:
                _write(file, bucket)
        return file

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for file in pool.map(send, files):
                done += size_of(file.source)
                progress.update(done, total, file.name)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _write(file: File, bucket: Bucket) -> None:
    data = read(file.source)
    digest = sums_of(data).sha256
    if file.sha256 and file.sha256 != digest:
        raise _damaged(file.name, "has other bytes than were committed")
    bucket.write(file.name, data, digest)


def _other(bucket: Bucket, *, is_further: bool) -> StoreError:
    if is_further:
        return StoreError(
            f"{bucket.url} is written by one push at a time, of one run",
            "a journal that somebody has added to",
            "Push from the copy of the run that has gone furthest",
        )
    return StoreError(
        f"{bucket.url} holds this run as it was, or nothing",
        "the journal of another run",
        "Push to another folder: s3://BUCKET/FOLDER",
    )


def _damaged(name: str, found: str) -> DamagedError:
    return DamagedError(
        "Only an undamaged run is pushed",
        f"{name} {found}",
        "See what else is damaged: deepvid verify RUN. What is there already stays as it was",
    )
