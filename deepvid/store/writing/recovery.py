"""Before a writer's first commit: what is torn is cut, what is damaged refused, what is lost collected."""

from collections.abc import Iterator
from pathlib import Path

from deepvid.errors import DamagedError
from deepvid.store.format.chain import Commit
from deepvid.store.format.disk import UNFINISHED, remove
from deepvid.store.format.journal import JournalWriter
from deepvid.store.reading.location import Folder
from deepvid.store.reading.series import series_of

_REMAINS = ("wip/*", f".*{UNFINISHED}", "data.zarr/*.partial")  # groups, our small files, Zarr's own


def recover(run: Path, journal: JournalWriter) -> None:
    """Leaves exactly what the journal lists. Raises DamagedError, and then has changed nothing."""
    journal.journal.poll()
    commits = journal.journal.commits
    if not commits and any(path.is_dir() for path in _groups(run)):
        raise DamagedError(
            f"The journal of {run.name} lists its groups",
            "groups, but not one line",
            f"Restore {journal.journal.path.name} from a copy; nothing was changed",
        )
    _require_series(run, commits)
    if journal.journal.path.stat().st_size > journal.journal.size:
        journal.cut()
    for pattern in _REMAINS:
        for path in run.glob(pattern):
            remove(path)
    collect(run, commits)


def _require_series(run: Path, commits: tuple[Commit, ...]) -> None:
    """Raises DamagedError where an array is gone that grows."""
    for begun in series_of(Folder(run), commits).values():
        for array in begun.arrays:
            if not (begun.path / array).is_dir():
                raise DamagedError(
                    f"{run} holds what was committed",
                    f"{begun.group}/{array} is missing",
                    "Restore the run from a copy, or remove it; nothing was changed",
                )


def collect(run: Path, commits: tuple[Commit, ...]) -> None:
    """Removes the groups, epochs and training states that no line points to any more."""
    series = series_of(Folder(run), commits)
    listed = {run / commit.path for commit in commits if commit.kind in ("stage", "series")}
    listed |= {begun.state_path for begun in series.values() if begun.state_path}
    for path in set(_groups(run)) - listed:
        remove(path)
    for begun in series.values():
        for array in begun.arrays:
            for path in (begun.path / array).iterdir():
                if path.name != "zarr.json" and not _committed(path.name, begun.epochs):
                    remove(path)


def _groups(run: Path) -> Iterator[Path]:
    """Every group, listed or not, and what Zarr left half-written beside them."""
    for kind in ("stage", "series", "state"):
        yield from (path for path in (run / "data.zarr" / kind).glob("*") if path.name != "zarr.json")


def _committed(name: str, epochs: int) -> bool:
    """Whether `c.<epoch>.…` is a file of a committed epoch; what zarr left half-written is not."""
    _, *indices = name.split(".")
    return all(index.isdigit() for index in indices) and int(indices[0]) < epochs
