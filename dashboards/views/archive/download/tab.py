"""An archive of the chosen run: what goes in, how large it is, and the file itself."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NotRequired, TypedDict

from dashboards.data.commands import checking
from dashboards.data.writable import local
from dashboards.serving import transfer
from dashboards.serving.scratch import scratch_folder
from dashboards.session.session import Session
from dashboards.views.archive.download.table import parts
from dashboards.views.archive.tab import Card, Tab, run_of
from deepvid.errors import StoreError
from deepvid.progress import Progress
from deepvid.store import Run, RunListing, write_archive
from deepvid.wording import command


class Ready(NamedTuple):
    """An archive that waits to be fetched."""

    link: str
    path: Path
    name: str
    without: tuple[str, ...]


class ReadyFile(TypedDict):
    """An archive that the browser fetches."""

    link: str
    name: str
    bytes: int
    without: list[str]  # names of what was left out
    check: str  # command that verifies it without DeepVID


class DownloadCard(Card):
    """What an archive would hold, or the archive that the run is."""

    parts: NotRequired[list[dict[str, Any]]]  # `Part`, as dicts
    partial: NotRequired[str]  # why it would not be the whole run
    size: NotRequired[int]  # bytes, of a run that is an archive
    ready: NotRequired[ReadyFile]


class DownloadTab(Tab):
    """Writes the archive into a temporary file, which goes with the session, and hands out a link to it."""

    doing = "Writing the archive of"

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        super().__init__(session, changed)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._links: dict[str, str] = {}  # of archives that are served as they are
        self._ready: dict[str, Ready] = {}  # by the run's id

    @property
    def actions(self) -> Mapping[str, Callable[[RunListing, Any], None]]:
        return {"prepare": self._prepare}

    def card(self, listing: RunListing) -> DownloadCard:
        card = self._card_of_file(listing) if listing.read_only else self._card_of_run(listing)
        if (ready := self._ready.get(listing.id)) is not None:
            size = ready.path.stat().st_size
            left_out = list(ready.without)
            card["ready"] = {
                "link": ready.link,
                "name": ready.name,
                "bytes": size,
                "without": left_out,
                "check": checking(ready.name),
            }
        return card

    def close(self) -> None:
        super().close()
        for ready in self._ready.values():
            transfer.withdraw(ready.link)
        if self._folder is not None:
            self._folder.cleanup()

    def _card_of_run(self, listing: RunListing) -> DownloadCard:
        if refusal := transfer.refusal():
            text = f"{refusal} Or: {_archive_command(run_of(listing))}"
            return {"title": "One file that opens anywhere", "text": text}
        unfinished = f"The run is {listing.state}: the archive holds what is committed now."
        return {
            "title": "One file that opens anywhere, without DeepVID and without JAX",
            "text": "A zip of the run with the sha256 of every file. The same run gives the same bytes.",
            "parts": [part._asdict() for part in parts(run_of(listing))],
            "partial": "" if listing.state == "finished" else unfinished,
        }

    def _card_of_file(self, listing: RunListing) -> DownloadCard:
        """What is an archive already is handed out as it is."""
        path = local(listing)
        if path is None:
            return {"title": "It is read from where it lies", "text": str(listing.path)}
        return {"title": "This run is an archive already: one file", "size": path.stat().st_size}

    def _prepare(self, listing: RunListing, without: Any) -> None:
        if listing.read_only:
            if (file := local(listing)) is not None:
                self._offer(listing.id, (), file)
            return
        run = run_of(listing)
        known = {part.name for part in parts(run)}
        left_out = tuple(name for name in without if name in known)
        self._discard(listing.id)
        self._folder = self._folder or scratch_folder()
        path = Path(self._folder.name) / f"{listing.id}.zip"
        self.task.start(
            listing.id, partial(_write, run, path, left_out), partial(self._offer, listing.id, left_out)
        )

    def _offer(self, run_id: str, without: tuple[str, ...], path: Path) -> None:
        name = f"{run_id}-partial.zip" if without else f"{run_id.removesuffix('.zip')}.zip"
        link = transfer.offer(path, name)
        self._ready[run_id] = Ready(link, path, name, without)

    def _discard(self, run_id: str) -> None:
        """One archive of a run is kept at a time."""
        ready = self._ready.pop(run_id, None)
        if ready is not None:
            transfer.withdraw(ready.link)
            ready.path.unlink(missing_ok=True)


def _archive_command(run: Run) -> str:
    return command("archive", run.id, "-o", f"{run.id}.zip", "--store", run.path.parent)


def _write(run: Run, path: Path, without: tuple[str, ...], progress: Progress) -> Path:
    free, needed = shutil.disk_usage(path.parent).free, run.summary.get("bytes", 0)
    if free < 1.05 * needed and not without:
        raise StoreError(
            "The archive is written to a temporary file of the server first",
            f"{free / 1e6:,.0f} MB free in {path.parent.parent}, and {needed / 1e6:,.0f} MB needed",
            f"Set TMPDIR to a larger disk, or write it there directly: {_archive_command(run)}",
        )
    return write_archive(run, path, without=without, progress=progress)
