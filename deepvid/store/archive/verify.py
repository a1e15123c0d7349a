"""Whether bytes are those that were committed: of a run, of an archive, or of all runs of a store."""

from pathlib import Path
from typing import NamedTuple

from deepvid.errors import StoreError
from deepvid.progress import SILENT, Progress
from deepvid.store.archive.judgment import RunVerification
from deepvid.store.archive.survey import JOURNAL, TREE
from deepvid.store.archive.verify_archive import verify_archive
from deepvid.store.archive.verify_run import verify_run


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

    Raises StoreError where none of these is, NewerFormatError.
    """
    if target.is_file():
        return Verification(str(target), (verify_archive(target, progress=progress),))
    if (target / JOURNAL).is_file() or (target / TREE).is_dir():
        return Verification(str(target), (verify_run(target, progress=progress),))
    runs = sorted(path.parent for path in target.glob(f"*/{JOURNAL}") if not path.parent.name.startswith("."))
    if not runs:
        raise StoreError(
            "A run, an archive or a store with runs is verified",
            f"none of these at {target}",
            "List the runs: deepvid list --store STORE",
        )
    verified = [verify_run(path, progress=progress.part(n, n + 1, len(runs))) for n, path in enumerate(runs)]
    return Verification(str(target), tuple(verified))
