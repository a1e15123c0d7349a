"""Notes that people add to a run: marks, named selections, and selections too long for an address.

They stay in the session where nothing can be written. They are seen at once and written in a thread, in their
order: another process may have the notes' lock, or the disk may be slow.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import param

from dashboards.data.population import SPLITS, population
from dashboards.data.trust import judge
from dashboards.data.writable import store_refusal
from dashboards.session.address import rows, steps_of
from dashboards.session.selection import Steps, fold
from deepvid.errors import DataError, StoreError
from deepvid.store import (
    Address,
    KeptSelection,
    Mark,
    Run,
    drop_mark,
    drop_named,
    keep_mark,
    keep_marks,
    keep_named,
    keep_selection,
    kept_marks,
    kept_named,
    kept_selection,
    selection_name,
)

EXECUTOR = ThreadPoolExecutor(1, thread_name_prefix="deepvid-notes")
Schedule = Callable[[Callable[[], None]], None]
"""Runs a function soon on the document's thread."""

K = TypeVar("K")
V = TypeVar("V")


def write_note(
    note: Callable[[], Any], schedule: Schedule, written: Callable[[BaseException | None], None]
) -> None:
    """Returns at once; `written` is told on the document's thread what was raised, if anything."""
    EXECUTOR.submit(note).add_done_callback(lambda done: schedule(partial(written, done.exception())))


class NoteStore(param.Parameterized, Generic[K, V]):
    """Notes of one kind in the open run, by their key."""

    entries: Mapping[K, V] = param.Dict({}, doc="replaced, never changed")  # type: ignore[assignment]

    def __init__(
        self,
        store: Address,
        fault: Callable[[BaseException], None],
        schedule: Schedule,
        read: Callable[[Run], Mapping[K, V]],
    ) -> None:
        """`fault` is told what cannot be read or written; `read` is how a run's notes are."""
        super().__init__()
        self._store, self._fault, self._schedule, self._read = store, fault, schedule, read
        self._run: Run | None = None
        self._own: dict[str, dict[K, V | None]] = {}  # by the run's id, not written (yet); None: taken back
        self._unwritten: Counter[tuple[str, K]] = Counter()

    @property
    def refusal(self) -> str:
        """Why they stay in this session; empty where the run keeps them."""
        if self._run is not None and self._run.read_only:
            return f"{self._run.id} is only read."
        return store_refusal(self._store)

    def open(self, run: Run | None) -> None:
        """Takes up those of a run."""
        self._run = run
        try:
            self.look()
        except Exception as error:
            self._fault(error)
            self.entries = {}

    def look(self) -> None:
        """Takes up what others have kept meanwhile. Raises DeepVIDError where that cannot be read."""
        run = self._run
        known: dict[K, Any] = {} if run is None else {**self._read(run), **self._own.get(run.id, {})}
        now = {key: value for key, value in known.items() if value is not None}
        if now != self.entries:
            self.entries = now

    def _change(self, changed: Mapping[K, V | None], keep: Callable[[Run], None]) -> None:
        run = self._run
        if run is None:
            return
        self._own.setdefault(run.id, {}).update(changed)
        if not self.refusal:
            self._unwritten.update((run.id, key) for key in changed)
            write_note(partial(keep, run), self._schedule, partial(self._written, run.id, tuple(changed)))
        self._show()

    def _written(self, run_id: str, keys: Sequence[K], error: BaseException | None) -> None:
        """The notes have it, or never will: they say what is shown, unless more is said of it meanwhile."""
        for key in keys:
            self._unwritten[run_id, key] -= 1
            if not self._unwritten[run_id, key]:
                del self._unwritten[run_id, key], self._own[run_id][key]
        if error is not None:
            self._fault(error)
        self._show()

    def _show(self) -> None:
        try:
            self.look()
        except Exception as error:
            self._fault(error)


_UNWRITTEN: dict[tuple[str, str], Steps] = {}
"""Long selections of all sessions on their way into the notes, by run and name: their links open, too."""


class LongSelections:
    """Selections that are too long for an address, by the short name that links have for them."""

    def __init__(self, store: Address, schedule: Schedule, unkept: Callable[[], None]) -> None:
        """`unkept` is called where the last one could not be written: from then on `keep` raises that."""
        self._store, self._schedule, self._unkept = store, schedule, unkept
        self._last: tuple[str, Steps] | None = None  # an address is asked for often
        self._error: BaseException | None = None  # of the last

    def keep(self, run: Run, steps: Steps) -> str:
        """The name that a link has for these gestures. Raises StoreError where nothing can be written."""
        listed = rows(steps)
        if self._last != (last := (run.id, steps)):
            if refusal := store_refusal(self._store):
                raise StoreError("A long selection is kept in the notes of its run", refusal, "Select less")
            self._last, self._error = last, None
            _UNWRITTEN[str(run.address), selection_name(listed)] = steps
            write_note(partial(self._write, run, listed), self._schedule, partial(self._written, last))
        if isinstance(self._error, StoreError):
            raise self._error
        return selection_name(listed)

    def _write(self, run: Run, listed: list[Any]) -> None:
        try:
            keep_selection(run, listed)
        finally:
            _UNWRITTEN.pop((str(run.address), selection_name(listed)), None)

    def _written(self, selection: tuple[str, Steps], error: BaseException | None) -> None:
        if error is not None and selection == self._last:
            self._error = error
            self._unkept()

    def find(self, run: Run, name: str) -> Steps:
        """The gestures that a link names. Raises DataError where the run has none of that name."""
        steps = _UNWRITTEN.get((str(run.address), name)) or steps_of(kept_selection(run, name) or [])
        if not steps:
            raise DataError(
                "The selection that a link names is in the notes of its run",
                f"none named {name} in {run.id}",
                "Select again, or ask whoever serves that run for the link",
            )
        return steps


class Marks(NoteStore[int, Mark]):
    """Labels that a person takes for wrong, or found right, with a remark on each, by sample."""

    def __init__(self, store: Address, fault: Callable[[BaseException], None], schedule: Schedule) -> None:
        super().__init__(store, fault, schedule, kept_marks)

    @property
    def wrong(self) -> Mapping[int, Mark]:
        """Those of labels that are wrong."""
        return {sample: mark for sample, mark in self.entries.items() if not mark.right}

    def put(self, sample: int, remark: str, label: int | None) -> None:
        """Marks a sample as wrong, or says something else of it."""
        self._change({sample: new_mark(remark, label)}, lambda run: keep_mark(run, sample, remark, label))

    def drop(self, sample: int) -> None:
        """Takes a mark back."""
        self._change({sample: None}, lambda run: drop_mark(run, sample))

    def put_all(self, said: Mapping[int, Mark | None]) -> None:
        """Marks many at once, and takes back those that are None."""
        self._change(said, lambda run: keep_marks(run, said))


def new_mark(remark: str, label: int | None, *, right: bool = False) -> Mark:
    """A mark of now."""
    return Mark(datetime.now(UTC).isoformat(timespec="seconds"), remark, label, right)


LONGEST_NAME = 80  # letters of a name


class NamedSelection(NamedTuple):
    """Gestures, and the images that they select among."""

    steps: Steps
    split: str


class NamedSelections(NoteStore[str, NamedSelection]):
    """Selections by their name; one that this DeepVID does not understand stays in the notes, unseen."""

    def __init__(self, store: Address, fault: Callable[[BaseException], None], schedule: Schedule) -> None:
        super().__init__(store, fault, schedule, _understood)

    def put(self, name: str, selection: NamedSelection) -> None:
        """Keeps a selection under a name, in the place of what had it."""
        steps, split = selection
        self._change({name: selection}, lambda run: keep_named(run, name, rows(steps), split))

    def drop(self, name: str) -> None:
        """Takes a name back."""
        self._change({name: None}, lambda run: drop_named(run, name))


def _understood(run: Run) -> Mapping[str, NamedSelection]:
    known = {name: _selection(kept) for name, kept in kept_named(run).items()}
    return {name: selection for name, selection in known.items() if selection is not None}


def _selection(kept: KeptSelection) -> NamedSelection | None:
    steps = steps_of(kept.steps)
    return NamedSelection(steps, kept.split) if steps and kept.split in SPLITS else None


def samples_named(run: Run, name: str) -> list[int]:
    """Samples of the selection `name` in a run's notes, by index. Raises StoreError where there is none."""
    kept = kept_named(run)
    if name not in kept:
        raise StoreError(
            "A selection is kept in the notes of its run under its name",
            f"{', '.join(map(repr, kept)) or 'no selection'} in {run.id}, and not {name!r}",
            "Name one of those, or give a selection that name on the page",
        )
    judge(run)  # a gesture may select by trust
    selection = _selection(kept[name])
    table = population(run, selection.split) if selection else None
    table = table and table.with_marks(kept_marks(run))
    mask = None if table is None or selection is None else fold(selection.steps, table)
    if table is None or mask is None:
        raise StoreError(
            "A selection is made of gestures that this DeepVID knows",
            f"none in {name!r} of {run.id}",
            "Select on the page again, and keep it under that name",
        )
    return sorted(np.asarray(table.samples)[mask].tolist())
