"""Cost of a student whose teacher somebody else has trained, against one of our own networks.

The same weights in every framework, the same misclassified test images, in turns. Times are CPU time of this
process, which has one thread, as a worker of the pipeline has; cosines are those of the students' weights.
What a row needs and is not installed makes it null: onnx and onnxruntime, torch, keras. Deletion is the
probability of the predicted class, as pixels go in the order of a map, over the share of pixels that have
gone: low is good. To be logged costs a training time on the clock, for a commit waits for the disk.
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from anchor_world import Errors, of_run, of_training
from own_models_before import look_around_before
from own_models_logging import logging
from own_models_ports import in_keras, in_nnx, in_onnx, in_torch
from records import Baseline, Record, arguments, at_most, higher_is_better, lower_is_better, show

from deepvid import config
from deepvid.adapters.contract import Answers, Model, Slopes
from deepvid.cores import CHUNK, one_thread_each
from deepvid.models import Classifier
from deepvid.students import Students, fit_students
from deepvid.students.chain import fit_one
from deepvid.students.decoding import Inputs
from deepvid.students.refitting import Stored, refit
from deepvid.students.students import plan_of, students_of, values_of, with_student_axis
from deepvid.tier import Tier

LABELS = config.Students(gradient_neighbors=0)
WITNESS = config.Students()
STEPS = 20  # of a deletion curve
ALIKE = 1e-4  # that logits of the same network may differ: float32 sums in another order


class Kind(NamedTuple):
    """Our classifier as another framework has it."""

    name: str
    build: Callable[[Classifier], Model | None]  # None: what it needs is not installed
    labels: float | None  # most times the native chain's time, without a second witness
    witness: float | None  # and with one


Built = dict[Kind, Model | None]


class Plain:
    """Our own network behind NumPy: what it costs to be foreign, and nothing else."""

    name = "NumPy"

    def __init__(self, classifier: Classifier, tier: Tier = Tier.GRADIENTS) -> None:
        self.tier = tier
        self._logits, self._slopes = partial(_logits, classifier), partial(_slopes, classifier)

    def answers(self, images: np.ndarray) -> Answers:
        return Answers(
            np.concatenate([np.asarray(self._logits(part))[:size] for part, size in _full(images)]), None
        )

    def slopes(self, images: np.ndarray, classes: np.ndarray) -> Slopes:
        found = [
            [np.asarray(array)[:size] for array in self._slopes(part, classes)]
            for part, size in _full(images)
        ]
        logits, slopes = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
        return Slopes(logits, slopes)

    def digest(self) -> str | None:
        return None


KINDS = (
    Kind("NumPy", Plain, None, None),
    Kind("NumPy, no gradients", partial(Plain, tier=Tier.PREDICT), None, None),
    Kind("Flax NNX", in_nnx, None, None),
    Kind("ONNX", in_onnx, 1.0, 1.1),
    Kind("PyTorch", in_torch, 1.9, 2.0),
    Kind("Keras", in_keras, 1.8, 1.8),
)
"""A framework is one row more."""


def measure(options: argparse.Namespace) -> Iterator[Record]:
    count, rounds = (3, 2) if options.quick else (12, 5)
    errors = of_run(options.run, count) if options.run else of_training(options.data, count)
    built = {kind: kind.build(errors.classifier) for kind in KINDS}
    yield from _differences(errors, built)
    for settings, what in ((LABELS, "labels only"), (WITNESS, "with a second witness")):
        yield from _chains(errors, built, settings, what, rounds)
    yield from _refits(errors, rounds)
    yield from _witnesses(errors)
    yield from logging(options.data, 2 if options.quick else 4)


def _differences(errors: Errors, built: Built) -> Iterator[Record]:
    """Whether it is the same network. Of another one no time would mean anything: AssertionError."""
    images = errors.images.astype(np.float32) / 255
    exact = np.asarray(errors.classifier.logits(jnp.asarray(images)))
    allowed = Baseline("allowed", ALIKE)
    for kind, model in built.items():
        name = f"{kind.name}: greatest difference of a logit"
        if model is None:
            yield Record(name, None, "", *allowed, None, 1.0)
            continue
        difference = float(abs(model.answers(images).logits - exact).max())
        assert difference <= ALIKE, f"{kind.name} is another network: {difference:.3g}"
        least = float(np.finfo(np.float32).eps)  # of which a ratio can be told
        yield lower_is_better(name, max(difference, least), "", allowed, budget=1.0)


def _chains(
    errors: Errors, built: Built, settings: config.Students, what: str, rounds: int
) -> Iterator[Record]:
    """Every kind of teacher, and the chain before, in turns."""
    runs: dict[str, Callable[[int], Students]] = {
        "before": partial(_before, errors, settings),
        "native": partial(_fit, errors, errors.classifier, settings),
    } | {kind.name: partial(_fit, errors, model, settings) for kind, model in built.items() if model}
    times, found = _in_turns(runs, len(errors.rows), rounds)
    before = Baseline("the chain before", times["before"])
    yield lower_is_better(f"one chain, {what}", times["native"], "ms", before, budget=at_most(1.03))
    native = Baseline("the native chain", times["native"])
    for kind, model in built.items():
        name, most = f"{kind.name}, {what}", kind.labels if settings == LABELS else kind.witness
        budget = None if most is None else at_most(most)
        if model is None:
            yield Record(name, None, "ms", "the native chain", times["native"], None, budget)
            continue
        yield lower_is_better(name, times[kind.name], "ms", native, budget=budget)
        # Without gradients the anchor is zero: other students than the native ones.
        if settings == LABELS or model.tier >= Tier.GRADIENTS:
            least = min(map(_cosine, found[kind.name], found["native"]))
            one = Baseline("the native student", 1.0)
            yield higher_is_better(f"{name}: least cosine", least, "", one, budget=0.99999)


def _refits(errors: Errors, rounds: int) -> Iterator[Record]:
    settings = WITNESS.replaced(l2=3e-3)
    stored = [_stored(_fit(errors, errors.classifier, WITNESS, place)) for place in range(len(errors.rows))]
    runs: dict[str, Callable[[int], Students]] = {
        "fresh": partial(_fit, errors, errors.classifier, settings),
        "refit": lambda place: refit(errors.vae, errors.images[place], stored[place], errors.band, settings),
    }
    times, found = _in_turns(runs, len(errors.rows), rounds)
    fresh = Baseline("a fit that asks the teacher", times["fresh"])
    yield lower_is_better("fit again without the teacher", times["refit"], "ms", fresh, budget=at_most(0.3))
    least = min(map(_cosine, found["refit"], found["fresh"]))
    one = Baseline("that student", 1.0)
    yield higher_is_better("fit again: least cosine", least, "", one, budget=0.99999)
    size = {name: array.nbytes / 1e3 for name, array in found["fresh"][0].arrays().items()}
    weights = Baseline("its weights", size["weights"])
    yield lower_is_better("stored for it of a student", size["labels"] + size["jacobian"], "kB", weights)


def _witnesses(errors: Errors) -> Iterator[Record]:
    """How soon the predicted class goes with the pixels that a witness names."""
    areas: dict[str, list[float]] = {"gradient": [], "occlusion": []}
    blind = Plain(errors.classifier, Tier.PREDICT)
    for place, image in enumerate(errors.images):
        gradient = _fit(errors, errors.classifier, WITNESS, place).neighborhood_gradient
        occlusion = _fit(errors, blind, WITNESS, place).occlusion
        assert gradient is not None
        assert occlusion is not None
        pixels = image.astype(np.float32) / 255
        maps = {"gradient": (gradient[0] * pixels).sum(axis=-1), "occlusion": occlusion[0]}
        for name, scores in maps.items():
            areas[name].append(_deletion(blind, pixels, scores.astype(np.float32)))
    mean = {name: float(np.mean(found)) for name, found in areas.items()}
    yield lower_is_better("deletion, neighborhood gradient", mean["gradient"], "")
    against = Baseline("neighborhood gradient", mean["gradient"])
    yield lower_is_better("deletion, occlusion", mean["occlusion"], "", against)


def _fit(errors: Errors, teacher: Classifier | Model, settings: config.Students, place: int) -> Students:
    rows = slice(place, place + 1)
    images, samples, labels = errors.images[rows], errors.rows[rows], errors.labels[rows]
    return fit_students(teacher, errors.vae, images, samples, labels, errors.band, settings, seed=0)


def _before(errors: Errors, settings: config.Students, place: int) -> Students:
    values, plan = values_of(settings, errors.band, 0), plan_of(settings)
    sample, label = np.int32(errors.rows[place]), np.int32(errors.labels[place])
    inputs = Inputs(errors.images[place], sample, label)
    with one_thread_each():
        around = look_around_before(errors.classifier, errors.vae, inputs, values, plan)
        raw = with_student_axis(fit_one(around, values, plan))
    return students_of(raw, np.array([sample]), settings, plan, {})


def _stored(of: Students) -> Stored:
    assert of.jacobian is not None
    assert of.neighborhood_gradient is not None
    return Stored(
        WITNESS,
        0,
        int(of.sample[0]),
        of.labels[0],
        of.teacher_logits[0],
        int(of.reconstruction_class[0]),
        of.contrast[0],
        float(of.widening[0]),
        of.jacobian[0],
        of.neighborhood_gradient[0],
        None,
    )


def _deletion(model: Model, image: np.ndarray, scores: np.ndarray) -> float:
    order = np.argsort(-scores.ravel(), kind="stable")
    shares = np.linspace(0, 1, STEPS + 1)
    gone = np.argsort(order) < np.round(shares * len(order))[:, None]
    images = np.where(gone.reshape(-1, *image.shape[:2], 1), np.float32(0), image)
    probability = np.asarray(jax.nn.softmax(jnp.asarray(model.answers(images).logits)))
    return float(np.trapezoid(probability[:, probability[0].argmax()], shares))


def _in_turns(
    runs: dict[str, Callable[[int], Students]], images: int, rounds: int
) -> tuple[dict[str, float], dict[str, list[Students]]]:
    """Median milliseconds over images, of each the fastest round; and the students of the last."""
    spent: dict[str, list[float]] = {name: [] for name in runs}
    found: dict[str, list[Students]] = {name: [] for name in runs}
    for place in range(images):
        best = dict.fromkeys(runs, float("inf"))
        for turn in range(rounds + (place == 0)):  # the very first compiles
            for name, run in runs.items():
                began = time.process_time()
                student = run(place)
                if turn or place:
                    best[name] = min(best[name], 1e3 * (time.process_time() - began))
                if turn == rounds - 1:
                    found[name].append(student)
        for name, milliseconds in best.items():
            spent[name].append(milliseconds)
    return {name: median(times) for name, times in spent.items()}, found


def _cosine(first: Students, second: Students) -> float:
    one, other = (students.weights.astype(np.float64).ravel() for students in (first, second))
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def _full(images: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """`CHUNK` images each, for programs that are compiled once; and how many of them are asked about."""
    for first in range(0, len(images), CHUNK):
        part = images[first : first + CHUNK]
        padding = np.zeros((CHUNK - len(part), *part.shape[1:]), np.float32)
        yield np.concatenate([part, padding]), len(part)


@jax.jit
def _logits(classifier: Classifier, images: jax.Array) -> jax.Array:
    return classifier.logits(images)


@jax.jit
def _slopes(classifier: Classifier, images: jax.Array, classes: jax.Array) -> tuple[jax.Array, Any]:
    logits, pull = jax.vjp(classifier.logits, images)
    slopes = [pull(jnp.zeros_like(logits).at[:, index].set(1.0))[0] for index in classes]
    return logits, jnp.stack(slopes, axis=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, help="a finished run: its teacher, instead of a short training")
    parser.add_argument("--data", type=Path, help="folder to look for data sets in")
    chosen = arguments(__doc__, parser)
    show(measure(chosen), chosen)
