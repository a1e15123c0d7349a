"""The teacher, the VAE and the images that the benchmarks of students share.

They are trained once on the embedded Fashion-MNIST and kept in the temporary folder.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from deepvid import config, datasets
from deepvid.models import VAE, Classifier, restore, restore_vae
from deepvid.students import Students, fit_students
from deepvid.training import encode, predict, train_teacher, train_vae

DATASET = config.Dataset(train=6000, test=2000)
TEACHER = config.Teacher(epochs=3)
VAE_SETTINGS = config.Vae(epochs=5)
CHAINS = ((500, 0), (1000, 0), (500, 25), (1000, 25))  # neighbors, gradient neighbors


class World(NamedTuple):
    """The run that students are fitted to; `wrong` has the misclassified test images in random order."""

    data: datasets.ImageData
    classifier: Classifier
    vae: VAE
    band: np.ndarray
    wrong: np.ndarray

    def chain(self, row: int, neighbors: int, gradient: int) -> Callable[[], Students]:
        """From one image to everything that is stored of its student, with both default fits."""
        return self.fitting(row, config.Students(neighbors=neighbors, gradient_neighbors=gradient))

    def fitting(self, row: int, settings: config.Students) -> Callable[[], Students]:
        """The same with these settings."""
        rows = np.array([row])
        images, labels = self.data.images[rows], self.data.labels[rows]
        return lambda: fit_students(
            self.classifier, self.vae, images, rows, labels, self.band, settings, seed=0
        )


def name_of(neighbors: int, gradient: int) -> str:
    return f"chain, {neighbors} neighbors" + (", with gradient" if gradient else "")


def world(folder: Path | None) -> World:
    data = datasets.load(DATASET, data=folder, seed=0)
    teacher, autoencoder = trained(data)
    shape = data.images.shape[1:]
    classifier = restore(TEACHER.network, image_shape=shape, class_names=data.class_names, vector=teacher)
    vae = restore_vae(VAE_SETTINGS, image_shape=shape, vector=autoencoder)
    band = 0.6 * encode(vae, data.images[~data.test][:2000]).mean.std(axis=0)
    rows = np.flatnonzero(data.test)
    wrong = rows[predict(classifier, data.images[rows]).logits.argmax(axis=1) != data.labels[rows]]
    return World(data, classifier, vae, band, np.random.default_rng(0).permutation(wrong))


def trained(data: datasets.ImageData) -> tuple[np.ndarray, np.ndarray]:
    """Parameters of the teacher and the VAE, from the temporary folder where they are there already."""
    settings = [section.model_dump(mode="json") for section in (DATASET, TEACHER, VAE_SETTINGS)]
    key = config.digest(settings)[:12]
    path = Path(tempfile.gettempdir()) / f"deepvid-benchmark-students-{key}.npz"
    if not path.exists():
        *_, teacher = train_teacher(TEACHER, data.images, data.labels, data.test, data.class_names, seed=0)
        *_, autoencoder = train_vae(VAE_SETTINGS, data.images, data.test, seed=0)
        np.savez(path, teacher=teacher.parameters, vae=autoencoder.parameters)
    with np.load(path) as arrays:
        return arrays["teacher"], arrays["vae"]
