"""Cost of logging a training: the time that `LoggedRun.epoch` takes beside that of an epoch.

An epoch goes over the training images once, and counts as CPU time of one thread; logging counts on the
clock, for a commit waits for the disk. To answer for all images, which is what is logged, has its own row.
"""

import importlib.util
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple, Protocol

import jax
import numpy as np
from own_models_net import net_of
from own_models_torch import torch_module
from records import Baseline, Record, at_most, lower_is_better
from student_world import DATASET

from deepvid import config, datasets
from deepvid.logger import log_run
from deepvid.models import build, restore
from deepvid.training import predict, train_teacher

SETTINGS = config.Teacher()
SHARE = 0.05  # of an epoch


class Answers(NamedTuple):
    """As `LoggedRun.epoch` takes them."""

    logits: Any
    features: Any
    head: tuple[Any, Any]


class Training(Protocol):
    def epoch(self) -> None:
        """Trains once on every training image."""

    def answers(self) -> Answers:
        """For all images, in evaluation."""


def logging(folder: Path | None, epochs: int) -> Iterator[Record]:
    """Medians in milliseconds of some epochs after a first, which compiles."""
    data = datasets.load(DATASET, data=folder, seed=0)
    for name, package, training in (("JAX", "jax", InJax), ("PyTorch", "torch", InTorch)):
        spent = _medians(training(data, epochs), data, epochs) if importlib.util.find_spec(package) else {}
        for what, budget in (("answers for all images", None), ("log.epoch of them", at_most(SHARE))):
            yield _record(
                f"{name}, {what}", spent.get(what), Baseline("an epoch", spent.get("epoch")), budget
            )


class InJax:
    """Our own training, which is the fastest here; its epoch answers for the test images already."""

    def __init__(self, data: datasets.ImageData, epochs: int) -> None:
        self._data = data
        settings = SETTINGS.replaced(epochs=1 + epochs)
        self._snapshots = train_teacher(
            settings, data.images, data.labels, data.test, data.class_names, seed=0
        )

    def epoch(self) -> None:
        self._vector = next(self._snapshots).parameters

    def answers(self) -> Answers:
        shape, class_names = self._data.images.shape[1:], self._data.class_names
        network = restore(SETTINGS.network, image_shape=shape, class_names=class_names, vector=self._vector)
        dense = network.dense
        return Answers(*predict(network, self._data.images), (dense.kernel[...], dense.bias[...]))


class InTorch:
    """The same network in PyTorch, trained as its documentation does."""

    def __init__(self, data: datasets.ImageData, epochs: int) -> None:
        import torch

        shape, class_names = data.images.shape[1:], data.class_names
        drawn = build(SETTINGS.network, image_shape=shape, class_names=class_names, key=jax.random.key(0))
        self._module = torch_module(net_of(drawn))
        self._optimizer = torch.optim.Adam(self._module.parameters(), 1e-3)
        self._images = torch.from_numpy(data.images).permute(0, 3, 1, 2).float() / 255
        self._labels = torch.from_numpy(data.labels).long()
        self._training = torch.from_numpy(np.flatnonzero(~data.test))

    def epoch(self) -> None:
        import torch

        self._module.train()
        order = self._training[torch.randperm(len(self._training))]
        for rows in order.split(SETTINGS.batch):
            self._optimizer.zero_grad()
            logits = self._module(self._images[rows])
            torch.nn.functional.cross_entropy(logits, self._labels[rows]).backward()
            self._optimizer.step()

    def answers(self) -> Answers:
        import torch

        self._module.eval()
        *layers, dense = self._module
        with torch.inference_mode():
            features = torch.cat([torch.nn.Sequential(*layers)(part) for part in self._images.split(200)])
            return Answers(dense(features), features, (dense.weight, dense.bias))


def _medians(training: Training, data: datasets.ImageData, epochs: int) -> dict[str, float]:
    spent: dict[str, list[float]] = {"epoch": [], "answers for all images": [], "log.epoch of them": []}
    with (
        tempfile.TemporaryDirectory() as store,
        log_run(
            "logged",
            data.images,
            data.labels,
            test=data.test,
            epochs=1 + epochs,
            class_names=data.class_names,
            store=store,
        ) as log,
    ):
        for _ in range(1 + epochs):
            began = time.process_time()
            training.epoch()
            trained = time.process_time()
            answers = training.answers()
            answered, waited = time.process_time(), time.perf_counter()
            log.epoch(**answers._asdict())
            seconds = (trained - began, answered - trained, time.perf_counter() - waited)
            for taken, second in zip(spent.values(), seconds, strict=True):
                taken.append(1e3 * second)
    return {what: median(taken[1:]) for what, taken in spent.items()}


def _record(name: str, value: float | None, baseline: Baseline, budget: float | None) -> Record:
    if value is None:
        return Record(name, None, "ms", *baseline, None, budget)
    return lower_is_better(name, value, "ms", baseline, budget=budget)
