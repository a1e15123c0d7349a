"""What a stage of the pipeline is, and what it works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xarray as xr

from deepvid import store
from deepvid.config import digest
from deepvid.config.hashing import Fingerprint
from deepvid.config.sections.section import Section
from deepvid.progress import Progress
from deepvid.store import Run, RunWriter


@dataclass(frozen=True)
class Bench:
    """What a stage works with while it runs."""

    stage: "Stage"
    key: str
    writer: RunWriter
    progress: Progress
    data: Path | None = None  # where the user keeps data sets

    @property
    def run(self) -> Run:
        """The run as a reader sees it: everything committed before this stage."""
        return self.writer.run

    def open(self, stage: str) -> xr.Dataset:
        """The committed group of a stage (lazy)."""
        return self.run.stages[stage].open()

    def commit(self, group: xr.Dataset, metrics: Mapping[str, Any]) -> None:
        """Commits the result of the stage."""
        summary = self.stage.summary(metrics)
        self.writer.commit_stage(self.stage.name, self.key, group, metrics=metrics, summary=summary)


@dataclass(frozen=True)
class Stage:
    """One step: `work` computes from what its `needs` committed, and commits.

    Raise `version` when the same settings give another result than before.
    """

    name: str
    needs: tuple[str, ...]
    section: Section  # with the seed, all that decides the result
    seed: int
    version: int
    work: Callable[[Bench], None]
    facts: Mapping[str, Any] = field(default_factory=dict)  # what a listing of runs shows of it
    listed: tuple[str, ...] = ()  # its metrics that a listing of runs shows
    stale: Callable[[store.Stage, Path | None], bool] = lambda found, data: False
    """Whether what is committed under its key is not what it would give now; the path is `Bench.data`."""

    def key(self, keys: Mapping[str, str], fingerprint: Fingerprint) -> str:
        """12 hex digits that are equal when the result is; `keys` has those of the stages it needs."""
        inputs = [keys[name] for name in self.needs]
        settings = {**fingerprint(self.section), "seed": self.seed}
        return digest([self.name, self.version, settings, inputs])[:12]

    def summary(self, metrics: Mapping[str, Any]) -> dict[str, Any]:
        """What the stage adds to the run's summary."""
        return {**self.facts, "metrics": {name: metrics[name] for name in self.listed}}


def keys_of(stages: tuple[Stage, ...], fingerprint: Fingerprint) -> dict[str, str]:
    """The key of every stage, by name; `stages` are in order, `fingerprint` is the run's."""
    keys: dict[str, str] = {}
    for stage in stages:
        keys[stage.name] = stage.key(keys, fingerprint)
    return keys
