"""Runs the stages of an experiment: what is committed is reused, what another run has is copied."""

import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any, Literal, NamedTuple, Protocol

import jax

from deepvid import config
from deepvid.config import Experiment
from deepvid.cores import use_cores
from deepvid.errors import Cancelled, DataError
from deepvid.pipeline.copying import copy_from_another_run
from deepvid.pipeline.identity import Identity, identity_for, identity_of
from deepvid.pipeline.plan import plan, until
from deepvid.pipeline.stage import Bench, Stage, keys_of
from deepvid.pipeline.students import students_stage
from deepvid.progress import Progress, Tick
from deepvid.store import RunWriter, collect_provenance, open_run, open_writer

Outcome = Literal["computed", "reused", "copied"]


class Listener(Protocol):
    """Who wants to know how a run goes; all calls come from the thread that runs it."""

    def began(self, stage: str, number: int, total: int) -> None:
        """Stage `number` of `total`, counted from 1, begins."""

    def ticked(self, stage: str, tick: Tick) -> None:
        """The stage reports."""

    def ended(self, stage: str, outcome: Outcome, seconds: float, metrics: Mapping[str, Any]) -> None:
        """The stage is committed."""


class Order(NamedTuple):
    """What is wanted beside the experiment itself."""

    listener: Listener
    cancel: Event
    data: Path | None = None
    stop_after: str | None = None


def run_experiment(
    experiment: Experiment, store: Path, order: Order, identity: Identity | None = None
) -> Path:
    """Computes what the run lacks and returns its path. Raises what a stage raised, after recording it.

    Which run that is `identity_for` says, unless the caller does.
    """
    use_cores()
    identity = identity or identity_for(experiment, store)
    stages = until(plan(experiment), order.stop_after)
    keys = keys_of(stages, identity.fingerprint())
    provenance = _provenance(experiment)
    with open_writer(
        store, identity.id, config=identity.config, provenance=provenance, hashing=identity.hashing
    ) as writer:
        for number, stage in enumerate(stages, 1):
            order.listener.began(stage.name, number, len(stages))
            _execute(writer, stage, keys[stage.name], order)
        if order.stop_after is None:
            _finish(writer)
        return writer.run.path


def add_students(path: Path, section: config.Students, order: Order) -> None:
    """Fits more students into a run that has a teacher and a VAE."""
    run = open_run(path)
    stage = students_stage(section, seed=run.config["seed"])
    with open_writer(path.parent, run.id, config=run.config, provenance=run.provenance) as writer:
        order.listener.began(stage.name, 1, 1)
        keys = {name: writer.run.stages[name].key for name in stage.needs}
        _execute(writer, stage, stage.key(keys, identity_of(run).fingerprint()), order)
        _finish(writer)


def _finish(writer: RunWriter) -> None:
    """Says that the run has all it was asked for, unless that was said and nothing came since."""
    if writer.run.summary["state"] != "finished":
        writer.finish()


def _execute(writer: RunWriter, stage: Stage, key: str, order: Order) -> None:
    began, commits = time.monotonic(), len(writer.run.commits)
    outcome: Outcome = "reused"
    _require_fresh(writer, stage, key, order.data)
    if not writer.has(stage.name, key):
        if copy_from_another_run(writer, stage, key, order.data):
            outcome = "copied"
        else:
            _compute(writer, stage, key, order)
            outcome = "computed" if len(writer.run.commits) > commits else "reused"
    committed = writer.stage(stage.name)
    metrics = (
        committed.metrics if committed else {"students": writer.run.summary["metrics"].get("students", 0)}
    )
    order.listener.ended(stage.name, outcome, time.monotonic() - began, metrics)


def _require_fresh(writer: RunWriter, stage: Stage, key: str, data: Path | None) -> None:
    """Raises DataError where the run began with other images than there are now."""
    if writer.has(stage.name, key) and stage.stale(writer.run.stages[stage.name], data):
        raise DataError(
            "A run keeps the images it began with",
            f"images that were changed since {writer.run.stages[stage.name].time[:19]}",
            f"Give the experiment another name, or remove the run first: deepvid rm {writer.run.id}",
        )


def _compute(writer: RunWriter, stage: Stage, key: str, order: Order) -> None:
    def emit(tick: Tick) -> None:
        writer.report(stage.name, tick)
        order.listener.ticked(stage.name, tick)

    progress = Progress(emit, order.cancel)
    try:
        progress.check()
        emit(Tick(0, 1, "", 0.0, None))
        stage.work(Bench(stage, key, writer, progress, order.data))
    except (Cancelled, KeyboardInterrupt):
        raise
    except Exception as error:
        writer.fail(stage.name, error)
        raise


def _provenance(experiment: Experiment) -> dict[str, Any]:
    devices = [f"{device.platform}:{device.id} {device.device_kind}" for device in jax.devices()]
    return collect_provenance(seeds={"experiment": experiment.seed}, devices=devices)
