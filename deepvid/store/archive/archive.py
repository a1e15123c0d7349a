"""A run as one zip: the same run gives the same bytes, on any day and from any copy of it."""

import difflib
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from deepvid.errors import DamagedError, StoreError
from deepvid.fields import parts_of
from deepvid.progress import SILENT, Progress
from deepvid.store.archive.crate import crate
from deepvid.store.archive.reduction import IMAGES, File, damaged, family, reduce_run
from deepvid.store.format.archive_form import GROUP, ROOT, SKELETON, consolidated_root
from deepvid.store.format.disk import is_regular, os_error_text, remedy, remove, sync_directory, sync_file
from deepvid.store.format.journal import decode
from deepvid.store.format.names import CRATE, JOURNAL, MANIFEST, TREE
from deepvid.store.format.sources import Source, blocks, files_below, size_of, sums_of
from deepvid.store.format.zipform import ZipWriter
from deepvid.store.reading.reader import Run
from deepvid.store.writing.lock import lock_file
from deepvid.store.writing.removal import ARCHIVED, hidden, left

ATTEMPTS = 5  # at a run that is written to


def write_archive(
    run: Run,
    file: Path,
    *,
    without: Sequence[str] = (),
    only: Sequence[str] = (),
    force: bool = False,
    progress: Progress = SILENT,
) -> Path:
    """Writes what the journal of `run` lists now into `file`, whole or not at all.

    `without` and `only` name stages; `without` may also name "images". With `force` a file of that name is
    replaced. Every byte is compared with the journal as it passes. Raises StoreError for an unknown stage and
    for a place where no archive goes, DamagedError for a run that is not what was committed.
    """
    require_place(file, force=force)
    try:
        with _replacing(file, force) as written:
            _write_settled(written, run, without, only, progress)
    except OSError as error:
        raise _unwritten(error, run, file) from error
    return file


def require_place(file: Path, *, force: bool = False) -> None:
    """Raises StoreError unless an archive can be written there: nothing is replaced that is not a file, is
    part of a run, or, without `force`, is there at all.
    """
    place = file.parent.resolve()
    runs = [folder for folder in (place, *place.parents) if is_regular(folder / JOURNAL)]
    if within := [folder for folder in runs if (folder / TREE).is_dir()]:
        raise _refused(f"{str(file)!r}, which lies in the run {within[0].name}", "Choose a place outside")
    try:
        mode = file.lstat().st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise _refused(str(error), "Choose another file") from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a link" if stat.S_ISLNK(mode) else "a device or pipe"
        raise _refused(f"{kind} at {str(file)!r}", "Choose another file")
    if not force:
        raise _refused(f"a file at {str(file)!r}", "Choose another, or replace it: --force")


def _refused(what: str, action: str) -> StoreError:
    return StoreError("An archive is written to a new file of its own", what, action)


@contextmanager
def _replacing(target: Path, force: bool) -> Iterator[BinaryIO]:
    """A file that takes its place when all is written, or never was; locked, so that nobody collects it."""
    for path in left(target.parent, ARCHIVED):
        with suppress(OSError), path.open("rb") as file:
            lock_file(file.fileno())
            path.unlink()  # its process was killed
    path = hidden(target.parent, ARCHIVED)
    try:
        with path.open("xb") as file:
            with suppress(OSError):  # there are file systems without locks
                lock_file(file.fileno())
            yield file
        require_place(target, force=force)  # it took a while
        path.replace(target)
        sync_directory(target.parent)
    finally:
        remove(path)


def _write_settled(
    file: BinaryIO, run: Run, without: Sequence[str], only: Sequence[str], progress: Progress
) -> None:
    """Begins anew where the run was written to and a training state is gone that was the last one."""
    for _ in range(ATTEMPTS):
        run.poll()
        try:
            file.truncate(0)
            return _write(file, _members(run, _left_out(run, without, only)), progress)
        except FileNotFoundError as error:
            if not run.poll():
                raise _gone(run, error) from error
    raise StoreError(
        "A run does not change while it is archived",
        f"{run.id} was written to {ATTEMPTS} times",
        "Archive it again, or wait until it is finished",
    )


def choices(run: Run) -> tuple[str, ...]:
    """Names that `without` and `only` may give, in the order of the run."""
    names = dict.fromkeys(name for commit in run.commits if (name := family(commit)))
    return (*names, IMAGES)


def _left_out(run: Run, without: Sequence[str], only: Sequence[str]) -> set[str]:
    known = choices(run)
    without, only = ([part for name in names for part in parts_of(name, known)] for names in (without, only))
    for name in (*without, *only):
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise StoreError(
                f"{run.id} consists of {', '.join(known)}",
                repr(name),
                f"Did you mean {near[0]}" if near else "Name one of them",
            )
    others = {name for name in known if name not in only and name != IMAGES} if only else set()
    return others | set(without)


def _members(run: Run, left_out: Collection[str]) -> dict[str, File | Source]:
    """Everything in the archive but the manifest, sorted; a File is compared with its journal."""
    if not run.commits:
        raise StoreError("A run to archive has begun", f"an empty journal in {run.path}", "Run it first")
    remaining = reduce_run(run, left_out, files_below(run.path, TREE))
    commits = [decode(line, run.path) for line in remaining.journal.splitlines()]
    run_id = str(commits[0].details.get("id", run.id))
    skeleton: dict[str, Source] = dict.fromkeys(SKELETON, GROUP)  # whatever stands in the run's own

    def document(name: str) -> bytes:
        return GROUP if name in skeleton else remaining.files[name].document(name)

    members: dict[str, File | Source] = {
        **skeleton,
        **remaining.files,
        ROOT: consolidated_root((*skeleton, *remaining.files), document),
        JOURNAL: remaining.journal,
        CRATE: crate(run_id, commits[0], commits[-1]),
    }
    return dict(sorted(members.items()))


def _write(file: BinaryIO, members: dict[str, File | Source], progress: Progress) -> None:
    sources = {name: held.source if isinstance(held, File) else held for name, held in members.items()}
    total, done = sum(map(size_of, sources.values())), 0
    lines: dict[str, str] = {}
    writer = ZipWriter(file)
    for name in sorted((*members, MANIFEST)):
        if name == MANIFEST:
            data = _manifest(lines, sources)
            writer.add(name, len(data), iter([data]))
            continue
        source, held = sources[name], members[name]
        sums = writer.add(name, size_of(source), blocks(source))
        if sums.size != size_of(source) or (isinstance(held, File) and held.sha256 != sums.sha256):
            raise damaged(name)
        lines[name] = sums.sha256
        done += sums.size
        progress.update(done, total, name)
    writer.close()
    sync_file(file)


def _manifest(lines: dict[str, str], sources: dict[str, Source]) -> bytes:
    """Manifest that `sha256sum -c` reads: every member but the manifest itself."""
    lines = {**lines, CRATE: sums_of(sources[CRATE]).sha256}
    return "".join(f"{value}  {name}\n" for name, value in sorted(lines.items())).encode()


def _unwritten(error: OSError, run: Run, file: Path) -> StoreError:
    """Error for what the system refused, of the run or of the file."""
    if error.filename is not None and Path(error.filename).is_relative_to(run.path):
        return StoreError(
            "A run to archive can be read",
            str(error),
            remedy(error, "leave that stage out: --without STAGE"),
        )
    return StoreError(
        "An archive is written to a file on a disk with room for it",
        os_error_text(error, file),
        remedy(error, "choose another file"),
    )


def _gone(run: Run, error: FileNotFoundError) -> StoreError:
    if error.filename is None or not Path(error.filename).is_relative_to(run.path):
        return StoreError(
            "An archive is written into an existing folder", str(error), "Create it, or choose another"
        )
    return DamagedError(
        "Only an undamaged run is archived",
        f"{error.filename} is missing",
        "See what else is damaged: deepvid verify RUN. Leave that stage out: --without STAGE",
    )
