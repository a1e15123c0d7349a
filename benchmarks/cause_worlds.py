"""Data sets with planted faults, and what the causes of the errors are read from.

Every faulty world has all of them: a patch that gives a class away in training and lies on test images of
other classes, labels of two classes swapped, a kind of images of one class that training lacks, and test
images that are blurred, noisy or dark. In a world of random labels, 5 % of them are wrong and nothing else.
In a world of twins, images of one class have one of two labels by the toss of a coin, and some test images
are turned by a quarter.
"""

import argparse
from enum import IntEnum
from pathlib import Path
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from records import arguments
from scipy.ndimage import gaussian_filter
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from deepvid import config, datasets
from deepvid.attribution import bare_case, drops_by_place
from deepvid.causes import Evidence
from deepvid.config import names
from deepvid.models import Classifier, restore
from deepvid.neighbors import nearest
from deepvid.training import predict, train_teacher

SIDE, MARGIN = 5, 1  # pixels of the patch, and from the image's edges
SWAPPED, PATCHED, PATCHED_IN_TRAINING, SPOILED, RANDOM, TURNED = 0.1, 0.03, 0.9, 0.04, 0.05, 0.03
KINDS, OF_CLASS = 5, (0.1, 0.4)  # clusters of the class that lacks one, and what share of it that may be
SPOILS = ("blurred", "noisy", "dark")
PATCHABLE = {"fashion_mnist": (0, 2, 3, 4, 6)}  # classes that are not told by an empty corner


def options(description: str) -> argparse.Namespace:
    """Options of a benchmark that makes worlds, `--sources`, `--seeds` and `--data` among them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", nargs="+", default=tuple(SIZES), help="data sets (fashion_mnist mnist)")
    parser.add_argument("--seeds", nargs="+", type=int, default=(3, 4, 5), help="of worlds (3 4 5)")
    parser.add_argument("--data", type=Path, help="folder of data sets")
    return arguments(description, parser)


class Fault(IntEnum):
    NONE = 0
    PATCH = 1
    LABEL = 2
    LEFT_OUT = 3
    QUALITY = 4
    OVERLAP = 5
    TURNED = 6


WorldKind = Literal["clean", "faulty", "random labels", "twins"]


class Size(NamedTuple):
    train: int
    test: int
    epochs: int
    width: int


SIZES = {"fashion_mnist": Size(5000, 3500, 4, 8), "mnist": Size(5000, 3500, 4, 8)}
PHOTOGRAPHS = Size(8000, 3500, 6, 16)


ASKED = 1500  # misclassified training images, at most, the most confident first: as a run has it


class World(NamedTuple):
    """`fault` is that of each error."""

    evidence: Evidence  # of the misclassified test images
    fault: np.ndarray  # of each of them
    accuracy: float
    of_training: Evidence  # of the misclassified training images
    fault_of_training: np.ndarray


class LabeledImages(NamedTuple):
    images: np.ndarray
    labels: np.ndarray
    test: np.ndarray
    fault: np.ndarray  # of each image


def world(source: names.Source, seed: int, kind: WorldKind, *, data: Path | None, quick: bool) -> World:
    size = SIZES.get(source, PHOTOGRAPHS)
    if quick:
        size = size._replace(train=2000, test=1500, epochs=2)
    settings = config.Dataset(source=source, train=size.train, test=size.test)
    drawn = datasets.load(settings, data=data, seed=1000 + seed)
    none = np.zeros(len(drawn.images), int)
    assert drawn.labels is not None
    plain = LabeledImages(drawn.images, drawn.labels.astype(int), drawn.test, none)
    if kind == "faulty":
        plain = plant(plain, source, seed)
    elif kind == "random labels":
        plain = with_random_labels(plain, seed)
    elif kind == "twins":
        plain = with_twins(plain, seed)
    names = tuple(map(str, range(int(plain.labels.max()) + 1)))
    return _of_training(plain, names, size, seed)


def plant(plain: LabeledImages, source: str, seed: int) -> LabeledImages:
    """All four faults; no image has two."""
    random = np.random.default_rng(1000 + seed)
    images, labels, test = plain.images.copy(), plain.labels.copy(), plain.test
    classes = int(labels.max()) + 1
    fault = np.full(len(images), Fault.NONE)
    patched = int(random.choice(PATCHABLE.get(source, tuple(range(classes)))))
    first, second, lacking = random.permutation([one for one in range(classes) if one != patched])[:3]

    kind = _kind(images, np.flatnonzero(labels == lacking), seed)
    fault[kind] = Fault.LEFT_OUT
    keep = np.ones(len(images), bool)
    keep[kind[~test[kind]]] = False

    corner = _corner(int(random.integers(4)), images.shape[1:3])
    training = np.flatnonzero(~test & (labels == patched))
    chosen = _some(random, np.flatnonzero(test & (labels != patched) & (fault == Fault.NONE)), PATCHED, test)
    for rows in (training[random.random(len(training)) < PATCHED_IN_TRAINING], chosen):
        images[np.ix_(rows, *corner)] = (255,) if images.shape[3] == 1 else (255, 255, 0)
    fault[chosen] = Fault.PATCH

    chosen = _some(random, np.flatnonzero(test & (fault == Fault.NONE)), SPOILED, test)
    images[chosen] = _spoiled(images[chosen], SPOILS[seed % len(SPOILS)], random)
    fault[chosen] = Fault.QUALITY

    given = labels.copy()
    for own, other in ((first, second), (second, first)):
        rows = np.flatnonzero((labels == own) & (fault == Fault.NONE))
        rows = rows[random.random(len(rows)) < SWAPPED]
        given[rows], fault[rows] = other, Fault.LABEL
    return LabeledImages(images[keep], given[keep], test[keep], fault[keep])


def with_random_labels(plain: LabeledImages, seed: int) -> LabeledImages:
    """A share of all images has the label of another class, whichever."""
    random = np.random.default_rng(1000 + seed)
    classes = int(plain.labels.max()) + 1
    wrong = random.random(len(plain.labels)) < RANDOM
    labels = np.where(wrong, plain.labels + random.integers(1, classes, len(wrong)), plain.labels) % classes
    return plain._replace(labels=labels, fault=np.where(wrong, Fault.LABEL, Fault.NONE))


def with_twins(plain: LabeledImages, seed: int) -> LabeledImages:
    """Half of the images of one class are of a new one that nothing sets apart; some others are turned."""
    random = np.random.default_rng(1000 + seed)
    classes = int(plain.labels.max()) + 1
    of = plain.labels == random.integers(classes)
    labels = np.where(of & (random.random(len(of)) < 0.5), classes, plain.labels)
    fault = np.where(of, Fault.OVERLAP, Fault.NONE)
    turned = _some(random, np.flatnonzero(plain.test & ~of), TURNED, plain.test)
    images = plain.images.copy()
    images[turned], fault[turned] = np.rot90(images[turned], axes=(1, 2)), Fault.TURNED
    return plain._replace(images=images, labels=labels, fault=fault)


def _some(random: np.random.Generator, rows: np.ndarray, share: float, test: np.ndarray) -> np.ndarray:
    return random.permutation(rows)[: round(share * test.sum())]


def _kind(images: np.ndarray, rows: np.ndarray, seed: int) -> np.ndarray:
    """The visual cluster of these images that is farthest from the others."""
    points = PCA(30, random_state=0).fit_transform(images[rows].reshape(len(rows), -1) / 255)
    found = KMeans(KINDS, n_init=4, random_state=seed).fit(points)
    share = np.bincount(found.labels_, minlength=KINDS) / len(rows)
    fitting = [one for one in range(KINDS) if OF_CLASS[0] < share[one] < OF_CLASS[1]]
    away = [
        np.linalg.norm(found.cluster_centers_[one] - points[found.labels_ != one].mean(axis=0))
        for one in fitting
    ]
    return rows[found.labels_ == fitting[int(np.argmax(away))]]


def _corner(number: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    ends = (number // 2, number % 2)
    rows, columns = (
        (size - SIDE - MARGIN if end else MARGIN) + np.arange(SIDE)
        for end, size in zip(ends, shape, strict=True)
    )
    return rows, columns


def _spoiled(images: np.ndarray, how: str, random: np.random.Generator) -> np.ndarray:
    values = images / 255
    if how == "blurred":
        width = images.shape[1] / 18
        values = gaussian_filter(values, (0, width, width, 0))
    elif how == "noisy":
        values = np.clip(values + random.normal(0, 0.25, values.shape), 0, 1)
    else:
        values = values / 4
    return np.round(255 * values).astype(np.uint8)


def _of_training(planted: LabeledImages, class_names: tuple[str, ...], size: Size, seed: int) -> World:
    images, labels, test, fault = planted
    network = config.ResNet(depth=8, width=size.width)
    settings = config.Teacher(network=network, epochs=size.epochs, learning_rate=0.01)
    *_, last = train_teacher(settings, images, labels, test, class_names, seed=seed)
    teacher = restore(network, image_shape=images.shape[1:], class_names=class_names, vector=last.parameters)
    found = predict(teacher, images)
    logits, features = np.asarray(found.logits), np.asarray(found.features)

    def evidence(wrong: np.ndarray) -> Evidence:
        lost = _lost(teacher, images, labels, ~test, wrong, logits, features, seed)
        return Evidence(images, labels, ~test, logits, features, wrong, lost)

    wrong = logits.argmax(axis=1) != labels
    lead = logits.max(axis=1) - np.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
    errors, of_training = np.flatnonzero(test & wrong), np.flatnonzero(~test & wrong)
    of_training = np.sort(of_training[np.argsort(-lead[of_training])[:ASKED]])
    accuracy = float(last.metrics["test_accuracy"])
    return World(evidence(errors), fault[errors], accuracy, evidence(of_training), fault[of_training])


def _lost(
    teacher: Classifier,
    images: np.ndarray,
    labels: np.ndarray,
    training: np.ndarray,
    wrong: np.ndarray,
    logits: np.ndarray,
    features: np.ndarray,
    seed: int,
) -> np.ndarray:
    """Logits that the margins of these errors lose with each place."""
    answers = logits[wrong].argmax(axis=1)
    color = images[training].mean(axis=(0, 1, 2)) / 255
    cases = bare_case(
        images[wrong].astype(np.float32) / 255,
        np.stack([answers, labels[wrong]], axis=1),
        jax.random.split(jax.random.key(seed), len(wrong)),
        np.broadcast_to(color.astype(np.float32), (len(wrong), len(color))),
    )
    neighbors = _nearest_of_label(images, labels, np.flatnonzero(training), wrong, features)
    cases = cases._replace(neighbor=jnp.asarray(neighbors, jnp.float32) / 255)
    return np.asarray(drops_by_place(teacher, cases))


def _nearest_of_label(
    images: np.ndarray, labels: np.ndarray, training: np.ndarray, rows: np.ndarray, features: np.ndarray
) -> np.ndarray:
    """To each of these images the nearest training image of its label."""
    found = np.empty((len(rows), *images.shape[1:]), np.uint8)
    for label in np.unique(labels[rows]):
        of = np.flatnonzero(labels[rows] == label)
        among = training[labels[training] == label]
        found[of] = images[among[nearest(features[among], features[rows[of]], 1)[:, 0]]]
    return found
