"""The smallest runs that explain what somebody else has trained."""

from pathlib import Path
from typing import Any

from micro import Recorder, experiment

from deepvid.config import Experiment, experiment_from
from deepvid.pipeline.runner import RunOptions, run_experiment
from deepvid.pipeline.user_model import named_in
from deepvid.store import Run, open_run


def described(images: Path, teacher: dict[str, Any], **changes: Any) -> Experiment:
    micro = experiment(projections=[{"method": "pca"}]).model_dump(mode="json")
    dataset = {"source": "arrays", "path": str(images)}
    return experiment_from({**micro, "name": "own", "dataset": dataset, "teacher": teacher, **changes})


def explained(store: Path, wanted: Experiment) -> Run:
    recorder = Recorder()
    named = named_in(wanted)
    assert named is not None
    order = RunOptions(recorder, recorder.cancel, user_model=named)
    return open_run(run_experiment(named.of(wanted), store, order))
