"""A student of a run whose teacher is not at hand: fitted to the labels that another of the sample has."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from deepvid import config
from deepvid.errors import ConfigError, StoreError
from deepvid.pipeline.students import batch_of
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.worker_pool import Batch
from deepvid.store import Run, kept_students
from deepvid.students.refitting import Stored, refit, require_refittable


def refit_batch(opened: TrainedRun, batch: Batch, lacking: StoreError) -> xr.Dataset:
    """The student of the one sample of `batch`. `lacking` says why there is no teacher.

    Raises it where no student of the sample is stored with its labels, and ConfigError where those that are
    stored have other neighbors than these settings ask for.
    """
    settings, (sample,) = batch.section, batch.items
    assert isinstance(settings, config.Students)
    (image,), vae = opened.images(batch.items), opened.vae
    stored = _suitable(opened.run, sample, settings, batch.seed, lacking)
    return batch_of(refit(vae, image, stored, opened.band(stored.settings), settings), batch)


def _suitable(run: Run, sample: int, settings: config.Students, seed: int, lacking: StoreError) -> Stored:
    """The latest student with the neighbors that are asked for."""
    refusal: ConfigError | None = None
    for batch in _labeled(run):
        places = np.flatnonzero(batch["sample"].to_numpy() == sample)
        if not len(places):
            continue
        known = config.Students.model_validate(batch.attrs["settings"])
        try:
            require_refittable(known, int(batch.attrs["seed"]), settings, seed)
        except ConfigError as error:
            refusal = refusal or error
            continue
        return _stored(batch.isel(student=places[-1]).load(), known)
    raise refusal or lacking


def _labeled(run: Run) -> Iterator[xr.Dataset]:
    """The batches that have labels, the latest first: those of people's notes, then the run's own."""
    for stage in reversed([*run.batches("students"), *kept_students(run)]):
        batch = stage.open()
        if "labels" in batch:
            yield batch


def _stored(student: xr.Dataset, settings: config.Students) -> Stored:
    def optional(name: str) -> np.ndarray | None:
        return student[name].to_numpy() if name in student else None

    return Stored(
        settings,
        int(student.attrs["seed"]),
        int(student["sample"]),
        student["labels"].to_numpy(),
        student["teacher_logits"].to_numpy(),
        int(student["reconstruction_class"]),
        student["contrast"].to_numpy(),
        float(student["widening"]),
        optional("jacobian"),
        optional("neighborhood_gradient"),
        optional("occlusion"),
    )
