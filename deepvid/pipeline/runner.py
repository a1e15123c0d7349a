"""Runs the stages of an experiment: what is committed is reused, what another run has is copied."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Event
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import jax
import xarray as xr

from deepvid.config import DataCheck, Experiment, Teacher
from deepvid.cores import use_cores
from deepvid.datasets.originals import Larger
from deepvid.errors import Cancelled, ConfigError, DataError
from deepvid.fields import FORMER
from deepvid.pipeline.batches import BatchStage
from deepvid.pipeline.cluster import Cluster
from deepvid.pipeline.epoch_worker import EpochWorker
from deepvid.pipeline.identity import Identity, identity_for, identity_of
from deepvid.pipeline.network import reusing
from deepvid.pipeline.plan import plan, soonest, until
from deepvid.pipeline.stage import Outcome, Stage, StageContext, key_in, keys_of
from deepvid.pipeline.user_model import UserModel, require_at_hand
from deepvid.pipeline.worker_pool import Processes, Workers
from deepvid.progress import Progress, Tick
from deepvid.store import (
    PAUSED,
    Run,
    RunControl,
    RunWriter,
    collect_provenance,
    open_run,
    open_writer,
    remove_run,
)
from deepvid.store import Stage as RunStage

FOLLOWED = Teacher.stage
"""While it is trained, others compute beside it."""


class Listener(Protocol):
    """Who wants to know how a run goes; all calls come from the thread that runs it."""

    def began(self, stage: str, number: int, total: int) -> None:
        """Stage `number` of `total`, counted from 1, begins."""

    def ticked(self, stage: str, tick: Tick) -> None:
        """The stage reports."""

    def ended(self, stage: str, outcome: Outcome, seconds: float, metrics: Mapping[str, Any]) -> None:
        """The stage is committed."""


class RunOptions(NamedTuple):
    """Options of a run beside its experiment."""

    listener: Listener
    cancel: Event
    data: Path | None = None
    stop_after: str | None = None
    beside: Path | None = None  # the folder of the experiment's file
    reusable: Mapping[str, RunStage] = MappingProxyType({})  # of another run, taken where keys are equal
    user_model: UserModel | None = None  # the classifier to ask, where DeepVID does not train it
    images: xr.Dataset | None = None  # that a program gave
    originals: Larger | None = None  # the same, where they are stored smaller
    scheduler: str | None = None  # of the cluster that computes batches; None: this machine's cores

    def workers(self) -> Workers:
        """Who computes batches."""
        return Processes() if self.scheduler is None else Cluster(self.scheduler)


def run_experiment(
    experiment: Experiment, store: Path, options: RunOptions, identity: Identity | None = None
) -> Path:
    """Computes what the run lacks and returns its path. Raises what a stage raised, after recording it.

    A new run whose images or settings are refused, before anything is trained, is not left behind.
    Which run that is `identity_for` says, unless the caller does.
    """
    use_cores()
    identity = identity or identity_for(experiment, store)
    stages = soonest(until(plan(identity.experiment), options.stop_after))
    path = store / identity.id
    new = not (path / "journal.jsonl").exists()
    try:
        with open_writer(
            store,
            identity.id,
            config=identity.config,
            provenance=_provenance(experiment),
            hashing=identity.hashing,
        ) as writer:
            fingerprint = identity.fingerprint()
            keys = keys_of(stages, fingerprint)
            if (former := options.reusable.get(FORMER)) is not None and FORMER not in writer.run.stages:
                writer.copy_stage(former)
            _run_stages(writer, reusing(writer.run, stages, keys, fingerprint), keys, options)
            if options.stop_after is None:
                _finish(writer)
            else:
                writer.stop(options.stop_after)
    except (ConfigError, DataError):
        if new and not set(open_run(path).stages) - {"dataset", DataCheck.stage}:
            remove_run(path)  # what was refused before anything was trained is no run
        raise
    return path


class SideProcesses:
    """Processes beside the stages of a run, by the stage that they compute for. As a context: they end."""

    def __init__(self, writer: RunWriter) -> None:
        self._writer = writer
        self._of: dict[str, EpochWorker] = {}

    def __enter__(self) -> "SideProcesses":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._of.values():
            worker.end()

    def begin(self, stages: Sequence[Stage], keys: Mapping[str, str]) -> None:
        """Begins those that the stages have."""
        for stage in stages:
            if (worker := stage.follow(self._writer, keys[stage.name])) is not None:
                self._of[stage.name] = worker

    def commit(self) -> None:
        """Commits what they have done."""
        for worker in self._of.values():
            worker.commit()

    def end(self, name: str) -> None:
        """Ends that of a stage, if it has one, once what it has done is committed."""
        if worker := self._of.pop(name, None):
            worker.commit()
            worker.end()


def _run_stages(
    writer: RunWriter, stages: Sequence[Stage], keys: Mapping[str, str], options: RunOptions
) -> None:
    begun: dict[str, Outcome] = {}  # stages whose first batches had a turn of their own
    with SideProcesses(writer) as side_processes, options.workers() as workers:
        for number, stage in enumerate(stages, 1):
            for later in stages[number - 1 :]:
                later.check(writer.run)
            options.listener.began(stage.name, number, len(stages))
            if stage.name == FOLLOWED:
                side_processes.begin(stages[number:], keys)
            side_processes.end(stage.name)
            begun[stage.name] = _execute(
                writer,
                stage,
                keys[stage.name],
                options,
                on_epoch_end=side_processes.commit,
                begun=begun.get(stage.name, "reused"),
                workers=workers,
            )
            if not any(isinstance(later, BatchStage) for later in stages[number:]):
                workers.end()


def extend_run(path: Path, stages: Stage | Sequence[Stage], options: RunOptions) -> None:
    """Brings more stages into a run, or more of one.

    Raises StoreError where it lacks what that needs and ConfigError for what it cannot have, unchanged.
    """
    use_cores()  # as in a run: sums have the same order
    run = open_run(path)
    stages = [stages] if isinstance(stages, Stage) else stages
    _keys_in(run, stages)
    for stage in stages:
        stage.check(run)
        if isinstance(stage, BatchStage):
            require_at_hand(run, options.user_model)
    with open_writer(path.parent, run.id, config=run.config, provenance=run.provenance) as writer:
        keys = _keys_in(writer.run, stages)
        fingerprint = identity_of(writer.run).fingerprint()
        with options.workers() as workers:
            for number, stage in enumerate(reusing(writer.run, stages, keys, fingerprint), 1):
                options.listener.began(stage.name, number, len(stages))
                _execute(writer, stage, keys[stage.name], options, workers=workers)
        _finish(writer)


def _keys_in(run: Run, stages: Sequence[Stage]) -> dict[str, str]:
    """The keys of what a run has, and of stages that are added one after another."""
    keys = {name: stage.key for name, stage in run.stages.items()}
    for stage in stages:
        keys[stage.name] = key_in(run, stage, keys)
    return keys


def _finish(writer: RunWriter) -> None:
    """Says that the run has all it was asked for, unless that was said and nothing came since."""
    if writer.run.summary["state"] != "finished":
        writer.finish()


def _execute(
    writer: RunWriter,
    stage: Stage,
    key: str,
    options: RunOptions,
    on_epoch_end: Callable[[], None] = lambda: None,
    begun: Outcome = "reused",
    workers: Workers | None = None,
) -> Outcome:
    """`begun` is what became of the first batches, which is told where nothing was left to do."""

    def warn(words: str) -> None:
        options.listener.ticked(stage.name, Tick(0, 1, words, 0.0, None, lasting=True))

    control = RunControl(writer.run.path, warn)

    def emit(tick: Tick) -> None:
        if not tick.lasting:  # how far it is, it does not say
            writer.report(stage.name, tick)
        options.listener.ticked(stage.name, tick)
        if tick.lasting:
            return
        paused = tick._replace(message=PAUSED)
        if control.stops(lambda: writer.report(stage.name, paused), options.cancel):
            options.cancel.set()  # other threads and processes of the run end, too
        if options.cancel.is_set():
            raise Cancelled

    began = time.monotonic()
    progress = Progress(emit, options.cancel)
    context = StageContext(
        key,
        writer,
        progress,
        data=options.data,
        beside=options.beside,
        reusable=options.reusable,
        on_epoch_end=on_epoch_end,
        user_model=options.user_model,
        images=options.images,
        originals=options.originals,
        workers=workers,
    )
    with progress.active():
        stage.require_fresh(context)
        try:
            outcome = stage.ensure(context)
        except (Cancelled, KeyboardInterrupt):
            raise
        except Exception as error:
            writer.fail(stage.name, error)
            raise
    outcome = begun if outcome == "reused" else outcome
    options.listener.ended(stage.name, outcome, time.monotonic() - began, stage.metrics(writer.run))
    return outcome


def _provenance(experiment: Experiment) -> dict[str, Any]:
    devices = [f"{device.platform}:{device.id} {device.device_kind}" for device in jax.devices()]
    return collect_provenance(seeds={"experiment": experiment.seed}, devices=devices)
