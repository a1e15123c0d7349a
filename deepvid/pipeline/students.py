"""The stage that fits students: around which samples, and how one batch of them is fitted.

Confident errors come first; without labels, the images of which the teacher is the least sure.
"""

from typing import NamedTuple

import numpy as np
import xarray as xr
from scipy.special import expit

from deepvid import config, fields
from deepvid.errors import ConfigError
from deepvid.metrics import held_against
from deepvid.pipeline.batches import BatchStage, Items
from deepvid.pipeline.stage import Family, StageContext, labels_of
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.worker_pool import Batch, worker_cores
from deepvid.progress import Progress
from deepvid.store import Run, dataset_of
from deepvid.students import Students, fit_students
from deepvid.students.listed import rows_of
from deepvid.students.teacher_oracle import MOST_CLASSES
from deepvid.tier import Tier
from deepvid.wording import command


class Predictions(NamedTuple):
    """Facts that the choice depends on; every array is (sample,), training images first."""

    label: np.ndarray  # int: without labels the runner-up
    predicted: np.ndarray  # int
    confidence: np.ndarray  # the probability of `predicted`
    test: np.ndarray  # bool
    margin: np.ndarray | None = (
        None  # without labels: how much more probable `predicted` is than the runner-up
    )
    other: np.ndarray | None = None  # bool: the model gives the file itself another class

    @classmethod
    def of(
        cls,
        logits: np.ndarray,
        label: np.ndarray | None,
        test: np.ndarray,
        of_file: np.ndarray | None = None,
        *,
        independent: bool = False,
    ) -> "Predictions":
        """From logits (sample, class); `label` is None where there are no labels, `of_file`, classes of the
        files themselves (-1: not known), where images are stored as they were.
        """
        predicted = logits.argmax(axis=1)
        other = None if of_file is None else (of_file >= 0) & (of_file != predicted)
        if independent:
            probability, against = expit(logits), held_against(label, logits)
            confidence = probability.max(axis=1)
            margin = None if label is not None else confidence - probability[np.arange(len(against)), against]
            return cls(against, predicted, confidence, test, margin, other)
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        confidence, against = 1 / exponents.sum(axis=1), held_against(label, logits)
        margin = None if label is not None else confidence * (1 - exponents[np.arange(len(against)), against])
        return cls(against, predicted, confidence, test, margin, other)


def choose(images: str, predictions: Predictions, *, classes: int, limit: int | None = None) -> np.ndarray:
    """Sample indices for a choice as in `config.Students.images`.

    Errors come first, the most confident ones before the others; then what is right, the most doubtful
    first. Without labels those of which the teacher is least sure come first, every test image may be an
    error, and a class is the predicted one. Behind all others come images whose files the model gives another
    class than what is stored of them. Indices that are listed keep their order. Raises `ConfigError` for what
    does not exist.
    """
    samples, wanted = parse_choice(images, samples=len(predictions.label), classes=classes)
    if samples is not None:
        return samples[:limit]
    among = predictions.test.copy()
    kind = images.partition(":")[0]
    if kind == "class":
        known = predictions.label if predictions.margin is None else predictions.predicted
        among &= known == wanted[0]
    elif kind == "confusion":
        among &= (predictions.label == wanted[0]) & (predictions.predicted == wanted[1])
    elif kind == "misclassified" and predictions.margin is None:
        among &= predictions.predicted != predictions.label
    return _by_interest(np.flatnonzero(among), predictions)[:limit]


def parse_choice(images: str, *, samples: int, classes: int) -> tuple[np.ndarray | None, list[int]]:
    """The samples that a choice lists (None where it lists none), and the classes that it names.

    Raises `ConfigError` for what a run of so many samples and classes does not have.
    """
    kind, _, arguments = images.partition(":")
    if kind[0].isdigit():
        return _listed(kind, samples), []
    return None, _classes(arguments, classes) if arguments else []


def _by_interest(samples: np.ndarray, predictions: Predictions) -> np.ndarray:
    other = np.zeros(len(samples), np.bool_) if predictions.other is None else predictions.other[samples]
    if predictions.margin is not None:
        return samples[np.lexsort((predictions.margin[samples], other))]
    wrong = predictions.predicted[samples] != predictions.label[samples]
    confidence = predictions.confidence[samples]
    return samples[np.lexsort((np.where(wrong, -confidence, confidence + 1), other))]


def _listed(text: str, samples: int) -> np.ndarray:
    listed = list(dict.fromkeys(int(index) for index in text.split(",")))
    beyond = [index for index in listed if index >= samples]
    if beyond:
        raise ConfigError(
            f"Samples of this run are numbered 0 to {samples - 1}, training images first",
            f"students.images lists {', '.join(map(str, beyond))}",
            "List samples that exist",
        )
    return np.array(listed, np.int64)


def _classes(text: str, classes: int) -> list[int]:
    wanted = [int(index) for index in text.split(",")]
    if max(wanted) >= classes:
        raise ConfigError(
            f"Classes of this run are numbered 0 to {classes - 1}",
            f"students.images asks for class {max(wanted)}",
            "Name a class that exists",
        )
    return wanted


BACKWARD = 2  # times as long as forward
DECODING = 0.5  # of a pass through the VAE
FIT = 5e-3  # seconds on one core for 784 pixels, 10 classes and 500 neighbors: benchmarks/students.py
STEP = 8e-4  # seconds of one step of another optimizer on the same
ROUNDED = "The model's answers are too coarse to tell neighbors apart: no student is fitted"


def students_stage(section: config.Students, *, seed: int) -> BatchStage:
    """Fits students for the chosen samples that have none with these settings yet."""

    def check(run: Run) -> None:
        require_choice(run, section.images)
        if "vae" in run.stages:
            TrainedRun(run).band(section)

    def items(context: StageContext) -> Items:
        check(context.run)
        if context.open("teacher").attrs.get("tier") == Tier.PREDICTIONS.word:
            return Items(np.zeros(0, np.int64), 0, note=ROUNDED)
        chosen, unlabeled = chosen_samples(context, section.images), "label" not in context.open("dataset")
        wanted, what = chosen[: section.limit], _described(context.run, section.images)
        order = ", the least sure first" if unlabeled and not section.images[0].isdigit() else ""
        of = "" if len(wanted) == len(chosen) else f"of {len(chosen):,} "
        return Items(
            wanted,
            _student_bytes(context, section),
            f"{len(wanted):,} {of}{what}{order}",
            _left_out(context.run, section.images, what, len(chosen), len(chosen) - len(wanted)),
            _seconds(context.run, section, len(worker_cores())),
        )

    return BatchStage(
        name="students",
        needs=("teacher", "vae"),
        section=section,
        seed=seed,
        version=3,
        choosing=frozenset({"images", "limit"}),
        items=items,
        begin=TrainedRun.open,
        task=fit_batch,
        check=check,
    )


def fit_batch(opened: TrainedRun, batch: Batch, progress: Progress) -> xr.Dataset:
    """The students of `batch` with the variables, dimensions and attributes of a students batch."""
    settings, samples = batch.section, batch.items
    assert isinstance(settings, config.Students)
    images = opened.images(samples)
    students = fit_students(
        opened.teacher,
        opened.vae,
        images,
        np.array(samples, np.int32),
        opened.labels(samples),
        opened.band(settings),
        settings,
        seed=batch.seed,
        progress=progress,
    )
    return batch_of(students, batch)


def batch_of(students: Students, batch: Batch) -> xr.Dataset:
    """Students as a group of the store, which says by which settings they were fitted."""
    settings = batch.section.model_dump(mode="json")
    attrs = {"settings": settings, "settings_key": batch.key, "seed": batch.seed}
    return dataset_of(fields.STUDENTS, students.arrays(), attrs)


def require_choice(run: Run, images: str) -> None:
    """Raises ConfigError for a choice of what the run does not have, StoreError for a run without images."""
    if "dataset" in run.stages:
        dataset = run.stages["dataset"].open("class_names")
        parse_choice(images, samples=dataset.sizes["sample"], classes=len(dataset.attrs["class_names"]))
        TrainedRun(run).require_images()


def chosen_samples(context: StageContext, images: str) -> np.ndarray:
    """The samples of a choice of images, in the order of `choose`."""
    dataset, teacher = context.open("dataset", "test"), context.open("teacher", "logits")
    predictions = Predictions.of(
        teacher["logits"].to_numpy(),
        labels_of(dataset),
        dataset["test"].to_numpy(),
        teacher["class_of_file"].to_numpy() if "class_of_file" in teacher else None,
        independent=context.run.independent,
    )
    return choose(images, predictions, classes=len(dataset.attrs["class_names"]))


def _described(run: Run, images: str) -> str:
    """Meaning of a choice of images, as "test images of Shirt taken for Coat"."""
    kind, _, arguments = images.partition(":")
    dataset = run.stages["dataset"].open("class_names")
    names, labeled = dataset.attrs["class_names"], "label" in dataset
    classes = [names[int(index)] for index in arguments.split(",")] if arguments else []
    return {
        "misclassified": "misclassified test images" if labeled else "test images",
        "all": "test images",
        "class": f"test images {'of' if labeled else 'taken for'} {' '.join(classes)}",
        "confusion": f"test images of {' taken for '.join(classes)}"
        if labeled
        else f"test images taken for {' rather than '.join(reversed(classes))}",
    }.get(kind, "listed images")


def _left_out(run: Run, images: str, what: str, chosen: int, left_out: int) -> str:
    """Says what of a choice is not fitted, and how to fit it; empty where all of it is."""
    if not chosen:
        return f"There are no {what}: no student is fitted"
    if not left_out:
        return ""
    rest = command("fit-students", run.id, "--images", images, "--limit", "all", "--store", run.path.parent)
    return f"students.limit leaves {left_out:,} of {chosen:,} {what} out. Fit them too: {rest}"


def _student_bytes(context: StageContext, section: config.Students) -> int:
    """Weights of each fit, the Jacobian with the gradient, and the neighbors' labels, float16."""
    dataset = context.open("dataset")
    pixels, classes = int(np.prod(dataset["image"].shape[1:])), len(dataset.attrs["class_names"])
    slopes = 1 + min(MOST_CLASSES, classes)
    weights = rows_of(classes) * len(section.smoothness)
    return 2 * (pixels * (weights + slopes) + section.neighbors * classes)


def _seconds(run: Run, section: config.Students, cores: int) -> float | None:
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


STUDENTS = Family(
    config.Students,
    lambda experiment: [students_stage(experiment.students, seed=experiment.seed)],
    fields.STUDENTS,
    tier=Tier.PREDICT,
)
