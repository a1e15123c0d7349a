"""Stages of the pipeline: their contract, the kind that commits one group, and the images that they read."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import xarray as xr

from deepvid import store
from deepvid.config import Experiment, digest
from deepvid.config.hashing import Fingerprint
from deepvid.config.sections.section import Section
from deepvid.datasets.originals import Larger
from deepvid.errors import DataError, DeepVIDError, StoreError
from deepvid.fields import Fields
from deepvid.pipeline.epoch_worker import EpochWorker
from deepvid.pipeline.identity import identity_of
from deepvid.pipeline.trained import TrainedRun, require_ended, require_model
from deepvid.pipeline.user_model import UserModel
from deepvid.pipeline.worker_pool import Workers
from deepvid.progress import Progress
from deepvid.store import Run, RunWriter, list_runs, open_run
from deepvid.tier import Tier

Outcome = Literal["computed", "reused", "copied"]


@dataclass(frozen=True)
class StageContext:
    """Context of a stage while it runs."""

    key: str
    writer: RunWriter
    progress: Progress
    data: Path | None = None  # where the user keeps data sets
    beside: Path | None = None  # the folder of the experiment's file
    reusable: Mapping[str, store.Stage] = field(default_factory=dict)  # taken where keys are equal
    on_epoch_end: Callable[[], None] = lambda: None  # to be called when an epoch is committed
    user_model: UserModel | None = None  # the classifier that this command was told to ask
    images: xr.Dataset | None = None  # what a program gave, as the stage `dataset` stores it
    originals: Larger | None = None  # what it gave, where it is stored smaller
    workers: Workers | None = None  # that the stages of a command share; None: a stage has its own

    @property
    def run(self) -> Run:
        """The run as a reader sees it: everything committed before this stage."""
        return self.writer.run

    @cached_property
    def trained(self) -> TrainedRun:
        """The run with the models that are committed before this stage."""
        return TrainedRun(self.run, self.user_model)

    def open(self, stage: str, *needed: str) -> xr.Dataset:
        """The committed group of a stage (lazy), with what is needed of it."""
        return self.run.stages[stage].open(*needed)


@dataclass(frozen=True, kw_only=True)
class Stage(ABC):
    """One step: from what its `needs` committed, it brings what its section asks for into the run.

    `check` raises ConfigError or StoreError for what is asked and cannot be, as far as a run tells it:
    it is called whenever there is more to tell by, before anything is trained in vain.
    Raise `version` when the same settings give another result than before.
    """

    name: str
    needs: tuple[str, ...]
    section: Section  # with the seed, all that decides the result
    seed: int
    version: int = 1
    check: Callable[[Run], None] = lambda run: None
    follow: Callable[[RunWriter, str], EpochWorker | None] = lambda writer, key: None
    """Begins what computes of it while the teacher is trained, under its key; None: nothing does."""

    def key(self, keys: Mapping[str, str], fingerprint: Fingerprint) -> str:
        """12 hex digits that are equal when the result is; `keys` has those of the stages it needs."""
        inputs = [keys[name] for name in self.needs]
        settings = {**fingerprint(self.section), "seed": self.seed}
        return digest([self.name, self.version, settings, inputs])[:12]

    @abstractmethod
    def require_fresh(self, context: StageContext) -> None:
        """Raises DataError where what the run has under the key is not what the stage would give now."""

    @abstractmethod
    def ensure(self, context: StageContext) -> Outcome:
        """Commits what the run lacks, copied from another run of the store or else computed."""

    @abstractmethod
    def metrics(self, run: Run) -> Mapping[str, Any]:
        """Numbers that the run has of it."""


@dataclass(frozen=True)
class Family:
    """Export of a file of stages: which ones an experiment has, and what each of them stores."""

    section: type[Section]
    stages: Callable[[Experiment], Iterable[Stage]]
    variables: Fields
    tier: Tier = Tier.PREDICTIONS  # what it needs of the teacher


def keys_of(stages: Iterable[Stage], fingerprint: Fingerprint) -> dict[str, str]:
    """The key of every stage, by name; `stages` are in order, `fingerprint` is the run's."""
    keys: dict[str, str] = {}
    for stage in stages:
        keys[stage.name] = stage.key(keys, fingerprint)
    return keys


def key_in(run: Run, stage: Stage, keys: Mapping[str, str] | None = None) -> str:
    """The key of one stage in a run; `keys` has those of its stages, and of others that are to come.

    Raises StoreError where what it needs is not committed there.
    """
    keys = keys or {name: committed.key for name, committed in run.stages.items()}
    if lacking := [name for name in stage.needs if name not in keys]:
        require_ended(run)
        require_model(run, f"{stage.name} needs {' and '.join(lacking)}: they need")
        raise StoreError(
            f"{stage.name} needs {' and '.join(stage.needs)}",
            f"{run.id} without {' and '.join(lacking)}",
            "Continue the run first: deepvid run EXPERIMENT.toml --store STORE",
        )
    return stage.key(keys, identity_of(run).fingerprint())


def other_runs_with(keys: Mapping[str, str], run: Run) -> Iterator[Run]:
    """The other runs of the store that have stages of these names under these keys, the latest first.

    One that cannot be read has none.
    """
    for listing in list_runs(run.path.parent):
        if listing.id == run.id or listing.read_only:  # an archive beside the runs is imported first
            continue
        summaries = listing.summary.get("stages", {})
        if all(summaries.get(name, {}).get("key") == key for name, key in keys.items()):
            try:
                other = open_run(listing.path)
            except DeepVIDError:  # damaged before its last line, which a listing does not see
                continue
            if all(name in other.stages and other.stages[name].key == key for name, key in keys.items()):
                yield other


class Result(NamedTuple):
    """Result of a stage of one group."""

    group: xr.Dataset
    metrics: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class GroupStage(Stage):
    """`work` computes one group; where it trains, it commits a series on the way."""

    work: Callable[[StageContext], Result]
    facts: Mapping[str, Any] = field(default_factory=dict)  # what a listing of runs shows of it
    listed: tuple[str, ...] = ()  # its metrics that a listing of runs shows, where they are known
    recap: Callable[[Run], Mapping[str, Any]] = lambda run: {}  # what the series that it commits amounts to
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
        summary = self._summary(context, metrics)
        context.writer.commit_stage(self.name, context.key, group, metrics=metrics, summary=summary)
        return "copied" if self.former else "computed"

    def metrics(self, run: Run) -> Mapping[str, Any]:
        return run.stages[self.name].metrics if self.name in run.stages else {}

    def _copy(self, context: StageContext) -> bool:
        """Copies the group, and the series under its key, from a run that has an equal key.

        Where it has none, that may be this run, which has had other settings since.
        """
        earlier = [stage for stage in context.run.batches(self.name) if stage.key == context.key]
        if context.run.series(self.name) is not None:
            earlier = []
        if (given := self._given(context) or next(iter(earlier), None)) is not None:
            context.writer.copy_stage(given, summary=self._summary(context, given.metrics))
            return True
        for source in other_runs_with({self.name: context.key}, context.run):
            committed = source.stages[self.name]
            if not self._is_same(committed, context):
                continue
            for series in source.series_of(context.key):
                context.writer.copy_series(series)
            context.writer.copy_stage(committed, summary=self._summary(context, committed.metrics))
            return True
        return False

    def _is_same(self, committed: store.Stage, context: StageContext) -> bool:
        try:
            self.require_same(committed, context)
        except DataError:
            return False
        return True

    def _given(self, context: StageContext) -> store.Stage | None:
        """Group that the context has of this stage, to be taken as it is."""
        given = context.reusable.get(self.name)
        return given if given is not None and given.key == context.key else None

    def _summary(self, context: StageContext, metrics: Mapping[str, Any]) -> dict[str, Any]:
        """Its part of the run's summary."""
        listed = {name: metrics[name] for name in self.listed if name in metrics}
        return {**self.facts, **self.recap(context.run), "metrics": listed}


class Images(NamedTuple):
    """Images that the dataset stage committed, in memory."""

    image: np.ndarray  # uint8 (sample, y, x, channel)
    label: np.ndarray | None  # int32 (sample,); None: they have no labels
    test: np.ndarray  # bool (sample,)
    class_names: tuple[str, ...]

    @property
    def labels(self) -> np.ndarray:
        """`label`, where it was made sure that they have some."""
        assert self.label is not None
        return self.label

    @property
    def shape(self) -> tuple[int, int, int]:
        """(y, x, channel) of one image."""
        y, x, channel = self.image.shape[1:]
        return y, x, channel

    @property
    def test_samples(self) -> np.ndarray:
        """The indices of the test images."""
        return np.flatnonzero(self.test).astype(np.int32)


def load_images(context: StageContext) -> Images:
    """Reads the dataset stage of the run."""
    group = context.open("dataset", "image", "test", "class_names").load()
    return Images(
        group["image"].to_numpy(),
        labels_of(group),
        group["test"].to_numpy(),
        tuple(group.attrs["class_names"]),
    )


def labels_of(dataset: xr.Dataset) -> np.ndarray | None:
    """int32 (sample,), of the group that the dataset stage wrote; None: they have no labels."""
    return dataset["label"].to_numpy() if "label" in dataset else None
