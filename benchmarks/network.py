"""Layers: how fast is a map of each, and does influence foretell what leaving an image out does?

    .venv/bin/python benchmarks/network.py RUN      the folder of a run that `deepvid network` has seen

Times are CPU time of this process, which has one thread, medians of several calls. The published steps are
those of Deepling's projections (PivotMDS by power iteration, then a rotation by the angle of the points or of
their mirror image), in NumPy and on the whole outputs of each layer, as they are published; ours on codes.
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

import numpy as np
import xarray as xr
from network_flip import changes
from network_groups import groups
from network_maximized import pictures
from network_occlusion import covered, kept_bytes
from network_superpixels import superpixels
from network_training import training_images
from network_units import units
from records import Baseline, Record, arguments, higher_is_better, lower_is_better, show
from scipy.spatial.distance import cdist

from deepvid.fields import PARTS
from deepvid.network import influence as influences
from deepvid.network.layout import aligned, farthest, normalized, pivot_mds, principal, walked
from deepvid.pipeline.trained import TrainedRun
from deepvid.store import Run, open_run

IMAGES = 1000
PIVOTS = 50
TURNS = 100
ITERATIONS = 1000  # of a power iteration, at most


class Asked(NamedTuple):
    """A run, its layers, and what `--quick` leaves of it."""

    run: Run
    group: xr.Dataset
    repeats: int
    left_out: int


def measured(options: argparse.Namespace) -> Iterator[Record]:
    run = open_run(options.run)
    group = run.together(*PARTS).load()
    asked = Asked(run, group, *((3, 10) if options.quick else (15, 60)))
    yield from river(asked)
    yield from layouts(asked)
    yield from influence(asked)
    yield from changes(run, cpu, quick=options.quick)
    yield from units(run, asked.repeats, cpu)
    yield from groups(run, group, asked.repeats, cpu)
    yield from training_images(run, cpu, asked.repeats)
    yield from pictures(run, cpu, quick=options.quick)
    yield from covered(run, group, cpu, asked.repeats)
    yield from kept_bytes(group)
    yield from superpixels(run, cpu, asked.repeats)


def river(asked: Asked) -> Iterator[Record]:
    """Votes of neighbors beside shuffled labels."""
    columns = asked.group.attrs["columns"]
    chance = 1 / len(asked.run.class_names)
    worst = max(abs(column["chance"] - chance) for column in columns)
    yield lower_is_better(
        "river: shuffled labels from chance, at worst", worst, "", Baseline("0.02", 0.02), budget=1
    )
    for column in columns:
        accuracy = Baseline("shuffled labels", column["chance"])
        yield higher_is_better(f"river: accuracy at {column['name']}", column["accuracy"][0], "", accuracy)


def layouts(asked: Asked) -> Iterator[Record]:
    """A map of every column for the same images, each turned onto the one before."""
    code = asked.group["code"].to_numpy()
    images = min(IMAGES, code.shape[1])
    codes = [np.asarray(column[:images], np.float64) for column in code]
    raw = list(_outputs(asked, images))
    what = f"{len(codes)} layouts of {images:,} images"
    own = 1e3 * cpu(lambda: list(walked(map(principal, codes))), asked.repeats)
    for name, data, distances in (
        ("on whole outputs", raw, cdist),
        ("on whole outputs, distances by a product", raw, by_product),
        ("on the same codes", codes, cdist),
    ):
        published = 1e3 * cpu(partial(by_published_steps, data, distances), max(1, asked.repeats // 5))
        against = Baseline(f"published steps in NumPy {name}", published)
        yield lower_is_better(what, own, "ms", against, budget=30 if name == "on whole outputs" else None)
    every = pivot_mds(codes[1], farthest(codes[1], images))
    exact = principal(codes[1])
    error = float(np.abs(every * np.sign((every * exact).sum(axis=0)) - exact).max() / np.abs(exact).max())
    yield lower_is_better(
        "PivotMDS, all images pivots: from PCA", error, "", Baseline("1e-9", 1e-9), budget=1
    )
    few = aligned(pivot_mds(codes[1], farthest(codes[1], PIVOTS)), exact).residual
    yield lower_is_better(f"PivotMDS, {PIVOTS} pivots: residual to PCA", few, "")
    yield from turns(normalized(exact))


def turns(points: np.ndarray) -> Iterator[Record]:
    """Copies that are turned, scaled and mirrored come back."""
    rng = np.random.default_rng(0)
    worst = 0.0
    for _ in range(TURNS):
        rotation = np.linalg.qr(rng.normal(size=(2, 2)))[0]
        worst = max(worst, aligned(rng.uniform(0.1, 10) * points @ rotation, points).residual)
    yield lower_is_better(
        f"{TURNS} turned copies: residual, at worst", worst, "", Baseline("1e-9", 1e-9), budget=1
    )


def influence(asked: Asked) -> Iterator[Record]:
    """Of the last layer: a question, and leaving images out."""
    dataset, teacher = asked.run.stages["dataset"].open(), asked.run.stages["teacher"].open()
    label, test = dataset["label"].to_numpy(), dataset["test"].to_numpy()
    features, logits = teacher["features"].to_numpy(), teacher["logits"].to_numpy()
    said = logits[test].argmax(axis=1)
    wrong = np.flatnonzero(said != label[test])
    head = influences.refit(features[~test], label[~test], logits.shape[1])
    queries, answers = features[test][wrong], said[wrong]
    one = 1e3 * cpu(lambda: influences.influence(head, queries[:1], answers[:1]), asked.repeats)
    every = 1e3 * cpu(lambda: influences.influence(head, queries, answers), asked.repeats)
    rng = np.random.default_rng(0)
    samples = rng.permutation(len(head.inputs))[: asked.left_out]
    refitted = 1e3 * cpu(lambda: influences.without(head, int(samples[0])), asked.repeats)
    exact = Baseline("an exact refit without one image", refitted)
    yield lower_is_better("influence of all training images on one image", one, "ms", exact)
    yield lower_is_better(f"influence on {len(wrong):,} errors as one", every, "ms", exact)
    chosen = rng.permutation(len(wrong))[:8]
    found = influences.leave_one_out(head, queries[chosen], answers[chosen], samples)
    yield higher_is_better(f"Spearman, {len(samples)} left out", found, "", Baseline("0.99", 0.99), budget=1)


Distances = Callable[[np.ndarray, np.ndarray], np.ndarray]


def by_product(pivots: np.ndarray, data: np.ndarray) -> np.ndarray:
    """‖a − b‖ by ‖a‖² − 2 a·b + ‖b‖²: faster than differences, and less exact."""
    lengths = (data**2).sum(axis=1)
    squares = lengths[: len(pivots), None] + lengths - 2 * pivots @ data.T
    return np.sqrt(np.maximum(squares, 0)).astype(np.float64)


def by_published_steps(outputs: list[np.ndarray], distances: Distances) -> list[np.ndarray]:
    """PivotMDS of each layer with the first images as pivots, turned onto the one before."""
    placed: list[np.ndarray] = []
    for data in outputs:
        points = _of_radius_one(_published_layout(data, distances))
        placed.append(points if not placed else _turned(points, placed[-1]))
    return placed


def _published_layout(data: np.ndarray, distances: Distances) -> np.ndarray:
    squares = distances(data[:PIVOTS], data) ** 2
    centered = -0.5 * (
        squares - squares.mean(axis=1, keepdims=True) - squares.mean(axis=0, keepdims=True) + squares.mean()
    )
    product = centered @ centered.T
    rng = np.random.default_rng(0)
    axes: list[np.ndarray] = []
    position = []
    for _ in range(2):
        vector = rng.normal(size=len(product))
        for _ in range(ITERATIONS):
            new = product @ vector
            for axis in axes:
                new -= (new @ axis) * axis
            new /= np.linalg.norm(new)
            done = np.abs(new - vector).max() < 1e-10
            vector = new
            if done:
                break
        axes.append(vector)
        along = centered.T @ vector
        position.append(along / np.sqrt(np.linalg.norm(along)))
    return np.stack(position, axis=1)


def _of_radius_one(points: np.ndarray) -> np.ndarray:
    centered = points - points.mean(axis=0)
    return np.asarray(centered / np.sqrt((centered**2).sum(axis=1).mean()))


def _turned(points: np.ndarray, onto: np.ndarray) -> np.ndarray:
    found = []
    for mirrored in (points, points * [1, -1]):
        (ax, ay), (bx, by) = mirrored.T, onto.T
        angle = np.arctan2((ax * by - ay * bx).sum(), (ax * bx + ay * by).sum())
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        found.append(mirrored @ turn)
    return min(found, key=lambda one: float(((one - onto) ** 2).sum()))


def _outputs(asked: Asked, images: int) -> Iterator[np.ndarray]:
    """(image, number) of every column, for the first test images."""
    samples = asked.group["sample"].to_numpy()[:images]
    stored = asked.run.stages["dataset"].open("image")["image"].isel(sample=samples).to_numpy()
    pixels = stored / np.float32(255)
    network = TrainedRun(asked.run).network
    for column in asked.group.attrs["columns"]:
        name = column["name"]
        if name == "pixels":
            yield pixels.reshape(images, -1)
        else:
            batches = np.array_split(pixels, max(1, images // 200))
            ask: Callable[[Any], Any] = network.logits if name == "logits" else _layer(network, name)
            yield np.concatenate([np.asarray(ask(batch)) for batch in batches]).reshape(images, -1)


def _layer(network: Any, name: str) -> Callable[[Any], Any]:
    return lambda batch: network.activations(batch, name)


def cpu(act: Callable[[], object], repeats: int) -> float:
    """Median CPU seconds of a call, after one to warm up."""
    act()
    times = []
    for _ in range(repeats):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return median(times)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path, help="the folder of a run that has the stage `network`")
    options = arguments(__doc__, parser)
    show(measured(options), options)
