"""A training of the playground as a run: points without pictures, on the plane as their map."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from deepvid import log_run
from deepvid.errors import DataError
from deepvid.progress import Progress

MOST_POINTS, MOST_EPOCHS, WIDEST = 500, 30, 8


class PlaygroundTraining(NamedTuple):
    """Points, and what a network answers for them after some of its passes."""

    data: str
    points: np.ndarray  # f32 (point, 2)
    label: np.ndarray  # int (point,): 0 blue, 1 orange, as a page colors two classes
    test: np.ndarray  # bool (point,)
    logits: np.ndarray  # f32 (epoch, point): of blue
    features: np.ndarray  # f32 (epoch, point, unit): outputs of the last hidden layer


def training_of(data: str, told: dict[str, Any]) -> PlaygroundTraining:
    """Of a browser's message. Raises DataError for what is none."""
    points, logits = (np.array(told[name], np.float32) for name in ("points", "logits"))
    features, training = np.array(told["features"], np.float32), told["training"]
    count, epochs = len(points), len(logits)
    whole = (
        points.shape == (count, 3)
        and logits.shape == (epochs, count)
        and features.shape[:2] == (epochs, count)
        and 1 <= features.shape[2] <= WIDEST
        and 0 < training < count <= MOST_POINTS
        and 0 < epochs <= MOST_EPOCHS
        and all(np.isfinite(array).all() for array in (points, logits, features))
    )
    if not whole:
        raise DataError(
            "A training that is kept has finite answers for every point",
            f"{count} points, {epochs} epochs",
            "Start over with a smaller learning rate",
        )
    test = np.arange(count) >= training
    return PlaygroundTraining(data, points[:, :2], 1 - points[:, 2].astype(int), test, logits, features)


def keep(training: PlaygroundTraining, store: Path, progress: Progress) -> str:
    """Logs it as a run of the store; gives its id."""
    x1, x2 = training.points.T
    epochs = len(training.logits)
    with log_run(
        f"playground-{training.data}",
        None,
        training.label,
        test=training.test,
        epochs=epochs,
        class_names=("blue", "orange"),
        meta=pd.DataFrame({"x1": x1, "x2": x2}),
        positions=training.points,
        store=store,
    ) as run:
        for epoch, (logit, features) in enumerate(zip(training.logits, training.features, strict=True)):
            progress.update(epoch, epochs, "epochs")
            run.epoch(logits=np.stack([logit, np.zeros_like(logit)], axis=1), features=features)
    return run.id
