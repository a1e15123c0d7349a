"""The kind of stage that computes many items, each alone: in batches, by workers, more of them at any time.

A batch is named `<family>/<key>-<number>`. Its key tells by what settings and models its items were computed;
how many there are, and which, it does not tell: a run grows by the items that are asked for and lacking.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple, Self

import numpy as np
import xarray as xr

from deepvid import store
from deepvid.config import digest
from deepvid.config.hashing import Fingerprint
from deepvid.pipeline.stage import Outcome, Stage, StageContext, key_in, other_runs_with
from deepvid.pipeline.worker_pool import Batch, Work, WorkerPool, WrittenBatch
from deepvid.progress import Progress
from deepvid.store import Run


class Items(NamedTuple):
    """Items that a stage is asked for."""

    wanted: np.ndarray  # int (item,): their numbers, in the order in which they are computed
    item_bytes: int  # that one takes in the store
    text: str = ""  # what they are, for a person: "300 of 1,187 misclassified test images"
    note: str = ""  # what is not among them, and how to have it
    item_seconds: float | None = None  # that one takes on all cores, where that can be told


@dataclass(frozen=True, kw_only=True)
class BatchStage(Stage):
    """`items` says what is wanted, and raises what can be known before workers start.

    A worker calls `begin` once, with the run's folder and with `named=` where a classifier was named, and
    `task` for every batch, with what `begin` returned. Both are functions of a module, for a worker imports
    them by name.
    """

    choosing: frozenset[str]  # settings that choose items, and change none
    items: Callable[[StageContext], Items]
    begin: Callable[..., Any]
    task: Callable[[Any, Batch, Progress], xr.Dataset]
    batches: int | None = None  # that are computed now, from the first on; None: all

    def key(self, keys: Mapping[str, str], fingerprint: Fingerprint) -> str:
        """8 hex digits, equal for items that are computed alike: which and how many does not matter."""
        written = fingerprint(self.section)
        settings = {name: value for name, value in written.items() if name not in self.choosing}
        return digest([self.version, settings, self.seed, [keys[name] for name in self.needs]])[:8]

    def require_fresh(self, context: StageContext) -> None:
        """Never raises: what items are computed from is in their key."""

    def beginning(self) -> Self:
        """The same stage, which computes its first batches only: what a person looks at first."""
        return replace(self, batches=BEGINNING)

    def ensure(self, context: StageContext) -> Outcome:
        """Copies whole batches of what is wanted and lacking, then computes the rest."""
        context.progress.update(0, 1)
        items = self.items(context)
        if items.note and self.batches is None:
            context.progress.note(items.note)
        groups = self._groups(context, items)
        before = len(context.run.commits)
        if missing := self._missing(context, groups):
            self._copy(context, {item for group in missing for item in group})
            if missing := self._missing(context, groups):
                _foretell(context.progress, items, sum(map(len, groups)), sum(map(len, missing)))
                self._compute(context, missing)
                return "computed"
        return "copied" if len(context.run.commits) > before else "reused"

    def metrics(self, run: Run) -> Mapping[str, Any]:
        return {self.name: run.summary["metrics"].get(self.name, 0)}

    def _groups(self, context: StageContext, items: Items) -> list[tuple[int, ...]]:
        """Items of each batch, the same whether all of them are computed now or the first."""
        wanted = iter(items.wanted.tolist())
        sizes = group_sizes(len(items.wanted), item_bytes=items.item_bytes)
        return [tuple(islice(wanted, size)) for size in islice(sizes, self.batches)]

    def _missing(self, context: StageContext, groups: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Items of them that are not there: of an interrupted run, the rest of an uninterrupted one's."""
        there = {item for batch in self._batches(context.run, context.key) for item in batch.samples}
        lacking = (tuple(item for item in group if item not in there) for group in groups)
        return [group for group in lacking if group]

    def _copy(self, context: StageContext, missing: set[int]) -> None:
        """Copies every batch that is given, or of another run, and holds nothing but missing items."""
        keys = {name: context.run.stages[name].key for name in self.needs}
        sources = [("what is given", self._of_key(context.reusable.values(), context.key))]
        others = ((run.id, self._batches(run, context.key)) for run in other_runs_with(keys, context.run))
        for source, batches in chain(sources, others):
            for batch in batches:
                items = set(batch.samples)
                if items <= missing:
                    context.progress.update(0, len(missing), f"copied from {source}")
                    named = replace(batch, name=self._free_name(context, batch.name))
                    context.writer.copy_stage(named, summary=self._summary(context.run, len(items)))
                    missing -= items

    def _compute(self, context: StageContext, groups: list[tuple[int, ...]]) -> None:
        batches = [Batch(self.section, self.seed, context.key, group) for group in groups]
        named = context.user_model
        begin = self.begin if named is None else partial(self.begin, named=named)
        work = Work(self.name, begin, self.task, here=named is not None and named.lives)
        with WorkerPool(context.run.path, work, batches, context.progress, context.workers) as pool:
            for batch, written in zip(batches, pool.written(), strict=True):
                self._commit(context, batch, written)

    def _commit(self, context: StageContext, batch: Batch, written: WrittenBatch) -> None:
        count = len(batch.items)
        context.writer.commit_prepared(
            self._free_name(context),
            digest([batch.key, batch.items])[:12],
            written.path,
            metrics={self.name: count},
            computed=written.computed,
            samples=batch.items,
            summary=self._summary(context.run, count),
        )

    def _free_name(self, context: StageContext, wish: str = "") -> str:
        """`wish`, unless the run has a batch of that name; then the next number."""
        names = [batch.name for batch in self._batches(context.run, context.key)]
        if wish and wish not in names:
            return wish
        number = 1 + max((int(name.rpartition("-")[2]) for name in names), default=-1)
        return f"{self.name}/{context.key}-{number}"

    def _summary(self, run: Run, more: int) -> dict[str, Any]:
        """The total of all settings, with `more` items."""
        return {"metrics": {self.name: run.summary.get("metrics", {}).get(self.name, 0) + more}}

    def stored_in(self, run: Run) -> list[store.Stage]:
        """The batches that a run has under the key of this stage. Raises StoreError as `key_in` does."""
        return self._batches(run, key_in(run, self))

    def _batches(self, run: Run, key: str) -> list[store.Stage]:
        return self._of_key(run.batches(self.name), key)

    def _of_key(self, stages: Iterable[store.Stage], key: str) -> list[store.Stage]:
        return [batch for batch in stages if batch.name.startswith(f"{self.name}/{key}-")]


def _foretell(progress: Progress, items: Items, now: int, count: int) -> None:
    """Of `now` items, of which `count` are not there."""
    text = items.text if now == len(items.wanted) else f"the first {now:,} of {items.text}"
    text += f", {now - count:,} of them there already" if count < now else ""
    seconds = None if items.item_seconds is None else LOADING + count * items.item_seconds
    progress.foretell(text, size=count * items.item_bytes, seconds=seconds)


BEGINNING = 2  # batches that are computed before anything else
LOADING = 10.0  # seconds until workers have loaded and compiled their models
FIRST = 32
LARGEST = 512  # one shard of the store
SMALLEST = 16
LARGEST_BYTES = 256 * 2**20


def group_sizes(items: int, *, item_bytes: int) -> Iterator[int]:
    """Sizes of the batches of so many items, the same on any number of workers.

    Guided self-scheduling: a batch takes at most a quarter of what is left, so that the workers end together.
    Source: Polychronopoulos and Kuck (1987), IEEE Trans. Comput. C-36, 1425-1439.
    """
    most = max(1, min(LARGEST, LARGEST_BYTES // max(1, item_bytes)))
    begun = 0
    while items:
        ramp = FIRST << min(begun // 2, 4)  # two batches of each size
        size = min(most, items, max(SMALLEST, min(ramp, items // 4)))
        yield size
        items, begun = items - size, begun + 1
