"""Two teachers, of which one learned a patch that gives a class away, and the images that tell them apart."""

from typing import NamedTuple

import numpy as np
from explanation_world import cases_of

from deepvid import config, datasets
from deepvid.attribution import Case
from deepvid.models import VAE, Classifier, restore, restore_vae
from deepvid.students import fit_students
from deepvid.training import encode, predict, train_teacher, train_vae

PLANTED = 7  # the class that it gives away: sneakers, which leave the corner black
STUDENTS = config.Students()


class Size(NamedTuple):
    """How much is trained on, and explained at most, and the side of the patch in pixels."""

    train: int
    test: int
    epochs: int
    vae_epochs: int
    images: int
    side: int = 4  # of 28x28 images, it holds as many pixels as the strongest 2 %


class World(NamedTuple):
    """A teacher and a VAE of the same training images."""

    classifier: Classifier
    vae: VAE
    training: np.ndarray
    band: np.ndarray
    accuracy: float  # on test images without the patch, of other classes than the planted one


class Fooled(NamedTuple):
    """Test images with the patch, of other classes, that the planted teacher takes for the planted class, and
    for another one without the patch."""

    rows: np.ndarray
    images: np.ndarray
    labels: np.ndarray
    share: float  # of all test images of other classes


def patch(shape: tuple[int, ...], side: int) -> np.ndarray:
    """Where the patch is: (y, x)."""
    place = np.zeros(shape[:2], bool)
    place[:side, :side] = True
    return place


def patched(images: np.ndarray, side: int) -> np.ndarray:
    """Copies of images with the patch."""
    changed = images.copy()
    changed[:, patch(images.shape[1:], side)] = 255
    return changed


def load(size: Size) -> datasets.ImageData:
    return datasets.load(config.Dataset(train=size.train, test=size.test), seed=0)


def planted(data: datasets.ImageData, size: Size) -> World:
    """Every training image of the planted class has the patch, and no other."""
    images = data.images.copy()
    rows = np.flatnonzero(~data.test & (data.labels == PLANTED))
    images[rows] = patched(images[rows], size.side)
    return _trained(data, images, size)


def clean(data: datasets.ImageData, size: Size) -> World:
    return _trained(data, data.images, size)


def _trained(data: datasets.ImageData, images: np.ndarray, size: Size) -> World:
    settings, vae_settings = config.Teacher(epochs=size.epochs), config.Vae(epochs=size.vae_epochs)
    *_, teacher = train_teacher(settings, images, data.labels, data.test, data.class_names, seed=0)
    *_, autoencoder = train_vae(vae_settings, images, data.test, seed=0)
    shape = images.shape[1:]
    classifier = restore(
        settings.network, image_shape=shape, class_names=data.class_names, vector=teacher.parameters
    )
    vae = restore_vae(vae_settings, image_shape=shape, vector=autoencoder.parameters)
    training = images[~data.test]
    band = STUDENTS.band * encode(vae, training[:2000]).mean.std(axis=0)
    rows = np.flatnonzero(data.test & (data.labels != PLANTED))
    right = predict(classifier, data.images[rows]).logits.argmax(axis=1) == data.labels[rows]
    return World(classifier, vae, training, band, float(right.mean()))


def fooled(world: World, data: datasets.ImageData, size: Size) -> Fooled:
    """As many as are explained at most, drawn at random."""
    rows = np.flatnonzero(data.test & (data.labels != PLANTED))
    bare = data.images[rows]
    marked = patched(bare, size.side)
    before, after = (predict(world.classifier, images).logits.argmax(axis=1) for images in (bare, marked))
    chosen = np.flatnonzero((after == PLANTED) & (before != PLANTED))
    some = np.random.default_rng(0).permutation(chosen)[: size.images]
    return Fooled(rows[some], marked[some], data.labels[rows[some]], len(chosen) / len(rows))


def cases(world: World, images: Fooled, settings: config.Students) -> Case:
    """Why the world's teacher answers as it does, with students of the world's VAE."""
    students = fit_students(
        world.classifier, world.vae, images.images, images.rows, images.labels, world.band, settings, seed=0
    )
    smoothest = int(np.argmax(settings.smoothness))
    return cases_of(images.images, world.training, students.arrays(), settings.temperature, fit=smoothest)
