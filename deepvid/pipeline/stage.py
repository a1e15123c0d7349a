"""What a stage of the pipeline is, whatever its kind, and what it works with."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import xarray as xr

from deepvid.config import Experiment, digest
from deepvid.config.hashing import Fingerprint
from deepvid.config.sections.section import Section
from deepvid.datasets.originals import Originals
from deepvid.errors import DeepVIDError, StoreError
from deepvid.fields import Fields
from deepvid.pipeline.epoch_worker import EpochWorker
from deepvid.pipeline.identity import identity_of
from deepvid.pipeline.trained import TrainedRun, require_ended, require_model
from deepvid.pipeline.user_model import UserModel
from deepvid.progress import Progress
from deepvid.store import Run, RunWriter, list_runs, open_run
from deepvid.store import Stage as RunStage
from deepvid.tier import Tier

Outcome = Literal["computed", "reused", "copied"]


@dataclass(frozen=True)
class StageContext:
    """What a stage works with while it runs."""

    key: str
    writer: RunWriter
    progress: Progress
    data: Path | None = None  # where the user keeps data sets
    beside: Path | None = None  # the folder of the experiment's file
    reusable: Mapping[str, RunStage] = field(default_factory=dict)  # taken as they are, where keys are equal
    on_epoch_end: Callable[[], None] = lambda: None  # to be called when an epoch is committed
    user_model: UserModel | None = None  # the classifier that this command was told to ask
    images: xr.Dataset | None = None  # what a program gave, as the stage `dataset` stores it
    originals: Originals | None = None  # some of what it gave, where it is stored smaller

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
    version: int
    check: Callable[[Run], None] = lambda run: None
    follow: Callable[[RunWriter, str], EpochWorker | None] = lambda writer, key: None
    """What computes of it while the teacher is trained, under its key; None: nothing does."""

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
        """What the run has of it, in numbers."""


@dataclass(frozen=True)
class Family:
    """What a file of stages exports: which ones an experiment has, and what each of them stores."""

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
