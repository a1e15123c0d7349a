"""The first line of a run, or the proof that it is the same run."""

from pathlib import Path
from typing import Any

import zarr

from deepvid.errors import StoreError
from deepvid.store.format.disk import seal, sync_directory
from deepvid.store.format.journal import Journal, JournalWriter
from deepvid.store.format.names import names_run
from deepvid.store.format.schema import CRATE_FORM, VERSION, plain
from deepvid.store.reading.location import Folder
from deepvid.store.reading.reader import Run
from deepvid.store.writing.commit import Committer
from deepvid.store.writing.lock import RunLock
from deepvid.store.writing.recovery import recover


def open_journal(
    path: Path, lock: RunLock, config: dict[str, Any], provenance: dict[str, Any], hashing: int
) -> Committer:
    """Recovers the run at `path`, whose lock this is, or creates it durably.

    Raises StoreError where the run was created with another configuration.
    """
    journal = JournalWriter(Journal(path / "journal.jsonl"), lock.require)
    try:
        recover(path, journal)
        committer = Committer(Run(Folder(path)), journal, lock)
        if not committer.run.commits:
            _create(committer, path, {"config": config, "provenance": provenance}, hashing)
        elif committer.run.config != plain(config):
            raise StoreError(
                "A run keeps the configuration it was created with",
                f"another one for {path.name}",
                "Give the experiment another name",
            )
    except BaseException:
        journal.close()
        raise
    return committer


def _create(committer: Committer, path: Path, said: dict[str, Any], hashing: int) -> None:
    if not names_run(path.name):
        raise StoreError(
            "A run's id is at most 120 letters, digits, dots, - and _, as any system can name a folder",
            repr(path.name),
            "Give it another name",
        )
    name = said["config"].get("name", path.name)
    with committer.attempt("the new run"):
        make_groups(path)
        details = {"version": VERSION, "id": path.name, "crate": CRATE_FORM, **said}
        if hashing > 1:
            details["hashing"] = hashing
        committer.line("created", name, metrics={}, details=details, summary={"name": name})


def make_groups(path: Path) -> None:
    """The empty tree, durable to the root of the store."""
    (path / "wip").mkdir(exist_ok=True)
    for group in ("", "stage", "series", "state"):
        zarr.open_group(path / "data.zarr" / group, mode="a", zarr_format=3)
    seal(path / "data.zarr")
    sync_directory(path)
    sync_directory(path.parent)
