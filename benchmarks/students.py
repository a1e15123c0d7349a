"""How long does a student take, and is it the optimum? Against Nesterov, Adam, L-BFGS and ridge loops.

Times are CPU time of this process, which has one thread, as a worker of the pipeline has: medians over
misclassified test images. Chains are what a person waits for, by the clock: here on one core, in
`student_waits.py` on all of them. KL and map cosine are to the float64 optimum of the same problem. Torch is
optional: its lines are null without it.
"""

# ruff: noqa: E402  threads are counted when JAX and NumPy are imported

import os

WHOLE = os.environ.copy()
CORES: list[int] = []
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
if hasattr(os, "sched_setaffinity"):
    CORES = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, CORES[-1:])

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import student_baselines as baselines
from records import Baseline, Record, arguments, at_most, higher_is_better, lower_is_better, seconds_of, show
from student_world import CHAINS, World, name_of, world

from deepvid import config
from deepvid.models import VAE, Classifier
from deepvid.students import neighbors as near
from deepvid.students.fitting import Fit, Method, Strengths, fit
from deepvid.students.prior import ANCHORS
from deepvid.students.problem import Problem, soft_labels
from deepvid.students.teacher_oracle import classes_to_differentiate, labels_and_jacobian

# 800 to fit, 200 held out; the least penalty that is usual, which is the slowest to solve, from zero
SETTINGS = config.Students(neighbors=1000, smoothness=(0.0,), l2=1e-4)
CLOSE = 0.005  # of the optimum's held-out KL
METHOD = Method("exact", False)
STRENGTHS = Strengths(
    temperature=jnp.float32(SETTINGS.temperature),
    l2=jnp.float32(SETTINGS.l2),
    l1=jnp.float32(0),
    total_variation=jnp.float32(0),
    locality=jnp.float32(jnp.inf),
    steps=jnp.int32(0),
    learning_rate=jnp.float32(0),
)
PLAIN = jnp.float32(0)  # smoothness, made once: making it is no part of a fit
OPTIMUM = "the float64 optimum"
fit_student = jax.jit(fit, static_argnames="method")


class Case(NamedTuple):
    """One student to fit, with the neighbors it is judged by."""

    images: jax.Array  # (neighbor, y, x, channel), to fit
    teacher_logits: jax.Array
    problem: Problem
    anchor: jax.Array  # the teacher's mean Jacobian; the other arrays are those of an anchor of zero
    image: np.ndarray  # (feature,)
    held_out: np.ndarray  # (neighbor, feature), less the mean of those to fit
    held_out_logits: np.ndarray
    best: baselines.Point

    def divergence(self, point: Any) -> float:
        """Held-out KL of a solution at temperature 1."""
        student = self.held_out @ np.asarray(point.weights, np.float64).T + np.asarray(point.intercept)
        teacher, student = (
            np.asarray(jax.nn.log_softmax(array, axis=1))
            for array in (self.held_out_logits, SETTINGS.temperature * student)
        )
        return float(np.mean(np.sum(np.exp(teacher) * (teacher - student), axis=1)))

    def distance(self, point: Any) -> float:
        """|KL / KL of the optimum - 1|."""
        return abs(self.divergence(point) / self.divergence(self.best) - 1)

    def cosine(self, point: Any) -> float:
        """Of the maps weights * image of all classes to the optimum's."""
        maps = [np.asarray(student.weights, np.float64) * self.image for student in (point, self.best)]
        first, second = ((contribution - contribution.mean(axis=0)).ravel() for contribution in maps)
        return float(first @ second / np.sqrt((first @ first) * (second @ second)))


def measure(options: argparse.Namespace) -> Iterator[Record]:
    waits = waited_for(options)  # before anything here needs a core
    shared = world(options.data)
    cases = [prepare(shared, sample) for sample in shared.wrong[: 2 if options.quick else 16]]
    rounds = 2 if options.quick else 5
    ours = [milliseconds(partial(our_fit, case), rounds) for case in cases]
    yield lower_is_better("fit a student, median", float(np.median(ours)), "ms")
    yield lower_is_better("fit a student, slowest", max(ours), "ms")
    points = [as_point(our_fit(case), case) for case in cases]
    yield from closeness("fit a student", cases, points, budget=1 - CLOSE)
    yield from against(cases, rounds)
    yield from anchored(cases, shared, rounds)
    yield from chains(shared, waits, 3 if options.quick else 10)


def our_fit(case: Case) -> Fit:
    """The product's own student, from zero."""
    return _fit(case, jnp.zeros_like(case.anchor))


def anchored_fit(case: Case) -> Fit:
    """The same from the teacher's mean Jacobian."""
    return _fit(case, case.anchor)


def _fit(case: Case, anchor: jax.Array) -> Fit:
    weight = case.problem.weight
    return fit_student(case.images, case.teacher_logits, weight, anchor, PLAIN, STRENGTHS, method=METHOD)


def anchored(cases: Sequence[Case], shared: World, rounds: int) -> Iterator[Record]:
    """Cost of the anchor, and of the widening of bands: fits, and chains of one core, in turns."""
    pairs = [in_turns([partial(each, case) for each in (anchored_fit, our_fit)], rounds) for case in cases]
    ours, from_zero = np.median(pairs, axis=0)
    yield lower_is_better(
        "fit an anchored student",
        float(ours),
        "ms",
        Baseline("from zero", float(from_zero)),
        budget=at_most(1.15),
    )
    before = {"anchor": "zero", "widening": 1.0, "l2": 1e-4, "gradient_neighbors": 100}
    rows = [int(row) for row in shared.wrong[: len(cases)]]
    ways = [config.Students(), config.Students(widening=1.0), config.Students(**before)]
    times = [in_turns([shared.fitting(row, way) for way in ways], 2) for row in rows]
    whole, kept, plain = np.mean(times, axis=0)
    name = "from zero, no band widened, a gradient of 100 neighbors"
    yield lower_is_better(
        "chain, anchored and widened", float(whole), "ms", Baseline(name, float(plain)), budget=at_most(1.6)
    )
    yield lower_is_better("chain, anchored", float(kept), "ms", Baseline(name, float(plain)))


def as_point(student: Fit, case: Case) -> baselines.Point:
    """The student in the centered pixels of its problem."""
    weights = np.asarray(student.weights, np.float64).reshape(len(student.intercept), -1)
    mean = np.asarray(case.images.mean(axis=0), np.float64).ravel()
    return baselines.Point(weights, np.asarray(student.intercept) + weights @ mean)


def closeness(
    name: str, cases: Sequence[Case], points: Sequence[Any], *, budget: float | None = None
) -> Iterator[Record]:
    """Medians of 1 + |KL / KL of the optimum - 1| and of the cosine of the maps; the optimum has 1 and 1."""
    pairs = list(zip(cases, points, strict=True))
    distance = float(np.median([case.distance(point) for case, point in pairs]))
    cosine = float(np.median([case.cosine(point) for case, point in pairs]))
    optimum = Baseline(OPTIMUM, 1.0)
    yield lower_is_better(f"{name}: held-out KL", 1 + distance, "", optimum, budget=budget)
    yield higher_is_better(f"{name}: map cosine", cosine, "", optimum, budget=budget)


def against(cases: Sequence[Case], rounds: int) -> Iterator[Record]:
    """Every other way: how often the exact fit goes into its time, and how close it comes.

    They take turns, round by round: a machine that is slower for a while is slower for both, and the fastest
    of both are of the same moments.
    """
    steps = int(np.median([steps_to_equal(case) for case in cases]))
    nesterov, adam = f"JAX Nesterov {steps} (equal KL)", "PyTorch Adam 200"
    budgets = {nesterov: 25.0, adam: 20.0}
    loops = {
        nesterov: baselines.nesterov(steps),
        "JAX Adam 200": baselines.jax_adam(200),
        "scikit-learn ridge": baselines.ridge,
        **baselines.torch_loops(),
    }
    for name, solve in loops.items():
        times = [in_turns([partial(our_fit, case), partial(solve, case.problem)], rounds) for case in cases]
        ours, theirs = (float(middle) for middle in np.median(times, axis=0))
        yield lower_is_better("fit a student", ours, "ms", Baseline(name, theirs), budget=budgets.get(name))
        yield from closeness(name, cases, [solve(case.problem) for case in cases])
    if adam not in loops:
        yield lower_is_better("fit a student", ours, "ms", Baseline(adam, None), budget=budgets[adam])


def steps_to_equal(case: Case) -> int:
    """Steps after which Nesterov's KL is and stays as close to the optimum's as `CLOSE`."""
    counts = [int(25 * 2 ** (i / 2)) for i in range(15)]  # 25 ... 3200
    close = [case.distance(baselines.nesterov(count)(case.problem)) <= CLOSE for count in counts]
    first = next((i for i in range(len(close)) if all(close[i:])), len(close) - 1)
    return counts[first]


def chains(shared: World, waits: dict[str, float], count: int) -> Iterator[Record]:
    """A person's wait while all cores share the fit, beside one core, which a pipeline's worker has."""
    for neighbors, gradient in CHAINS[: len(waits)]:  # --quick waits for fewer
        chosen = [shared.chain(int(row), neighbors, gradient) for row in shared.wrong[:count]]
        chosen[0]()
        alone = 1e3 * median(map(seconds_of, chosen))
        name = name_of(neighbors, gradient)
        one_core = Baseline("one core", alone)
        yield lower_is_better(f"{name}, all cores", waits[name], "ms", one_core, budget=1.5)


def waited_for(options: argparse.Namespace) -> dict[str, float]:
    """Figures of `student_waits.py` from a process of its own, which has all cores."""
    command = [sys.executable, Path(__file__).with_name("student_waits.py"), "--json", "--cores", *CORES]
    command += ["--quick"] * options.quick + (["--data", options.data] if options.data else [])
    done = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, env=WHOLE)
    return {record["name"]: record["value"] for record in json.loads(done.stdout)}


def milliseconds(run: Callable[[], Any], rounds: int) -> float:
    """CPU time of the fastest of `rounds` after one to warm up."""
    return in_turns([run], rounds)[0]


def in_turns(runs: Sequence[Callable[[], Any]], rounds: int) -> list[float]:
    """The same of all `runs`, one after the other in every round."""
    turns = [[_seconds(run) for run in runs] for _ in range(rounds + 1)]
    return [1e3 * min(times[1:]) for times in zip(*turns, strict=True)]


def _seconds(run: Callable[[], Any]) -> float:
    began = time.process_time()
    jax.block_until_ready(run())
    return time.process_time() - began


def prepare(shared: World, sample: int) -> Case:
    image = jnp.asarray(shared.data.images[sample], jnp.float32) / 255
    key = near.sample_key(jnp.int32(0), jnp.int32(sample))
    offsets = near.offsets(key, SETTINGS.neighbors, jnp.asarray(shared.band), "uniform")
    images, labels, jacobian = labeled(shared.classifier, shared.vae, image, offsets)
    fitted = round(SETTINGS.neighbors * (1 - SETTINGS.held_out))
    pixels = images.reshape(SETTINGS.neighbors, -1)
    mean = pixels[:fitted].mean(axis=0)
    problem = Problem(
        pixels[:fitted] - mean,
        soft_labels(labels[:fitted], jnp.float32(SETTINGS.temperature)),
        jnp.full(fitted, 1 / fitted),
        jnp.float32(SETTINGS.l2),
        jnp.zeros((labels.shape[1], fitted)),
    )
    return Case(
        images[:fitted],
        labels[:fitted],
        problem,
        jacobian,
        np.asarray(image, np.float64).ravel(),
        np.asarray(pixels[fitted:] - mean, np.float64),
        np.asarray(labels[fitted:], np.float64),
        baselines.optimum(problem),
    )


@jax.jit
def labeled(
    classifier: Classifier, vae: VAE, image: jax.Array, offsets: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array]:
    images = near.neighborhood(vae, near.center(vae, image), offsets, "residual")
    logits = classifier.logits(image[None])[0]
    asked = classes_to_differentiate(logits, jax.lax.top_k(logits, 2)[1])
    labels, jacobian = labels_and_jacobian(classifier, images, asked, SETTINGS.gradient_neighbors)
    return images, labels, ANCHORS["jacobian"](jacobian, asked, len(logits))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="folder to look for data sets in")
    chosen = arguments(__doc__, parser)
    show(measure(chosen), chosen)
