"""A picture that somebody opens: answered, explained and given neighbors as the run's own images are."""

from typing import Any

import numpy as np

from deepvid import config
from deepvid.config import experiment_from
from deepvid.cores import use_cores
from deepvid.datasets.contract import Form
from deepvid.datasets.picture import Change, decode
from deepvid.datasets.white import White
from deepvid.engine import requests
from deepvid.engine.causes import causes_of_opened
from deepvid.engine.models import trained_run
from deepvid.errors import (
    Cancelled,
    ConfigError,
    DamagedError,
    DataError,
    DeepVIDError,
    UserError,
)
from deepvid.pipeline.explanations import explain_sample
from deepvid.pipeline.run_with_image import RunWithImage
from deepvid.pipeline.trained import TrainedRun, answers_of
from deepvid.progress import Progress
from deepvid.report.case import NEAR
from deepvid.report.nearest import nearest_training

LARGEST = 2**25
"""Bytes of a file."""
IN_WORDS: dict[Change, str] = {
    "turned": "turned upright",
    "deep": "cut to 8 bits",
    "floats": "cut to 8 bits",
    "transparent": "laid on white",
    "frames": "the first of its frames",
    "one color": "of one color now",
}


def open_image(request: requests.OpenImage, progress: Progress) -> requests.OpenedImage:
    """Reads the file as the run's data set reads its own, and asks the teacher; nothing is written.

    Raises DataError for what is no picture, StoreError where the teacher is not to be had.
    """
    use_cores()
    progress.update(0, 4, "reading the picture")
    opened = trained_run(request.run)
    teacher = opened.teacher
    image, changes = _read(opened, request)
    progress.update(1, 4, "asking the teacher")
    answers = answers_of(teacher, image[None])
    features = answers.logits if answers.features is None else answers.features
    answers = answers._replace(features=features)
    second, first = (int(one) for one in np.argsort(answers.logits[0], kind="stable")[-2:])
    behind = RunWithImage(
        opened.run, opened.user_model, run_itself=opened, image_behind=image, classes=(first, second)
    )
    progress.update(2, 4, "looking for neighbors")
    stored, dataset = (opened.run.stages[name].open() for name in ("teacher", "dataset"))
    near = nearest_training(stored["features"], dataset["test"].to_numpy(), features, NEAR)
    known = np.isfinite(near.distance[0])
    maps = _maps(behind, request.seed, progress.part(2, 3, 4))
    progress.update(3, 4, "looking for causes")
    try:
        reasons, without = causes_of_opened(behind, answers, request.seed, progress.part(3, 4, 4)), ""
    except (Cancelled, DamagedError):
        raise
    except DeepVIDError as error:
        reasons, without = (), str(error)
    found = near.sample[0][known], near.distance[0][known]
    return requests.OpenedImage(image, changes, answers.logits[0], *found, maps, reasons, without)


def _maps(behind: RunWithImage, seed: int, progress: Progress) -> Any:
    """By methods of the run that need no student; None where none applies, or nothing can be explained."""
    try:
        settings = experiment_from(behind.run.config).explanations
    except ConfigError:  # of an earlier version
        settings = config.Explanations()
    infill = "vae" in behind.run.stages
    try:
        return explain_sample(
            behind, behind.sample, settings, None, seed=seed, infill=infill, progress=progress
        )
    except DamagedError:
        raise
    except UserError:
        return None


def _read(opened: TrainedRun, request: requests.OpenImage) -> tuple[np.ndarray, tuple[str, ...]]:
    """uint8 (y, x, channel) in the size and channels of the run's images, and what was made of the file."""
    dataset = opened.run.stages["dataset"].open()
    y, x, channels = (int(side) for side in opened.run.stages["teacher"].open().attrs["image_shape"])
    form = Form((y, x), opened.run.config.get("dataset", {}).get("fit", "crop"))
    try:
        if len(request.content) > LARGEST:
            raise ValueError(f"{len(request.content) / 1e6:,.0f} MB, and at most {LARGEST / 1e6:.0f}")
        decoded = decode(request.content, form, White(*dataset.attrs.get("white", White())))
    except ValueError as error:
        raise DataError(
            "A picture to be opened is one file of a format that is read",
            f"{request.name}: {error}",
            "Save it as PNG or JPEG, and open that",
        ) from error
    changes = [IN_WORDS[change] for change in sorted(decoded.changes)]
    if decoded.size != (y, x):
        changes.append(f"{decoded.size[1]} x {decoded.size[0]} pixels made {x} x {y}")
    pixels = decoded.pixels
    assert pixels is not None  # it has a form
    if channels == 1 and pixels.shape[2] == 3:
        pixels = np.rint(pixels @ np.array([0.299, 0.587, 0.114]))[..., None].astype(np.uint8)  # ITU-R 601-2
        changes.append("made gray")
    return np.broadcast_to(pixels, (y, x, channels)).copy(), tuple(changes)
