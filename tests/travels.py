"""Time travel of a toy run: what its stage would have stored, through the real writer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from deepvid.store import open_run, open_writer

KINDS = ("flip", "probability", "distance")
SIDE, BOUNDARY = 24, 8


class Seen(NamedTuple):
    """One epoch. Positions are of the training images, then of the test images."""

    position: np.ndarray  # f32 (point, 2)
    training_predicted: np.ndarray  # (training,)
    test_logits: np.ndarray  # f32 (test, class)
    test_features: np.ndarray | None = None  # f32 (test, feature); None: the first two logits


def score(
    name: str, value: float | None, chance: float | None = 0.1, published: float | None = None
) -> dict[str, Any]:
    """A measure as the journal has it."""
    low, high = (None, None) if value is None else (value - 0.02, value + 0.02)
    parts = {"low": low, "high": high, "chance": chance, "number": 400, "published": published}
    return {name: value, **{f"{name}_{part}": number for part, number in parts.items()}}


def measures(epoch: int) -> dict[str, Any]:
    """Of one epoch, from 0: they grow with it."""
    found: dict[str, Any] = {}
    for part in ("train", "test"):
        found |= score(f"{part}_nn", 2 + 0.1 * epoch, 0.02, 2.5)
        found |= score(f"{part}_bound", 5 + 0.1 * epoch, 2.0, 6.0)
        found |= score(f"{part}_bound_held", None)
        found |= score(f"{part}_ppr", 0.8 + 0.03 * epoch)
        found |= score(f"{part}_ccr", 0.1 - 0.01 * epoch)
    if epoch:
        found |= score("test_moving", 0.7) | score("test_fixing", 0.9)
    return {**found, "train_accuracy": 0.9, "test_accuracy": 0.8, "phantom": 0.03, "seconds": 1.0}


def epoch_group(seen: Seen, samples: np.ndarray, side: int = SIDE) -> xr.Dataset:
    """The landscape is four quarters, one a class; its lowest row is doubtful, its middle a boundary."""
    points, training = len(samples), len(seen.training_predicted)
    y, x = np.mgrid[:side, :side]
    away = np.minimum(abs(x - (side - 1) / 2), abs(y - (side - 1) / 2)) / (side / 2)
    low, high = np.full(2, -10, "f4"), np.full(2, 10, "f4")
    return xr.Dataset(
        {
            "position": (("sample", "dimension"), seen.position.astype("f2")),
            "kept": ("sample", (np.arange(points) % 16).astype("u1")),
            "stayed": ("training", np.full(training, 5, "u1")),
            "training_predicted": ("training", seen.training_predicted.astype("u1")),
            "training_label_probability": ("training", np.full(training, 200, "u1")),
            "boundary_position": (
                ("boundary", "dimension"),
                np.linspace(-1, 1, 2 * BOUNDARY).reshape(BOUNDARY, 2).astype("f2"),
            ),
            "cell_class": (("y", "x"), (2 * (y >= side // 2) + (x >= side // 2)).astype("u1")),
            "cell_margin": (("y", "x"), np.rint(255 * away).astype("u1")),
            "cell_doubtful": (("y", "byte"), np.packbits(y == 0, axis=1)),
            "box": (("corner", "dimension"), np.stack([low, high])),
            "model": ("parameter", np.zeros(2, "f2")),
        },
        coords={"sample": samples.astype("i4")},
    )


def _features(seen: Seen) -> np.ndarray:
    return seen.test_logits[:, :2] if seen.test_features is None else seen.test_features


def commit_epochs(
    store: Path,
    run_id: str,
    seen: Sequence[Seen],
    samples: np.ndarray,
    *,
    form: str = "parametric",
    planned: int = 0,
    decodable: bool = False,
    labeled: np.ndarray | None = None,
) -> None:
    """The teacher's epochs and their maps, those that are not there yet of as many as planned.

    With `decodable` the maps say what their models are made of, so that a page asks the engine to decode.
    `labeled`, bool (epoch, training), is what a training that was logged may know.
    """
    training = len(seen[0].training_predicted)
    teacher = [
        xr.Dataset(
            {
                "parameters": ("parameter", np.zeros(1, "f4")),
                "test_logits": (("sample", "class"), epoch.test_logits.astype("f4")),
                "test_features": (("sample", "feature"), _features(epoch).astype("f4")),
                **({} if labeled is None else {"labeled": ("training", labeled[number])}),
            },
            coords={"sample": samples[training:].astype("i4")},
        )
        for number, epoch in enumerate(seen)
    ]
    attrs = {"model_layout": []} if decodable else {}
    maps = [epoch_group(epoch, samples).assign_attrs(attrs) for epoch in seen]
    with open_writer(store, run_id, config=open_run(store / run_id).config, provenance={}) as writer:
        series = writer.series("teacher", "5" * 12, teacher[0], planned or len(seen))
        for group in teacher[series.committed :]:
            series.append(group, metrics={})
        series = writer.series(
            f"time-travel-{form}", f"{form.encode().hex()}000000"[:12], maps[0], planned or len(seen)
        )
        for number in range(series.committed, len(maps)):
            series.append(maps[number], metrics=measures(number))


def commit_events(
    store: Path, run_id: str, events: Sequence[tuple[int, int, int, float]], form: str = "parametric"
) -> None:
    """The stage that ends time travel: (epoch from 1, sample, kind, change) of each event."""
    epoch, sample, kind, change = zip(*events, strict=True)
    group = xr.Dataset(
        {
            "event_epoch": ("event", np.array(epoch, "i4")),
            "event_sample": ("event", np.array(sample, "i4")),
            "event_kind": ("event", np.array(kind, "u1")),
            "event_change": ("event", np.array(change, "f4")),
        },
        attrs={
            "form": form,
            "settings": {},
            "kinds": list(KINDS),
            "temporal": {
                "p4": {
                    "value": -0.4,
                    "low": -0.5,
                    "high": -0.3,
                    "chance": 0.0,
                    "number": 400,
                    "published": None,
                }
            },
            "movement": 0.4,
        },
    )
    with open_writer(store, run_id, config=open_run(store / run_id).config, provenance={}) as writer:
        writer.commit_stage(f"time-travel-{form}", "7" * 12, group)
        writer.finish()
