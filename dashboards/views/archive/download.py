"""An archive of the chosen run: what goes in, how large it is, and the file itself."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from dashboards.data.commands import checking
from dashboards.data.writable import local
from dashboards.kit.elements import Box, Button, Child, quiet, text
from dashboards.kit.forms import Check, Link
from dashboards.serving import transfer
from dashboards.serving.scratch import scratch_folder
from dashboards.session.session import Session
from dashboards.views.archive.tab import Sheet, Tab, run_of
from deepvid import wording
from deepvid.errors import StoreError
from deepvid.progress import Progress
from deepvid.store import Run, RunListing, write_archive
from deepvid.wording import command

IMAGES = "images"  # can be left out of an archive like a stage; the labels stay

_WHAT = {
    "dataset": "labels, classes and checksums",
    "data-check": "copies, contradicting labels, and images that show little",
    "teacher": "predictions, features and parameters",
    "vae": "the autoencoder and the latents of every image",
    "hierarchy": "the teacher's tree of classes, for Sunburst and Path",
    "soft-tree": "a tree of decisions distilled from the teacher, for Path",
    "students": "a student for every image studied",
    "layers": "votes of every image's neighbors at every layer, and the layers' maps",
    "units": "how units answer, and what silencing each does",
    "unit-groups": "units that answer together",
    "unit-maps": "where units answer in images",
    "influence": "training images that speak for and against an answer",
    "counterfactuals": "the nearest images with another answer",
    "maximized": "pictures that units answer most to",
    "causes": "why each misclassified image is wrong",
    "modes": "kinds of mistakes, and whether each was confirmed",
    "explanations": "other methods' maps, and how much each costs the teacher",
}


class Part(NamedTuple):
    """One stage with all its batches and epochs."""

    name: str
    what: str  # it holds, in a few words
    bytes: int


class Ready(NamedTuple):
    """An archive that waits to be fetched."""

    link: str
    path: Path
    name: str
    without: tuple[str, ...]  # names of parts


class DownloadTab(Tab):
    """Writes the archive into a temporary file, which goes with the session, and hands out a link to it."""

    doing = "Writing the archive of"

    def __init__(self, session: Session, changed: Callable[[], None]) -> None:
        super().__init__(session, changed)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._without: dict[str, frozenset[str]] = {}  # names of parts, by the run's id
        self._ready: dict[str, Ready] = {}  # by the run's id

    @property
    def actions(self) -> Mapping[str, Callable[[RunListing, Any], None]]:
        return {"prepare": self._prepare, "keep": self._tick}

    def sheet(self, listing: RunListing) -> Sheet:
        sheet = self._sheet_of_file(listing) if listing.read_only else self._sheet_of_run(listing)
        ready = self._ready.get(listing.id)
        return sheet if ready is None else sheet._replace(children=(*sheet.children, _handed(ready)))

    def close(self) -> None:
        super().close()
        for ready in self._ready.values():
            transfer.withdraw(ready.link)
        if self._folder is not None:
            self._folder.cleanup()

    def _sheet_of_run(self, listing: RunListing) -> Sheet:
        run = run_of(listing)
        if refusal := transfer.refusal():
            return Sheet("One file that opens anywhere", f"{refusal} Or: {_archive_command(run)}")
        unfinished = f"The run is {listing.state}: the archive holds what is committed now."
        without, found = self._without.get(listing.id, frozenset()), parts(run)
        kept = [part for part in found if part.name not in without]
        return Sheet(
            "One file that opens anywhere, without DeepVID and without JAX",
            "A zip of the run with the sha256 of every file. The same run gives the same bytes.",
            (
                text(unfinished, tag="p", look="warning") if listing.state != "finished" else None,
                listed(found, without),
                _note(len(found) - len(kept)),
                self._button(sum(part.bytes for part in kept), disabled=not kept),
            ),
        )

    def _sheet_of_file(self, listing: RunListing) -> Sheet:
        """An archive is handed out as it is."""
        path = local(listing)
        if path is None:
            return Sheet("It is read from where it lies", str(listing.path))
        return Sheet(
            "This run is an archive already: one file", children=(self._button(path.stat().st_size),)
        )

    def _button(self, size: int, *, disabled: bool = False) -> Box:
        words = f"Download {wording.size(size)}"
        button = Button((words,), "prepare", disabled=disabled or self.task.busy, look="action primary")
        return text(button, tag="p")

    def _tick(self, listing: RunListing, asked: Any) -> None:
        without, name = self._without.get(listing.id, frozenset()), {asked["name"]}
        self._without[listing.id] = without - name if asked["checked"] else without | name

    def _prepare(self, listing: RunListing, _: Any) -> None:
        if listing.read_only:
            if (file := local(listing)) is not None:
                self._offer(listing.id, (), file)
            return
        run, without = run_of(listing), self._without.get(listing.id, frozenset())
        left_out = tuple(part.name for part in parts(run) if part.name in without)
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


def listed(found: list[Part], without: frozenset[str]) -> Box:
    """A box to tick for each part, and how large those are together that are ticked."""
    largest = max((part.bytes for part in found), default=1)
    total = sum(part.bytes for part in found if part.name not in without)
    lines = (_line(part, largest, checked=part.name not in without) for part in found)
    last = Box((text(), text("together"), text(), _size(total, "b")), look="part total")
    return Box((*lines, last), look="parts", role="group", label="Parts of the archive")


def _line(part: Part, largest: int, *, checked: bool) -> Check:
    bar = text(text(style=f"width:{100 * part.bytes / max(largest, 1):.2f}%"), look="amount")
    words = text(text(part.name, tag="b"), quiet(part.what), look="words")
    return Check((words, bar, _size(part.bytes)), "keep", part.name, checked, look="part")


def _size(count: int, tag: Any = "span") -> Box:
    return text(wording.size(count), tag=tag, look="number")


def _note(left: int) -> Child:
    if not left:
        return None
    were, them = ("a part was", "it") if left == 1 else (f"{left} parts were", "them")
    said = f"The archive will say that {were} left out; what needs {them} will say so where it is missing."
    return text(said, tag="p", look="quiet")


def _handed(ready: Ready) -> Box:
    link = Link((ready.name,), ready.link, ready.name, at_once=True)
    lacking = f", without {', '.join(ready.without)}" if ready.without else ""
    size = wording.size(ready.path.stat().st_size)
    return Box(
        (
            text("Handed to your browser: ", link, f", {size}{lacking}.", tag="p"),
            text("Anyone can check it without DeepVID:", tag="p", look="quiet"),
            text(checking(ready.name), tag="code"),
        ),
        look="ready",
        role="status",
    )


def parts(run: Run) -> list[Part]:
    """In the order of their commits; images first, for they are most of what can be spared.

    Sizes are those of the arrays, read from their metadata; files are larger by a few kB each.
    """
    sizes: dict[str, int] = {}
    for stage in run.stages.values():
        group = stage.open()
        images = group["image"].nbytes if stage.name == "dataset" and "image" in group else 0
        if images:
            sizes[IMAGES] = images
        sizes[stage.family] = sizes.get(stage.family, 0) + group.nbytes - images
    for name in run.summary.get("epochs", {}):
        if (series := run.series(name)) is not None and series.epochs:
            sizes[name] = sizes.get(name, 0) + series.open().nbytes + series.state_nbytes
    first = [IMAGES] if IMAGES in sizes else []
    return [Part(name, _what(name, run), sizes[name]) for name in dict.fromkeys([*first, *sizes])]


def _what(name: str, run: Run) -> str:
    if name == IMAGES:
        count = run.stages["dataset"].open().sizes.get("sample", 0)
        return f"{count:,} images; without them pages show no pictures"
    if name.startswith("projection-"):
        return f"the map {name.removeprefix('projection-')}"
    series = run.series(name)
    epochs = f", {wording.quantity(series.epochs, 'epoch')}" if series is not None else ""
    return _WHAT.get(name, "") + epochs


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
