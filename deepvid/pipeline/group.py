"""The kind of stage that commits one group."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import xarray as xr

from deepvid import store
from deepvid.errors import DataError
from deepvid.pipeline.stage import Outcome, Stage, StageContext, other_runs_with
from deepvid.store import Run
from deepvid.wording import command


class Result(NamedTuple):
    """What a stage of one group computed."""

    group: xr.Dataset
    metrics: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class GroupStage(Stage):
    """`work` computes one group; where it trains, it commits a series on the way."""

    work: Callable[[StageContext], Result]
    facts: Mapping[str, Any] = field(default_factory=dict)  # what a listing of runs shows of it
    listed: tuple[str, ...] = ()  # its metrics that a listing of runs shows, where they are known
    require_same: Callable[[store.Stage, StageContext], None] = lambda committed, context: None
    """Raises DataError where what is committed under its key is not what it would give now."""
    former: Callable[[StageContext], Result | None] | None = None
    """Where an earlier version has computed it: its group, or None where that may stay where it is."""

    def require_fresh(self, context: StageContext) -> None:
        """Raises DataError where the run began with something else than there is now."""
        if not context.writer.has(self.name, context.key) or self._given(context):
            return
        self.require_same(context.run.stages[self.name], context)

    def ensure(self, context: StageContext) -> Outcome:
        if context.writer.has(self.name, context.key):
            return "reused"
        if self.former is None and self._copy(context):
            return "copied"
        context.progress.update(0, 1)
        result = (self.former or self.work)(context)
        if result is None:
            return "reused"
        group, metrics = result
        summary = self._summary(metrics)
        context.writer.commit_stage(self.name, context.key, group, metrics=metrics, summary=summary)
        return "copied" if self.former else "computed"

    def metrics(self, run: Run) -> Mapping[str, Any]:
        return run.stages[self.name].metrics if self.name in run.stages else {}

    def _copy(self, context: StageContext) -> bool:
        """Copies the group, and its series where it has one, from a run that has an equal key.

        Where it has none, that may be this run, which has had other settings since.
        """
        earlier = [stage for stage in context.run.batches(self.name) if stage.key == context.key]
        if context.run.series(self.name) is not None:
            earlier = []
        if (given := self._given(context) or next(iter(earlier), None)) is not None:
            context.writer.copy_stage(given, summary=self._summary(given.metrics))
            return True
        for source in other_runs_with({self.name: context.key}, context.run):
            committed = source.stages[self.name]
            if not self._is_same(committed, context):
                continue
            series = source.series(self.name)
            if series is not None and series.key == context.key:
                context.writer.copy_series(series)
            context.writer.copy_stage(committed, summary=self._summary(committed.metrics))
            return True
        return False

    def _is_same(self, committed: store.Stage, context: StageContext) -> bool:
        try:
            self.require_same(committed, context)
        except DataError:
            return False
        return True

    def _given(self, context: StageContext) -> store.Stage | None:
        """What the context has of this stage to be taken as it is."""
        given = context.reusable.get(self.name)
        return given if given is not None and given.key == context.key else None

    def _summary(self, metrics: Mapping[str, Any]) -> dict[str, Any]:
        """What it adds to the run's summary."""
        return {**self.facts, "metrics": {name: metrics[name] for name in self.listed if name in metrics}}


def removal(run: Run) -> str:
    """The command that removes a run."""
    return command("rm", run.id, "--store", run.path.parent)
