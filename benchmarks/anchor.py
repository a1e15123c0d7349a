"""Gain of students from an anchor at their teacher's mean Jacobian?

    .venv/bin/python benchmarks/anchor.py RUN      without RUN, a teacher is trained here

Students of the same images and the same neighbors are anchored at that Jacobian and at zero, at the default
l2 and at a tenth of it. Measured are the divergence and the agreement on neighbors held out from the fit, of
every smoothness, and insertion - deletion of the smoothest one's two pictures, beside the neighborhood
gradient x input. Differences are taken image by image, with the ends of bootstrapped 95 % intervals. The
images are errors in random order, of that half on which nothing was chosen.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from anchor_world import Errors, of_run, of_training
from records import Record, arguments, show

from deepvid import config
from deepvid.attribution import bare_case
from deepvid.attribution.measures import DeletionInsertion, measure
from deepvid.config import names
from deepvid.statistics import bootstrap_difference, bootstrap_mean
from deepvid.students.chain import Raw, fit_one
from deepvid.students.decoding import Inputs
from deepvid.students.fidelity import fidelity
from deepvid.students.students import plan_of, values_of
from deepvid.students.teacher_oracle import Neighborhood, label_neighborhood


class Way(NamedTuple):
    """A way to fit a student."""

    anchor: names.Anchor
    l2: float

    def __str__(self) -> str:
        return f"{'mean Jacobian' if self.anchor == 'jacobian' else self.anchor}, l2 {self.l2:g}"


DEFAULT = Way("jacobian", 1e-3)
WAYS = (DEFAULT, Way("zero", 1e-3), Way("zero", 1e-4))
SETTINGS = config.Students()
CURVES = DeletionInsertion()
PICTURES = ("student x input", "student")  # w x and w (x - mean), w the weights of the margin
GRADIENT = "neighborhood gradient x input"


class Found(NamedTuple):
    """By way, (image, smoothness) and (image, picture); the gradient's (image,)."""

    kl: dict[Way, np.ndarray]
    agreement: dict[Way, np.ndarray]
    faithfulness: dict[Way, np.ndarray]
    gradient: np.ndarray


def measured(options: argparse.Namespace) -> Iterator[Record]:
    count = options.errors or (4 if options.quick else 200)
    errors = of_run(options.run, count) if options.run else of_training(options.data, count)
    found = compared(errors)
    yield Record("images", len(errors.rows), "")
    for place, smoothness in enumerate(SETTINGS.smoothness):
        for name, values in (("held-out KL", found.kl), ("held-out agreement", found.agreement)):
            columns = {way: values[way][:, place] for way in WAYS}
            yield from _levels(f"{name}, smoothness {smoothness:g}", columns)
            yield from _leads(f"{name}, smoothness {smoothness:g}", columns)
    for place, picture in enumerate(PICTURES):
        columns = {way: found.faithfulness[way][:, place] for way in WAYS}
        yield from _levels(f"insertion - deletion of {picture}", columns)
        yield from _leads(f"insertion - deletion of {picture}", columns)
        for way in WAYS:
            yield from _difference(
                f"insertion - deletion of {picture}: {way}, over the {GRADIENT}", columns[way], found.gradient
            )
    yield from _interval(f"insertion - deletion of the {GRADIENT}", found.gradient)


def _levels(name: str, columns: dict[Way, np.ndarray]) -> Iterator[Record]:
    for way, values in columns.items():
        yield from _interval(f"{name}: {way}", values)


def _interval(name: str, values: np.ndarray) -> Iterator[Record]:
    mean = bootstrap_mean(values, seed=0)
    yield Record(name, mean.value, "")
    yield Record(f"{name}, at least", mean.low, "")
    yield Record(f"{name}, at most", mean.high, "")


def _leads(name: str, columns: dict[Way, np.ndarray]) -> Iterator[Record]:
    for way in WAYS[1:]:
        yield from _difference(f"{name}: {DEFAULT}, over {way}", columns[DEFAULT], columns[way])


def _difference(name: str, first: np.ndarray, second: np.ndarray) -> Iterator[Record]:
    lead = bootstrap_difference(first, second, seed=0)
    yield Record(name, lead.value, "")
    yield Record(f"{name}, at least", lead.low, "")
    yield Record(f"{name}, at most", lead.high, "")


def compared(errors: Errors) -> Found:
    """Every way's students of every image: all of one image have the same neighbors."""
    plans = {way: plan_of(SETTINGS.replaced(anchor=way.anchor, l2=way.l2)) for way in WAYS}
    values = {way: values_of(SETTINGS.replaced(l2=way.l2), errors.band, 0) for way in WAYS}
    rows = []
    for image, sample, label in zip(errors.images, errors.rows, errors.labels, strict=True):
        inputs = Inputs(image, np.int32(sample), np.int32(label))
        around = label_neighborhood(errors.classifier, errors.vae, inputs, values[DEFAULT], plans[DEFAULT])
        raw = {way: jax.tree.map(np.asarray, fit_one(around, values[way], plans[way])) for way in WAYS}
        rows.append((raw, _curves(errors, around, raw)))
    judged = {
        way: fidelity(
            np.stack([raw[way].held_out for raw, _ in rows])[:, None],
            np.stack([raw[way].logits for raw, _ in rows]),
        )
        for way in WAYS
    }
    areas = np.stack([areas for _, areas in rows])
    return Found(
        {way: of.kl for way, of in judged.items()},
        {way: np.mean(of.teacher_class == of.student_class, axis=-1) for way, of in judged.items()},
        {way: areas[:, i * len(PICTURES) : (i + 1) * len(PICTURES)] for i, way in enumerate(WAYS)},
        areas[:, -1],
    )


def _curves(errors: Errors, around: Neighborhood, raw: dict[Way, Raw]) -> np.ndarray:
    """Insertion - deletion of every way's pictures, and of the gradient's."""
    image = np.asarray(around.image)
    pictures = []
    for way in WAYS:
        first, second = raw[way].arrays["contrast"]
        smoothest = raw[way].arrays["weights"][int(np.argmax(SETTINGS.smoothness))].astype(np.float32)
        weights = smoothest[first] - smoothest[second]
        pictures += [
            weights * image,
            weights * (image - raw[way].arrays["neighborhood_mean"] / np.float32(255)),
        ]
    pictures.append(raw[DEFAULT].arrays["neighborhood_gradient"].astype(np.float32) * image)
    contrast, color = jnp.asarray(raw[DEFAULT].arrays["contrast"])[None], jnp.asarray(errors.mean_color)[None]
    case = bare_case(around.image[None], contrast, jax.random.split(jax.random.key(0), 1), color)
    return np.asarray(measure(CURVES, errors.classifier, case, jnp.stack(pictures)[None]).faithfulness)[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path, nargs="?", help="folder of a finished run")
    parser.add_argument("--errors", type=int, help="misclassified images (200; 4 with --quick)")
    parser.add_argument("--data", type=Path, help="folder of data sets, for a teacher trained here")
    options = arguments(__doc__, parser)
    show(measured(options), options)
