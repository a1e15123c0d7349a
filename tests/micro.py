"""The smallest experiment that has every stage, and what a test hears while it runs."""

from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any

from deepvid.config import Experiment, experiment_from
from deepvid.pipeline.network import network_stages
from deepvid.pipeline.runner import RunOptions, extend_run, run_experiment
from deepvid.progress import Tick
from deepvid.store import Run, open_run


def experiment(**changes: Any) -> Experiment:
    """Forty images, two epochs of everything, a linear map, three students."""
    table: dict[str, Any] = {
        "name": "micro",
        "dataset": {"train": 40, "test": 30},
        "teacher": {"network": {"kind": "mlp", "hidden": [8]}, "epochs": 2, "batch": 20},
        "soft_tree": {"depth": 2, "epochs": 2, "trees": 2},
        "vae": {"latent": 3, "width": 2, "hidden": 4, "epochs": 2, "batch": 20},
        "projections": [{"method": "pca", "of": "latents"}, {"method": "pca", "of": "pixels"}],
        "students": {"limit": 3, "neighbors": 20, "gradient_neighbors": 2},
        "explanations": {"limit": 0},
        "causes": {"limit": 0},
    }
    return experiment_from({**table, **changes})


class Recorder:
    """A listener that keeps what it heard; cancels when a stage reports for the nth time."""

    def __init__(self, cancel_at: tuple[str, str] | None = None) -> None:
        self.cancel = Event()
        self.outcomes: dict[str, str] = {}
        self.notes: list[str] = []  # that are to stay
        self._cancel_at = cancel_at

    def began(self, stage: str, number: int, total: int) -> None: ...

    def ticked(self, stage: str, tick: Tick) -> None:
        if tick.lasting and tick.size is None:
            self.notes.append(tick.message)
        if self._cancel_at and stage == self._cancel_at[0] and tick.message.startswith(self._cancel_at[1]):
            self.cancel.set()

    def ended(self, stage: str, outcome: str, seconds: float, metrics: Mapping[str, Any]) -> None:
        self.outcomes[stage] = outcome


def run(store: Path, wanted: Experiment, recorder: Recorder, stop_after: str | None = None) -> Run:
    return open_run(
        run_experiment(wanted, store, RunOptions(recorder, recorder.cancel, stop_after=stop_after))
    )


LITTLE: Mapping[str, Any] = {"groups": 0, "maximized": 0, "response_maps": 0}
"""Without what looking into layers takes longest for."""


def looked_into(path: Path, recorder: Recorder | None = None, *, vae: bool = False, **settings: Any) -> Run:
    """The same run after the stages that look into layers, with the settings given on top of `LITTLE`."""
    recorder = recorder or Recorder()
    asked = experiment_from({**open_run(path).config, "network": {**LITTLE, **settings}})
    extend_run(path, network_stages(asked, vae=vae), RunOptions(recorder, recorder.cancel))
    return open_run(path)


def digests(run: Run) -> list[tuple[str, str, str]]:
    """Commits, in order: names, keys and the sha256 of every byte."""
    return [(commit.name, commit.key, commit.digest) for commit in run.commits if commit.digest]
