"""A run in an object store: files first, the journal last; no reader ever sees a line without its files."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from deepvid.errors import DamagedError, StoreError
from deepvid.progress import SILENT, Progress
from deepvid.store.archive.bucket import Bucket, ChangedError, Object
from deepvid.store.archive.contents import contents, read_lines
from deepvid.store.archive.reduction import File, files_of
from deepvid.store.format.archive_form import GROUP, SKELETON
from deepvid.store.format.journal import Commit, Journal
from deepvid.store.format.names import JOURNAL, TREE
from deepvid.store.format.sources import files_below, read, size_of, sums_of
from deepvid.store.reading.reader import Run

ATTEMPTS = 5  # at a run that is written to
AT_ONCE = 16  # requests
LARGE = 16 * 2**20  # bytes of a file that is sent alone

T = TypeVar("T")


class PushReport(NamedTuple):
    """Account of a push."""

    url: str  # of the run
    sent: int  # files
    bytes: int  # of these
    unchanged: int  # files that were there
    commits: int  # lines of the journal that readers see now


def push(run: Run, store: str, *, progress: Progress = SILENT) -> PushReport:
    """Copies what the journal of `run` lists now to `STORE/RUN`, where `store` is an s3:// address.

    A file that is there is not sent again, so a push that was stopped goes on where it was, and none is ever
    replaced. Raises StoreError for another kind of address, where there is something of another run or of
    another copy of this one, and for what the bucket refuses; MissingExtraError without s3fs; DamagedError
    for a file that is not what was committed.
    """
    if not run.commits:
        raise StoreError("A run to push has begun", f"an empty journal in {run.path}", "Run it first")
    bucket = Bucket.at(f"{store.rstrip('/')}/{run.commits[0].details.get('id', run.id)}")
    for _ in range(ATTEMPTS):
        try:
            return _push(run.path, bucket, progress)
        except ChangedError as error:
            raise _other(bucket, f"{error} of another push") from error
        except FileNotFoundError as error:  # a training state that was the last one, and is not any more
            if not run.poll():
                raise _damaged(str(error.filename), "is missing") from error
    raise StoreError(
        "A run does not change while its push begins",
        f"{run.id} was written to {ATTEMPTS} times",
        "Push it again, or wait until it is finished",
    )


def _push(folder: Path, bucket: Bucket, progress: Progress) -> PushReport:
    journal = Journal(folder / JOURNAL)
    journal.poll()
    lines = (folder / JOURNAL).read_bytes()[: journal.size]
    before = _begun(bucket, lines)
    known = {name for group in contents(read_lines(before.data).commits) for name in group.names}
    objects, files = bucket.sizes(), _files(folder, journal.commits)
    there = {name: file for name, file in files.items() if objects.get(name) == size_of(file.source)}

    def require_same(name: str) -> None:
        if name not in known and bucket.digest(name) != there[name].sha256:
            raise ChangedError(name)

    if other := (objects.keys() & files.keys()) - there.keys():
        raise ChangedError(min(other))
    _each(require_same, list(there), lambda _: progress.check())
    missing = {name: file for name, file in files.items() if name not in there}
    size = _send(missing, bucket, progress)
    if before.data != lines:
        bucket.replace(JOURNAL, lines, before)
    states = [commit.details["state"] for commit in journal.commits if commit.kind == "epoch"]
    former = tuple(f"{state['path']}/" for state in states if state)  # the last one is among the files
    bucket.remove([name for name in objects if name.startswith(former) and name not in files])
    return PushReport(bucket.url, len(missing), size, len(there), len(journal.commits))


def _begun(bucket: Bucket, lines: bytes) -> Object:
    """The journal that is there, or its first line, which lists no files: from now on no other run is."""
    before = bucket.read(JOURNAL)
    if before is None:
        bucket.replace(JOURNAL, lines[: lines.index(b"\n") + 1], None)
        bucket.require_conditions(JOURNAL)
        before = bucket.read(JOURNAL)
        assert before is not None
    if not lines.startswith(before.data):
        further = before.data.startswith(lines)
        raise _other(bucket, "more of this run than is here" if further else "the journal of another one")
    return before


def _files(folder: Path, commits: Sequence[Commit]) -> dict[str, File]:
    """Everything that is to be there before the journal. Raises FileNotFoundError."""
    skeleton = dict.fromkeys(SKELETON, File(GROUP, sums_of(GROUP).sha256))
    listed = contents(tuple(commits), files_below(folder, TREE))
    return skeleton | {name: file for group in listed for name, file in files_of(folder, group).items()}


def _send(files: dict[str, File], bucket: Bucket, progress: Progress) -> int:
    """Sends files, and compares each with the journal as it passes; their bytes."""
    total, done = sum(size_of(file.source) for file in files.values()), 0

    def send(name: str) -> str:
        data = read(files[name].source)
        if sums_of(data).sha256 != files[name].sha256:
            raise _damaged(name, "has other bytes than were committed")
        bucket.add(name, data, files[name].sha256)
        return name

    def report(name: str) -> None:
        nonlocal done
        done += size_of(files[name].source)
        progress.update(done, total, name)

    large = [name for name, file in files.items() if size_of(file.source) > LARGE]
    _each(send, [name for name in files if name not in large], report)
    for name in large:
        report(send(name))
    return total


def _each(ask: Callable[[str], T], names: Sequence[str], report: Callable[[T], None]) -> None:
    """Asks for several at once, in their order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for answer in pool.map(ask, names):
                report(answer)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _other(bucket: Bucket, found: str) -> StoreError:
    return StoreError(
        f"{bucket.url} holds nothing, or a part of this copy of the run",
        found,
        "Push from the copy that has gone furthest, or to another folder: s3://BUCKET/FOLDER",
    )


def _damaged(name: str, found: str) -> DamagedError:
    return DamagedError(
        "Only an undamaged run is pushed",
        f"{name} {found}",
        "See what else is damaged: deepvid verify RUN. What is there already stays as it was",
    )
