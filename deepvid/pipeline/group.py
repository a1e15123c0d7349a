"""The kind of stage that commits one group."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import xarray as xr

from deepvid import store
from deepvid.commands import command
from deepvid.errors import DataError
from deepvid.pipeline.copying import other_runs_with
from deepvid.pipeline.stage import Bench, Outcome, Stage
from deepvid.store import Run


class Result(NamedTuple):
    """What a stage of one group computed."""

    group: xr.Dataset
    metrics: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class GroupStage(Stage):
    """`work` computes one group; where it trains, it commits a series on the way."""

    work: Callable[[Bench], Result]
    facts: Mapping[str, Any] = field(default_factory=dict)  # what a listing of runs shows of it
    listed: tuple[str, ...] = ()  # its metrics that a listing of runs shows, where they are known
    require_same: Callable[[store.Stage, Bench], None] = lambda committed, bench: None
    """Raises DataError where what is committed under its key is not what it would give now."""

    def require_fresh(self, bench: Bench) -> None:
        """Raises DataError where the run began with something else than there is now."""
        if not bench.writer.has(self.name, bench.key) or self._given(bench):
            return
        self.require_same(bench.run.stages[self.name], bench)

    def bring(self, bench: Bench) -> Outcome:
        if bench.writer.has(self.name, bench.key):
            return "reused"
        if self._copy(bench):
            return "copied"
        bench.progress.update(0, 1)
        group, metrics = self.work(bench)
        summary = self._summary(metrics)
        bench.writer.commit_stage(self.name, bench.key, group, metrics=metrics, summary=summary)
        bench.parts.clear()
        return "computed"

    def metrics(self, run: Run) -> Mapping[str, Any]:
        return run.stages[self.name].metrics

    def _copy(self, bench: Bench) -> bool:
        """Copies the group, and its series where it has one, from a run that has an equal key."""
        if given := self._given(bench):
            bench.writer.copy_stage(given, summary=self._summary(given.metrics))
            return True
        for source in other_runs_with({self.name: bench.key}, bench.run):
            committed = source.stages[self.name]
            if not self._is_same(committed, bench):
                continue
            series = source.series(self.name)
            if series is not None and series.key == bench.key:
                bench.writer.copy_series(series)
            bench.writer.copy_stage(committed, summary=self._summary(committed.metrics))
            return True
        return False

    def _is_same(self, committed: store.Stage, bench: Bench) -> bool:
        try:
            self.require_same(committed, bench)
        except DataError:
            return False
        return True

    def _given(self, bench: Bench) -> store.Stage | None:
        """What the bench has of this stage to be taken as it is."""
        given = bench.given.get(self.name)
        return given if given is not None and given.key == bench.key else None

    def _summary(self, metrics: Mapping[str, Any]) -> dict[str, Any]:
        """What it adds to the run's summary."""
        return {**self.facts, "metrics": {name: metrics[name] for name in self.listed if name in metrics}}


def removal(run: Run) -> str:
    """The command that removes a run."""
    return command("rm", run.id, "--store", run.path.parent)
