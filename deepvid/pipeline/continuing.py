"""Continues a run by what it holds itself: its configuration and its images, nothing else that it names."""

from pathlib import Path

from deepvid.config.sections.teacher import TRAINED
from deepvid.errors import StoreError
from deepvid.pipeline import runner
from deepvid.pipeline.dataset import dataset_stage
from deepvid.pipeline.identity import identity_of
from deepvid.pipeline.runner import RunOptions
from deepvid.store import Run, open_run


def continue_run(path: Path, options: RunOptions) -> Path:
    """Computes what a run lacks of its experiment and returns its path.

    Whoever made the run may have written anything into its configuration, so that no file and no program
    that it names is opened. Raises StoreError where the rest needs one, and what a stage raises.
    """
    run = open_run(path)
    if outside := _outside(run):
        raise StoreError(
            "A run is continued by its own configuration, from what it holds",
            f"{run.id}, which {outside}",
            "Use the command or the program that began it, which names them",
        )
    identity = identity_of(run)
    images = {name: stage for name, stage in run.stages.items() if name == "dataset"}
    return runner.run_experiment(
        identity.experiment, path.parent, options._replace(reusable=images), identity
    )


def _outside(run: Run) -> str:
    """Reason why the rest of a run needs something from outside; empty where it needs nothing."""
    if run.logged:
        return "another program trains and logs"
    if run.teacher_source != TRAINED:
        return "explains a model from elsewhere"
    identity = identity_of(run)
    experiment = identity.experiment
    key = dataset_stage(experiment.dataset, seed=experiment.seed).key({}, identity.fingerprint())
    held = "dataset" in run.stages and run.stages["dataset"].key == key
    return "" if held or not experiment.dataset.local else "has not read its images, files of a person's own"
