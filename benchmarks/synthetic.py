"""Runs of any size for measuring the dashboard, written through the real store.

Ten clusters on a ring, one a class; neighbors on the ring are taken for each other. What a person would see
of a real run is all there: images, a teacher's logits, a t-SNE, a PCA map and a t-SNE of three dimensions.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

from deepvid.causes import CAUSES, FACTS, SENTENCES
from deepvid.store import RunWriter, open_writer

SIDE = 8
KINDS = 10


class Shape(NamedTuple):
    """How large a run is."""

    rows: int
    classes: int = 10
    channels: int = 1
    reasons: bool = False  # whether causes and kinds of its errors are known


def write_run(store: Path, shape: Shape, *, seed: int = 0) -> Path:
    """Writes a finished run and returns its folder; an equal one that is there already is kept."""
    run_id = f"synthetic-{shape.rows}x{shape.classes}x{shape.channels}{'-reasons' * shape.reasons}"
    if (store / run_id / "finished").exists():
        return store / run_id
    random = np.random.default_rng(seed)
    label = random.integers(0, shape.classes, shape.rows, dtype=np.int32)
    with open_writer(store, run_id, config={"name": "synthetic"}, provenance={}) as writer:
        write_images(writer, shape, label, random)
        write_map(writer, "pca-pixels-2d", "pca", "pixels", _blobs(label, shape, 9.0, random))
        said = write_teacher(writer, shape, label, random)
        if shape.reasons:
            write_reasons(writer, np.flatnonzero(said != label), random)
        write_hierarchy(writer, shape, label)
        write_map(writer, "tsne-features-2d", "tsne", "features", _blobs(label, shape, 3.0, random))
        deep = _blobs(label, shape, 3.0, random, dimensions=3)
        write_map(writer, "tsne-features-3d", "tsne", "features", deep)
        writer.finish({})
    (store / run_id / "finished").touch()
    return store / run_id


def write_images(writer: RunWriter, shape: Shape, label: np.ndarray, random: np.random.Generator) -> None:
    """Commits the stage `dataset`: a class is a pattern, an image its pattern with noise."""
    patterns = random.integers(0, 200, (shape.classes, SIDE, SIDE, shape.channels), dtype=np.uint8)
    images = patterns[label]
    for begin in range(0, len(images), 1 << 18):
        part = images[begin : begin + (1 << 18)]
        part += random.integers(0, 56, part.shape, dtype=np.uint8)
    dataset = xr.Dataset(
        {
            "image": (("sample", "y", "x", "channel"), images),
            "label": ("sample", label),
            "test": ("sample", np.ones(shape.rows, np.bool_)),
        },
        attrs={
            "class_names": [f"class {k}" for k in range(shape.classes)],
            "source": "synthetic",
            "checksums": {},
        },
    )
    writer.commit_stage("dataset", "0" * 64, dataset)


def write_teacher(
    writer: RunWriter, shape: Shape, label: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Commits the stage `teacher`, right on nine of ten and else one class further on the ring; its answers.

    It has no weights, as in an archive without them: nothing is computed after a gesture.
    """
    said = np.where(random.random(shape.rows) < 0.9, label, (label + 1) % shape.classes)
    logits = random.normal(size=(shape.rows, shape.classes)).astype(np.float32)
    logits[np.arange(shape.rows), said] += 6
    dataset = xr.Dataset(
        {
            "logits": (("sample", "class"), logits),
            "features": (("sample", "feature"), logits[:, :2]),
        },
        attrs={"network": {}, "class_names": [], "image_shape": [SIDE, SIDE, shape.channels]},
    )
    writer.commit_stage("teacher", "1" * 64, dataset, metrics={"test_accuracy": 0.9})
    return logits.argmax(axis=1)


def write_reasons(writer: RunWriter, errors: np.ndarray, random: np.random.Generator) -> None:
    """Commits the stages `causes` and `modes`: each error has a cause or none, and is of a kind."""
    count, sample = len(errors), errors.astype(np.int32)
    strength = random.uniform(0.1, 0.9, (count, len(CAUSES))).astype(np.float16)
    first = random.integers(0, len(CAUSES) + 1, count)
    named = np.flatnonzero(first < len(CAUSES))
    strength[named, first[named]] += 1
    causes = {
        "sample": ("error", sample),
        "strength": (("error", "cause"), strength),
        "evidence": (("error", "told", "fact"), np.zeros((count, SENTENCES + 1, FACTS), np.float16)),
        "lost": (("error", "place"), random.normal(size=(count, 49)).astype(np.float16)),
    }
    attributes = {"causes": list(CAUSES), "grid": [7, 7], "lacks": [], "asked": count}
    writer.commit_stage("causes", "4" * 64, xr.Dataset(causes, attrs=attributes))
    kind = random.integers(0, KINDS, count).astype(np.int16)
    kinds = [
        {
            "name": f"kind {number}",
            "sentence": f"errors of kind {number}: darker (+1.8 sd)",
            "rule": "darker",
            "action": "look at these labels",
            "errors": int((kind == number).sum()),
            "central": sample[kind == number][:8].tolist(),
            "places": random.normal(size=49).round(3).tolist(),
            "rate": [0.4, 0.3, 0.5],
            "usual": 0.1,
            "shuffled": 0.2,
            "confirmed": number % 2 == 0,
        }
        for number in range(KINDS)
    ]
    modes = {
        "sample": ("error", sample),
        "mode": ("error", kind),
        "point": (("error", "component"), random.normal(size=(count, 8)).astype(np.float16)),
    }
    writer.commit_stage("modes", "5" * 64, xr.Dataset(modes, attrs={"modes": kinds}))


def write_hierarchy(writer: RunWriter, shape: Shape, label: np.ndarray) -> None:
    """Commits a balanced tree of neighbors on the ring; one path of ten ends one class further."""
    parent, level, nodes = [-1] * (2 * shape.classes - 1), list(range(shape.classes)), shape.classes
    while len(level) > 1:
        merged = []
        for first, second in zip(level[::2], level[1::2], strict=False):
            parent[first] = parent[second] = nodes
            merged.append(nodes)
            nodes += 1
        level = merged + level[len(merged) * 2 :]
    leaf = np.where(np.arange(shape.rows) % 10 < 9, label, (label + 1) % shape.classes).astype(np.int32)
    share = {"value": 0.9, "low": 0.89, "high": 0.91}
    names = ("flat", "hard", "soft", "hard_agreement", "soft_agreement")
    random = {"value": 0.7, "low": 0.6, "high": 0.8}
    shares = dict.fromkeys(names, share) | {f"random_{name}": random for name in names[1:]}
    dataset = xr.Dataset(
        {
            "parent": ("node", np.array(parent, np.int32)),
            "node_probability": ("node", np.full(len(parent), 0.95, np.float32)),
            "leaf": ("sample", leaf),
            "path_probability": ("sample", np.full(shape.rows, 0.95, np.float32)),
            "turn": ("sample", np.full(shape.rows, -1, np.int32)),
        },
        attrs={"source": "induced", "random_trees": 100, "accuracy": shares},
    )
    writer.commit_stage("hierarchy", "3" * 64, dataset)


def write_map(writer: RunWriter, name: str, method: str, of: str, position: np.ndarray) -> None:
    """Commits one projection with the quality it would have."""
    dataset = xr.Dataset(
        {"position": (("sample", "dimension"), position)},
        coords={"sample": np.arange(len(position), dtype=np.int32)},
        attrs={
            "projection": {"method": method, "of": of, "dimensions": position.shape[1]},
            "quality": {
                "neighborhood_hit": {"value": 0.82, "low": 0.81, "high": 0.83, "chance": 0.1},
                "trustworthiness": {"value": 0.97, "low": 0.96, "high": 0.98, "chance": 0.5},
            },
        },
    )
    writer.commit_stage(f"projection-{name}", (name.encode().hex() + "2" * 64)[:64], dataset)


def _blobs(
    label: np.ndarray, shape: Shape, spread: float, random: np.random.Generator, *, dimensions: int = 2
) -> np.ndarray:
    """f32 (sample, dimension): a blob for each class, on a ring in the first two dimensions."""
    angle = 2 * np.pi * np.arange(shape.classes) / shape.classes
    centers = np.zeros((shape.classes, dimensions), np.float32)
    centers[:, :2] = 20 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return centers[label] + spread * random.standard_normal((len(label), dimensions), dtype=np.float32)
