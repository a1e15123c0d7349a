"""The questions that the benchmark of explanations answers: misclassified test images and their students."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from student_world import world

from deepvid import config
from deepvid.attribution import Case
from deepvid.errors import UserError
from deepvid.models import VAE, Classifier
from deepvid.pipeline.trained import TrainedRun
from deepvid.store import open_run
from deepvid.students import fit_students
from deepvid.training import encode, predict


class Questions(NamedTuple):
    """A classifier, cases with a leading axis in random order, and the VAE that judges."""

    classifier: Classifier
    cases: Case
    vae: VAE


def of_run(path: Path, count: int) -> Questions:
    """Students of a finished run, at most `count`."""
    run = open_run(path)
    dataset = run.stages["dataset"].open()
    test = dataset["test"].to_numpy()
    images = dataset["image"].to_numpy()
    fields = ("sample", "weights", "contrast", "neighborhood_gradient", "neighborhood_mean")
    opened = [batch.open() for batch in run.batches("students")]
    if not opened or any(field not in group for group in opened for field in fields):
        raise UserError(
            "Students are explained that were fitted by this version",
            f"none, or older ones, in {path.name}",
            f"Fit them: deepvid fit-students {path.name} --store {path.parent}",
        )
    students = {name: np.concatenate([group[name].to_numpy() for group in opened]) for name in fields}
    settings = config.Students.model_validate(opened[0].attrs["settings"])
    students = {name: values[_some(len(values), count)] for name, values in students.items()}
    chosen, trained = images[students["sample"]], TrainedRun(run)
    cases = cases_of(chosen, images[~test], students, settings.temperature)
    neighbor = jnp.asarray(trained.nearest_of_another_class(students["sample"].tolist()))
    return Questions(trained.teacher, cases._replace(neighbor=neighbor), trained.vae)


def of_training(folder: Path | None, count: int) -> Questions:
    """A teacher trained here, and students fitted here."""
    shared, settings = world(folder), config.Students(smoothness=(0.0,))
    rows = shared.wrong[:count]
    images, labels = shared.data.images[rows], shared.data.labels[rows]
    students = fit_students(
        shared.classifier, shared.vae, images, rows, labels, shared.band, settings, seed=0
    )
    training = shared.data.images[~shared.data.test]
    cases = cases_of(images, training, students.arrays(), settings.temperature)
    neighbor = nearest_of_another_class(shared.classifier, shared.vae, training, cases)
    return Questions(shared.classifier, cases._replace(neighbor=neighbor), shared.vae)


def nearest_of_another_class(
    classifier: Classifier, vae: VAE, training: np.ndarray, cases: Case
) -> jax.Array:
    """To each case the training image nearest in the VAE's latents that gets another class."""
    known, own = encode(vae, training).mean, np.asarray(vae.encode(cases.image)[0])
    given = predict(classifier, training).logits.argmax(axis=1)
    distance = ((own[:, None] - known) ** 2).sum(axis=2)
    distance[np.asarray(cases.classes)[:, :1] == given] = np.inf
    return jnp.asarray(training[distance.argmin(axis=1)], jnp.float32) / 255


def _some(total: int, count: int) -> np.ndarray:
    return np.random.default_rng(0).permutation(total)[:count]


def cases_of(
    images: np.ndarray, training: np.ndarray, students: Mapping[str, Any], temperature: float, fit: int = 0
) -> Case:
    """The questions that students answer, by the fit of one smoothness."""
    count, classes = len(images), students["contrast"]
    weights = students["weights"][:, fit].astype(np.float32)
    row = np.arange(count)
    mean = training.mean(axis=(0, 1, 2)) / 255
    drawn = jnp.asarray(training[np.sort(_some(len(training), 48))], jnp.uint8)
    return Case(
        image=jnp.asarray(images / 255, jnp.float32),
        classes=jnp.asarray(classes),
        key=jax.random.split(jax.random.key(0), count),
        mean_color=jnp.broadcast_to(jnp.asarray(mean, jnp.float32), (count, len(mean))),
        student=temperature * jnp.asarray(weights[row, classes[:, 0]] - weights[row, classes[:, 1]]),
        neighborhood_mean=jnp.asarray(students["neighborhood_mean"] / 255, jnp.float32),
        neighborhood_gradient=jnp.asarray(students["neighborhood_gradient"], jnp.float32),
        neighbor=jnp.full(images.shape, jnp.nan),
        training=jnp.broadcast_to(drawn, (count, *drawn.shape)),
    )
