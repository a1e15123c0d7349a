"""The kind of stage that computes many items, each alone: in batches, by workers, more of them at any time.

A batch is named `<family>/<key>-<number>`. Its key tells by what settings and models its items were computed;
how many there are, and which, it does not tell: a run grows by the items that are asked for and lacking.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from deepvid import store
from deepvid.config import digest
from deepvid.config.hashing import Fingerprint
from deepvid.pipeline.copying import other_runs_with
from deepvid.pipeline.crew import Batch, Crew, Work
from deepvid.pipeline.forecast import BEGINNING
from deepvid.pipeline.grouping import group_sizes
from deepvid.pipeline.stage import Bench, Outcome, Stage
from deepvid.progress import Progress
from deepvid.store import Run


class Items(NamedTuple):
    """What a stage is asked for."""

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
    items: Callable[[Bench], Items]
    begin: Callable[..., Any]
    task: Callable[[Any, Batch, Progress], xr.Dataset]
    coordinate: str = "sample"  # the variable of a batch that numbers its items

    def key(self, keys: Mapping[str, str], fingerprint: Fingerprint) -> str:
        """8 hex digits, equal for items that are computed alike: which and how many does not matter."""
        written = fingerprint(self.section)
        settings = {name: value for name, value in written.items() if name not in self.choosing}
        return digest([self.version, settings, self.seed, [keys[name] for name in self.needs]])[:8]

    def require_fresh(self, bench: Bench) -> None:
        """Never raises: what items are computed from is in their key."""

    def bring(self, bench: Bench) -> Outcome:
        """Copies whole batches of what is wanted and lacking, then computes the rest."""
        bench.progress.update(0, 1)
        items = self.items(bench)
        if items.note:
            bench.progress.note(items.note)
        before = len(bench.run.commits)
        if missing := self._missing(bench, items):
            self._copy(bench, {item for group in missing for item in group})
            if missing := self._missing(bench, items):
                _foretell(bench.progress, items, sum(map(len, missing)))
                self._compute(bench, missing)
                return "computed"
        return "copied" if len(bench.run.commits) > before else "reused"

    def metrics(self, run: Run) -> Mapping[str, Any]:
        return {self.name: run.summary["metrics"].get(self.name, 0)}

    def _missing(self, bench: Bench, items: Items) -> list[tuple[int, ...]]:
        """Groups of items. Those of an interrupted run are the rest of an uninterrupted one's."""
        there = {item for batch in self._batches(bench.run, bench.key) for item in self._items_of(batch)}
        wanted = iter(items.wanted.tolist())
        sizes = group_sizes(len(items.wanted), item_bytes=items.item_bytes)
        groups = ([next(wanted) for _ in range(size)] for size in sizes)
        lacking = (tuple(item for item in group if item not in there) for group in groups)
        return [group for group in lacking if group]

    def _copy(self, bench: Bench, missing: set[int]) -> None:
        """Copies every batch that is given, or of another run, and holds nothing but missing items."""
        keys = {name: bench.run.stages[name].key for name in self.needs}
        sources = [("what is given", self._of_key(bench.given.values(), bench.key))]
        others = ((run.id, self._batches(run, bench.key)) for run in other_runs_with(keys, bench.run))
        for source, batches in chain(sources, others):
            for batch in batches:
                items = set(self._items_of(batch))
                if items <= missing:
                    bench.progress.update(0, len(missing), f"copied from {source}")
                    named = replace(batch, name=self._free_name(bench, batch.name))
                    bench.writer.copy_stage(named, summary=self._summary(bench.run, len(items)))
                    missing -= items

    def _compute(self, bench: Bench, groups: list[tuple[int, ...]]) -> None:
        batches = [Batch(self.section, self.seed, bench.key, group) for group in groups]
        named = bench.named
        begin = self.begin if named is None else partial(self.begin, named=named)
        work = Work(self.name, begin, self.task, here=named is not None and named.lives)
        with Crew(bench.run.path, work, batches, bench.progress) as crew:
            for batch, written in zip(batches, crew.written(), strict=True):
                self._commit(bench, batch, written)

    def _commit(self, bench: Bench, batch: Batch, written: Path) -> None:
        count = len(batch.items)
        bench.writer.commit_prepared(
            self._free_name(bench),
            digest([batch.key, batch.items])[:12],
            written,
            metrics={self.name: count},
            summary=self._summary(bench.run, count),
        )

    def _free_name(self, bench: Bench, wish: str = "") -> str:
        """`wish`, unless the run has a batch of that name; then the next number."""
        names = [batch.name for batch in self._batches(bench.run, bench.key)]
        if wish and wish not in names:
            return wish
        number = 1 + max((int(name.rpartition("-")[2]) for name in names), default=-1)
        return f"{self.name}/{bench.key}-{number}"

    def _summary(self, run: Run, more: int) -> dict[str, Any]:
        """The total of all settings, with `more` items."""
        return {"metrics": {self.name: run.summary.get("metrics", {}).get(self.name, 0) + more}}

    def _batches(self, run: Run, key: str) -> list[store.Stage]:
        return self._of_key(run.batches(self.name), key)

    def _of_key(self, stages: Iterable[store.Stage], key: str) -> list[store.Stage]:
        return [batch for batch in stages if batch.name.startswith(f"{self.name}/{key}-")]

    def _items_of(self, batch: store.Stage) -> Iterator[int]:
        yield from batch.open(self.coordinate)[self.coordinate].to_numpy().tolist()


def _foretell(progress: Progress, items: Items, count: int) -> None:
    there = len(items.wanted) - count
    text = items.text + (f", {there:,} of them there already" if there else "")
    seconds = None if items.item_seconds is None else BEGINNING + count * items.item_seconds
    progress.foretell(text, size=count * items.item_bytes, seconds=seconds)
