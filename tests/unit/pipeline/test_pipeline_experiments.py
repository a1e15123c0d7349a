"""Every experiment in its tiny mode, and the smallest and largest images, through the whole pipeline.

Images that are not square: the contracts of sources and models, `test_vae_training`, `test_student_batches`.
"""

from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from tiny import tiny

from deepvid import resources
from deepvid.config import Dataset, Experiment, experiment_from, read_experiment
from deepvid.pipeline.runner import RunOptions, run_experiment
from deepvid.progress import Tick
from deepvid.store import Run, open_run

pytestmark = pytest.mark.long

Shape = tuple[int, int, int]
SHAPES: dict[str, Shape] = {
    "fashion_mnist": (28, 28, 1),
    "mnist_devpost": (28, 28, 1),
    "cifar10": (32, 32, 3),
}


class Silent:
    """A listener that hears nothing."""

    def began(self, stage: str, number: int, total: int) -> None: ...
    def ticked(self, stage: str, tick: Tick) -> None: ...
    def ended(self, stage: str, outcome: str, seconds: float, metrics: Mapping[str, Any]) -> None: ...


def made(folder: Path, shape: Shape, classes: int, images: int) -> Dataset:
    """An `arrays` source of random images, each class a little brighter than the one before."""
    random = np.random.default_rng(0)
    labels = np.arange(images) % classes
    pixels = random.integers(0, 156, (images, *shape)) + (100 * labels // classes)[:, None, None, None]
    path = folder / "images.npz"
    test = np.arange(images) >= images - max(60, images // 5)
    np.savez(path, images=pixels.astype(np.uint8), labels=labels, split=test)
    return Dataset(source="arrays", path=path)


def run(store: Path, experiment: Experiment) -> Run:
    return open_run(run_experiment(experiment, store, RunOptions(Silent(), Event())))


def check(found: Run, shape: Shape) -> None:
    assert found.status().state == "finished"
    (students, *_) = [batch.open() for batch in found.batches("students")]
    assert students["weights"].shape[-3:] == shape
    assert np.isfinite(students["weights"].to_numpy()).all()
    assert np.isfinite(found.stages["teacher"].open()["logits"].to_numpy()).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_the_tiny_mode_of_an_experiment_runs(name: str, tmp_path: Path) -> None:
    """On images of the same shape, for the real ones are not part of the project; the demo has its own."""
    whole = tiny(read_experiment(resources.experiment(name)))
    dataset = made(tmp_path, SHAPES[name], classes=10, images=240)
    check(run(tmp_path / "runs", whole.model_copy(update={"dataset": dataset})), SHAPES[name])


@pytest.mark.parametrize(
    ("shape", "classes", "images", "network"),
    [
        ((8, 8, 1), 345, 1035, "mlp"),
        pytest.param((128, 128, 3), 2, 120, "resnet", marks=pytest.mark.slow),
    ],
)
def test_the_limits_of_images_and_classes_go_through(
    shape: Shape, classes: int, images: int, network: str, tmp_path: Path
) -> None:
    dataset = made(tmp_path, shape, classes, images).model_dump()
    teacher = {"network": {"kind": network}}
    small = tiny(experiment_from({"name": "limits", "dataset": dataset, "teacher": teacher}))
    check(run(tmp_path / "runs", small), shape)
