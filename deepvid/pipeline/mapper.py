"""One epoch's map after another, as each is stored: the training, a test and its landscape, and measures."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from scipy.special import softmax

from deepvid import config, fields
from deepvid.pipeline.history import Drawn, History, Past
from deepvid.progress import Progress
from deepvid.store import Run, dataset_of
from deepvid.timetravel.catalogue import FORMS
from deepvid.timetravel.contract import EpochByEpoch, Fitted, Projector
from deepvid.timetravel.doubt import doubtful, phantom
from deepvid.timetravel.ground import stayed
from deepvid.timetravel.landscape import FULL, Box, Landscape, box, landscape
from deepvid.timetravel.measures.table import Mapped, Measured, Samples, measure_map
from deepvid.timetravel.stored import fitted_of, networks_of, state_of, vector_of

FITTING, MEASURING = 0.4, 0.8  # of an epoch's time: when its map begins to be fitted, and to be measured
UNSIGNED = ("kept", "stayed", "training_label_probability")


class MappedEpoch(NamedTuple):
    """An epoch's map, as it is committed."""

    data: xr.Dataset
    metrics: dict[str, Any]
    state: dict[str, np.ndarray]  # what the next one is tied to


class Before(NamedTuple):
    """The maps that there are: how many, and of the last one what is stored, with its state."""

    epochs: int = 0
    data: xr.Dataset | None = None
    state: Mapping[str, np.ndarray] | None = None


def begun(run: Run, name: str, key: str) -> Before:
    """Committed maps of a series."""
    series = run.series(name)
    if series is None or series.key != key or not series.epochs:
        return Before()
    return Before(series.epochs, series.open().isel(epoch=-1).load(), series.state())


def mapped_by(fitted: Fitted, past: Past, history: History, *, resolution: int) -> Mapped:
    """An epoch with this map of it, its landscape and the test images' places."""
    model, head = fitted.model, past.epoch.head
    where = box(np.concatenate([fitted.position, fitted.boundary_position]))
    seen = landscape(model, head, where, resolution)
    tested = model.project(past.tested.features)
    invented = phantom(seen, np.concatenate([fitted.position, tested]))
    return Mapped(
        Samples(past.epoch.features, past.logits, history.label[fitted.sample], fitted.position),
        Samples(past.tested.features, past.tested.logits, history.tested_label, tested),
        (past.epoch.boundary, fitted.boundary_position),
        past.held,
        head,
        model,
        seen,
        invented,
        doubtful(model, seen, invented, past.epoch.features, fitted.position),
    )


@dataclass(frozen=True)
class Mapper:
    """Maps the epochs of a run's teacher in one form."""

    run: Run
    section: config.TimeTravel
    seed: int

    @property
    def drawn(self) -> Drawn:
        return Drawn.of(self.run, self.section, seed=self.seed)

    @property
    def follows(self) -> bool:
        """Whether each epoch can be mapped as soon as it is committed."""
        return isinstance(self.form, EpochByEpoch)

    @property
    def form(self) -> Projector:
        """The form with the section's settings."""
        form: Any = FORMS[self.section.form]
        projector: Projector = replace(form, steps=self.section.steps) if hasattr(form, "steps") else form
        return projector

    def after(self, history: History, before: Before, progress: Progress) -> Iterator[MappedEpoch]:
        """The maps of all later epochs of `history`."""
        epochs = len(history)
        if not self.follows:
            yield from self._at_once(history, before, progress)
            return
        for number in range(before.epochs, epochs):
            epoch = self.next(history, before, progress.part(number, number + 1, epochs))
            yield epoch
            before = Before(number + 1, epoch.data, epoch.state)

    def next(self, history: History, before: Before, progress: Progress) -> MappedEpoch:
        """The map of the next epoch alone."""
        past = self._past(history, before.epochs, progress.part(0, FITTING, 1))
        tied = None if before.state is None else fitted_of(before.state)
        fitting, began = progress.part(FITTING, MEASURING, 1), time.monotonic()
        (fitted,) = self.form.fit([past.epoch], before=tied, seed=self.seed, progress=fitting)
        seconds = time.monotonic() - began
        progress.update(MEASURING, 1, "measuring the map")
        return self._mapped(history, before, past, (fitted, tied), seconds)

    def _at_once(self, history: History, before: Before, progress: Progress) -> Iterator[MappedEpoch]:
        """Of a form that reads all epochs before it yields a map: what is committed is left out."""
        epochs = len(history)
        asking, fitting = progress.part(0, FITTING, 1), progress.part(FITTING, MEASURING, 1)
        pasts = [
            self._past(history, number, asking.part(number, number + 1, epochs)) for number in range(epochs)
        ]
        began = time.monotonic()
        maps = self.form.fit([past.epoch for past in pasts], seed=self.seed, progress=fitting)
        tied: Fitted | None = None
        for number, fitted in enumerate(maps):
            if number >= before.epochs:
                seconds = (time.monotonic() - began) / epochs
                epoch = self._mapped(history, before, pasts[number], (fitted, tied), seconds)
                yield epoch
                before = Before(number + 1, epoch.data)
            tied = fitted

    def _past(self, history: History, number: int, progress: Progress) -> Past:
        return history.past(number, boundary=self.section.boundary, seed=self.seed, progress=progress)

    def _mapped(
        self,
        history: History,
        before: Before,
        past: Past,
        maps: tuple[Fitted, Fitted | None],
        seconds: float,
    ) -> MappedEpoch:
        """`maps` are that of the epoch and the one it is tied to."""
        fitted = maps[0]
        mapped = mapped_by(fitted, past, history, resolution=self.section.resolution)
        earlier = None if before.data is None else _tested(history, before.epochs - 1, before.data)
        found = measure_map(mapped, earlier, seed=self.seed)
        data = self._data(history, past, fitted, mapped, found, stayed(*maps))
        return MappedEpoch(data, {**found.numbers, "seconds": seconds}, state_of(fitted))

    def _data(
        self, history: History, past: Past, fitted: Fitted, mapped: Mapped, found: Measured, kept: np.ndarray
    ) -> xr.Dataset:
        """Group to store of an epoch."""
        training = history.drawn.training
        rows, number = np.searchsorted(training, fitted.sample), len(training)
        boundary = fitted.boundary_position
        probability = softmax(past.logits, axis=1)[np.arange(len(rows)), mapped.train.label]
        predicted = mapped.train.logits.argmax(axis=1)
        networks = networks_of(fitted.model)
        placed = _spread(fitted.position, rows, number, np.nan)
        arrays = {
            "position": np.concatenate([placed, mapped.test.position]),
            "kept": np.concatenate(
                [_spread(found.preserved[: len(rows)], rows, number), found.preserved[len(rows) :]]
            ),
            "stayed": _spread(kept, rows, number),
            "training_predicted": _spread(predicted, rows, number).astype(mapped.landscape.predicted.dtype),
            "training_label_probability": _spread(np.round(FULL * probability), rows, number),
            "boundary_position": _spread(boundary, np.arange(len(boundary)), self.section.boundary, np.nan),
            "cell_class": mapped.landscape.predicted,
            "cell_margin": mapped.landscape.margin,
            "cell_doubtful": np.packbits(mapped.doubtful, axis=1),
            "box": np.stack(mapped.landscape.box),
            "model": vector_of(networks),
            "sample": np.concatenate(history.drawn),
        }
        arrays |= {name: arrays[name].astype(np.uint8) for name in UNSIGNED}
        layout = [[name, list(array.shape)] for name, array in networks.items()]
        return dataset_of(
            fields.TIME_TRAVEL_EPOCH,
            arrays,
            {
                "form": self.section.form,
                "settings": self.section.model_dump(mode="json"),
                "class_names": history.class_names,
                "model_layout": layout,
            },
        )


def _tested(history: History, number: int, stored: xr.Dataset) -> tuple[Samples, Landscape]:
    """The test samples and the landscape of an epoch, as they are stored."""
    answers = history.tested(number)
    position = stored["position"].to_numpy()[stored.sizes["training"] :].astype(np.float32)
    cells = stored["cell_class"].to_numpy(), stored["cell_margin"].to_numpy()
    return (
        Samples(answers.features, answers.logits, history.tested_label, position),
        Landscape(*cells, Box(*stored["box"].to_numpy())),
    )


def _spread(values: np.ndarray, rows: np.ndarray, number: int, fill: float = 0) -> np.ndarray:
    """`values` in their rows of `number`; `fill` in the others."""
    spread = np.full((number, *values.shape[1:]), fill, values.dtype)
    spread[rows] = values
    return spread
