"""Training images: one query of TracIn beside Captum's, how many different ones are named, a drawn image.

Captum's TracInCPFast is given what we are: the last layer's inputs at every snapshot, of training images and
of the query. Where torch or captum is not installed, its rows are null.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from records import Baseline, Record, higher_is_better, lower_is_better

from deepvid import models
from deepvid.config import experiment_from
from deepvid.engine.requests import EditImage
from deepvid.engine.what_if import what_if
from deepvid.fields import PARTS
from deepvid.network.influence import Head, refit
from deepvid.network.training_images import (
    Snapshot,
    alone,
    by_influence,
    by_tracin,
    gradients,
    together,
)
from deepvid.progress import SILENT
from deepvid.store import Run

QUERIES = 1000
BATCHES = {32: 200, 2000: None}  # of Captum: what PyTorch's examples have, and what is fastest here; budgets
Cpu = Callable[[Callable[[], object], int], float]


class Trained(NamedTuple):
    """The last layer at every snapshot, and what it is given."""

    rates: list[float]
    weights: list[np.ndarray]  # f32 (class, feature)
    constants: list[np.ndarray]  # f32 (class,)
    training: np.ndarray  # f32 (snapshot, training, feature)
    tested: np.ndarray  # f32 (snapshot, test, feature)
    logits: np.ndarray  # f32 (snapshot, training, class)
    tested_logits: np.ndarray
    label: np.ndarray
    said: np.ndarray  # of the test images, at the end


def training_images(run: Run, cpu: Cpu, repeats: int) -> Iterator[Record]:
    """All rows; none of a run that kept no snapshots."""
    group = run.together(*PARTS)
    if "snapshot_features" not in group:
        return
    trained = _trained(run)
    yield from tracin(trained, cpu, repeats)
    yield from named(run, trained)
    yield from drawn(run, cpu, repeats)


def tracin(trained: Trained, cpu: Cpu, repeats: int) -> Iterator[Record]:
    """One query; what the training images have is kept, as a page keeps it."""
    ours = _snapshots(trained, slice(0, 1))

    def ask() -> np.ndarray:
        return together(by_tracin(ours))

    own = 1e3 * cpu(ask, repeats)
    what = f"{trained.training.shape[1]:,} x {len(trained.rates)} epochs"
    for batch, budget in BATCHES.items():
        name = f"Captum TracInCPFast, features given, batches of {batch:,}"
        peer = _captum(trained, batch)
        theirs = None if peer is None else 1e3 * cpu(peer, 1)
        against = Baseline(name if peer else f"{name}: not installed", theirs)
        yield lower_is_better(f"TracIn: one query, {what}", own, "ms", against, budget=budget)
    if peer is not None:
        equal = float(np.corrcoef(ask(), peer())[0, 1])
        exact = Baseline("0.9999", 0.9999)
        yield higher_is_better("TracIn: correlation with Captum's", equal, "", exact, budget=1)


def named(run: Run, trained: Trained) -> Iterator[Record]:
    """Of queries that are each asked alone, how many different training images come first."""
    stage = run.together(*PARTS)["training"].to_numpy()
    teacher = run.stages["teacher"].open("features")["features"].to_numpy()
    test = run.stages["dataset"].open("test")["test"].to_numpy()
    head: Head = refit(teacher[stage], trained.label, trained.weights[0].shape[0])
    asked = np.linspace(0, len(trained.said) - 1, min(QUERIES, len(trained.said))).astype(int)
    by = {
        "influence": by_influence(head, teacher[test], trained.said),
        "TracIn": by_tracin(_snapshots(trained, slice(None))),
    }
    first = {name: len(np.unique(alone(terms, asked).argmax(axis=1))) for name, terms in by.items()}
    against = Baseline("by TracIn", float(first["TracIn"]))
    yield higher_is_better(
        f"different images named first by {len(asked):,} queries: influence", first["influence"], "", against
    )


def drawn(run: Run, cpu: Cpu, repeats: int) -> Iterator[Record]:
    """From a drawn image to what follows, beside the network alone."""
    dataset = run.stages["dataset"].open("image", "test")
    sample = int(np.flatnonzero(dataset["test"].to_numpy())[0])
    image = dataset["image"][sample].to_numpy().copy()
    image[: len(image) // 2] = 255
    request = EditImage(run.path, sample, image.tobytes())
    yield lower_is_better(
        "a drawn image: to votes at every layer and units",
        1e3 * cpu(lambda: what_if(request, SILENT), repeats),
        "ms",
    )


def _snapshots(trained: Trained, queries: slice) -> list[Snapshot]:
    return [
        Snapshot(
            rate,
            gradients(trained.training[at], trained.logits[at], trained.label),
            gradients(trained.tested[at][queries], trained.tested_logits[at][queries], trained.said[queries]),
        )
        for at, rate in enumerate(trained.rates)
    ]


def _trained(run: Run) -> Trained:
    group, series = run.together(*PARTS), run.series("teacher")
    assert series is not None
    told = series.open("parameters", "test_features", "test_logits")
    section: Any = experiment_from(run.config).teacher
    teacher = run.stages["teacher"].open("image_shape", "logits")
    test = run.stages["dataset"].open("test")["test"].to_numpy()
    epochs = [one["epoch"] - 1 for one in group.attrs["snapshots"]]
    networks: list[Any] = [
        models.restore(
            section.network,
            image_shape=tuple(teacher.attrs["image_shape"]),
            class_names=run.class_names,
            vector=told["parameters"][epoch].to_numpy(),
        )
        for epoch in epochs
    ]
    return Trained(
        [one["rate"] for one in group.attrs["snapshots"]],
        [np.asarray(network.dense.kernel[...]).T for network in networks],
        [np.asarray(network.dense.bias[...]) for network in networks],
        group["snapshot_features"].to_numpy().astype(np.float32),
        np.stack([told["test_features"][epoch].to_numpy() for epoch in epochs]),
        group["snapshot_logits"].to_numpy().astype(np.float32),
        np.stack([told["test_logits"][epoch].to_numpy() for epoch in epochs]),
        run.stages["dataset"].open("label")["label"].to_numpy()[group["training"].to_numpy()],
        teacher["logits"].to_numpy()[test].argmax(axis=1),
    )


def _captum(trained: Trained, batch: int) -> Callable[[], np.ndarray] | None:
    """Asks of the first test image; None where something it needs is not installed."""
    try:
        import torch
        from captum.influence import TracInCPFast
    except ImportError:
        return None
    torch.set_num_threads(1)
    classes, features = trained.weights[0].shape

    class LastLayer(torch.nn.Module):
        """Takes (image, snapshot, feature), of which it sees one snapshot at a time."""

        def __init__(self) -> None:
            super().__init__()
            self.linear, self.at = torch.nn.Linear(features, classes), 0

        def forward(self, inputs: Any) -> Any:
            return self.linear(inputs[:, self.at])

    def load(model: Any, at: int) -> float:
        model.at = at
        model.linear.weight.data = torch.tensor(trained.weights[at])
        model.linear.bias.data = torch.tensor(trained.constants[at])
        return trained.rates[at]

    model = LastLayer()
    inputs = torch.tensor(trained.training).transpose(0, 1).contiguous()
    dataset = torch.utils.data.TensorDataset(inputs, torch.tensor(trained.label, dtype=torch.long))
    tracing = TracInCPFast(
        model,
        model.linear,
        dataset,
        list(range(len(trained.rates))),
        checkpoints_load_func=load,
        loss_fn=torch.nn.CrossEntropyLoss(reduction="sum"),
        batch_size=batch,
    )
    query = torch.tensor(trained.tested[:, :1]).transpose(0, 1).contiguous()
    said = torch.tensor(trained.said[:1], dtype=torch.long)
    return lambda: np.asarray(tracing.influence((query, said))[0].detach())
