"""How long students take and how much disk training does, told from what a run has already."""

import numpy as np

from deepvid import config, models
from deepvid.fitted import fitted
from deepvid.pipeline.images import Images
from deepvid.store import Run
from deepvid.students.jacobian import MOST_CLASSES
from deepvid.students.listed import rows_of

BACKWARD = 2  # times as long as forward
DECODING = 0.5  # of a pass through the VAE
FIT = 5e-3  # seconds on one core for 784 pixels, 10 classes and 500 neighbors: benchmarks/students.py
STEP = 8e-4  # seconds of one step of another optimizer on the same
BEGINNING = 10.0  # seconds until workers have loaded and compiled their models
FLOAT, MOMENTS = 4, 3  # bytes; copies of the parameters in a training state


def student_seconds(run: Run, section: config.Students, cores: int) -> float | None:
    """Of one student on all cores: its labels and neighbors as fast as models were trained, then its fits.

    None where the run does not say how fast that was.
    """
    teacher, vae = _forward_seconds(run, "teacher"), _forward_seconds(run, "vae")
    if teacher is None or vae is None:
        return None
    dataset = run.stages["dataset"].open()
    pixels, classes = int(np.prod(dataset["image"].shape[1:])), len(dataset.attrs["class_names"])
    backward = min(classes, MOST_CLASSES) * min(section.gradient_neighbors, section.neighbors)
    labels = section.neighbors + BACKWARD * backward
    one_fit = FIT if section.solver == "exact" else STEP * section.steps
    fits = (
        one_fit * len(section.smoothness) * pixels * rows_of(classes) * section.neighbors / (784 * 10 * 500)
    )
    return labels * teacher + section.neighbors * DECODING * vae + fits / cores


def _forward_seconds(run: Run, name: str) -> float | None:
    """Of one image, from the fastest epoch: the first one compiles."""
    series = run.series(name)
    seconds = [row["seconds"] for row in series.metrics if "seconds" in row] if series else []
    images = run.stages["dataset"].metrics.get("train_images", 0)
    return min(seconds) / images / (1 + BACKWARD) if seconds and images else None


def in_epochs(epochs: int, images: Images) -> str:
    """What a stage that trains is about to do; it tells its time itself, after its first steps."""
    return f"{epochs} epochs of {int(fitted(images.test).sum()):,} images"


def teacher_bytes(section: config.Teacher, images: Images) -> int:
    """Of every epoch with its answers for the test images, of the last state, and of the answers for all."""
    count, features = models.network_size(
        section.network, image_shape=images.shape, classes=len(images.class_names)
    )
    answers = len(images.class_names) + features
    epoch = count + int(images.test.sum()) * answers
    return FLOAT * (section.epochs * epoch + MOMENTS * count + count + len(images.test) * answers)


def vae_bytes(section: config.Vae, images: Images) -> int:
    """Of every epoch, of the last state, of all latents, and of the copies of the test images."""
    count = models.vae_size(section, image_shape=images.shape)
    latents = 2 * len(images.test) * section.latent
    copies = int(images.test.sum()) * int(np.prod(images.shape))
    return FLOAT * ((section.epochs + MOMENTS + 1) * count + latents) + copies
