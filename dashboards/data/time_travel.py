"""Time travel: where every image lies on the map of every epoch, and what is decided there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import xarray as xr

from dashboards.data.learning import Learned, has_epochs, learned
from dashboards.data.maps import Map
from dashboards.data.predictions import softmax
from deepvid.store import Run

PREFIX = "time-travel-"
FORMS: dict[str, str] = {
    "parametric": "Parametric",
    "layout": "Layout",
    "published": "DVI as published",
    "timevis": "TimeVis",
}
"""What a person reads, by the form."""

NEIGHBORS = 15  # `kept` counts of so many
FULL = 255  # the probability, or margin, of 1


class Events(NamedTuple):
    """What happened to training and test images, in the order of the epochs."""

    epoch: np.ndarray  # int32 (event,): after which it is seen, from 1
    sample: np.ndarray  # int32 (event,)
    kind: np.ndarray  # uint8 (event,), an index of `kinds`
    change: np.ndarray  # f32 (event,)
    kinds: tuple[str, ...]


class Landscape(NamedTuple):
    """What is decided in each cell of one epoch; y grows upwards."""

    decided: np.ndarray  # (y, x): class
    margin: np.ndarray  # uint8 (y, x): in 1/255
    doubtful: np.ndarray  # bool (y, x): not to be believed
    box: np.ndarray  # f32 (2, 2): centers of the first and of the last cell


@dataclass(frozen=True, eq=False)
class Travel:
    """One form. Its points are the drawn training images, then the test images; epochs count from 0."""

    form: str
    planned: int  # epochs
    finished: bool
    samples: np.ndarray  # int32 (point,)
    training: int  # how many of the points, the first ones, are training images
    label: np.ndarray  # int32 (point,)
    predicted: np.ndarray  # int32 (epoch, point)
    probability: np.ndarray  # uint8 (epoch, point): of the label, in 1/255
    position: np.ndarray  # f16 (epoch, point, 2)
    kept: np.ndarray  # uint8 (epoch, point): of the 15 nearest in the features, nearest on the map
    boundary: np.ndarray  # f16 (epoch, boundary, 2); NaN where there is none
    landscapes: tuple[Landscape, ...]
    measured: tuple[dict[str, Any], ...]  # of each epoch, as the journal has it
    events: Events | None  # None: not known before the last epoch
    temporal: Mapping[str, Mapping[str, Any]]  # scores of all epochs together, as the stage has them

    @property
    def epochs(self) -> int:
        """How many there are."""
        return len(self.position)

    @property
    def name(self) -> str:
        """As a person names it."""
        return FORMS.get(self.form, self.form)

    @cached_property
    def wrong(self) -> np.ndarray:
        """bool (epoch, point): misclassified."""
        return self.predicted != self.label

    @cached_property
    def flips(self) -> np.ndarray:
        """bool (epoch, point): its class is another than in the epoch before; in the first epoch none is."""
        changed = np.zeros(self.predicted.shape, np.bool_)
        changed[1:] = self.predicted[1:] != self.predicted[:-1]
        return changed

    @cached_property
    def accuracy(self) -> dict[str, np.ndarray]:
        """f64 (epoch,) of the training and of the test images."""
        known = ~np.isnan(self.position[..., 0])
        sides = {"train": np.s_[:, : self.training], "test": np.s_[:, self.training :]}
        return {
            name: (known & ~self.wrong)[side].sum(axis=1) / known[side].sum(axis=1)
            for name, side in sides.items()
            if known[side].any(axis=1).all()
        }

    @cached_property
    def frame(self) -> np.ndarray:
        """f64 (2, 2): the lowest and the highest corner of all epochs' boxes."""
        boxes = np.array([landscape.box for landscape in self.landscapes], float)
        return np.array([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])

    @cached_property
    def _by_sample(self) -> np.ndarray:
        return np.argsort(self.samples)

    def points_of(self, samples: np.ndarray) -> np.ndarray:
        """int (sample,): the point of each sample, -1 of those that have none."""
        place = np.searchsorted(self.samples, samples, sorter=self._by_sample)
        found = self._by_sample[np.minimum(place, len(self.samples) - 1)]
        return np.where(self.samples[found] == samples, found, -1)

    def point_of(self, sample: int | None) -> int | None:
        """The point of a sample; None where it has none."""
        point = -1 if sample is None else int(self.points_of(np.array([sample]))[0])
        return None if point < 0 else point

    def confusion(self, epoch: int, classes: int) -> np.ndarray:
        """Counts int64 (true, predicted) of the test images after an epoch."""
        cell = self.label[self.training :] * classes + self.predicted[epoch, self.training :]
        return np.bincount(cell, minlength=classes**2).reshape(classes, classes)


class Epochs:
    """The test images on the map of every epoch, in the order of a table's rows; read when asked for."""

    def __init__(self, run: Run, row_of_sample: np.ndarray, rows: int) -> None:
        self._run, self._row_of_sample, self._rows = run, row_of_sample, rows
        self._maps: dict[tuple[str, int], Map] = {}

    @property
    def two(self) -> bool:
        """Whether the teacher has two of them."""
        return has_epochs(self._run)

    def learned(self, label: np.ndarray) -> Learned:
        """How the rows with these labels were learned, in two epochs or more."""
        return learned(self._run, self._row_of_sample, label)

    def travel(self, form: str) -> Travel | None:
        """Of all points; None where the run has not that form."""
        return travels(self._run).get(form)

    def map(self, form: str, epoch: int) -> Map | None:
        """Of an epoch, from 1; None where the run has none."""
        travel = self.travel(form)
        if travel is None or not 1 <= epoch <= travel.epochs:
            return None
        if (form, epoch) not in self._maps:
            x, y = self.by_row(travel, travel.position[epoch - 1].astype(np.float32)).T
            self._maps[form, epoch] = Map(form, np.ascontiguousarray(x), np.ascontiguousarray(y), {}, {})
        return self._maps[form, epoch]

    def flipped(self, form: str, epoch: int) -> np.ndarray | None:
        """bool (row,): whose class after an epoch, from 1, is another than before; None: no such epoch."""
        travel = self.travel(form)
        if travel is None or not 1 <= epoch <= travel.epochs:
            return None
        return self._mask(travel, travel.flips[epoch - 1])

    def in_cells(self, form: str, epoch: int, cells: Iterable[tuple[int, int]]) -> np.ndarray | None:
        """bool (row,): whose (true class, prediction) after an epoch, from 1, is one of them."""
        travel = self.travel(form)
        if travel is None or not 1 <= epoch <= travel.epochs:
            return None
        chosen = np.zeros(len(travel.samples), np.bool_)
        for true, predicted in cells:
            chosen |= (travel.label == true) & (travel.predicted[epoch - 1] == predicted)
        return self._mask(travel, chosen)

    def rows(self, travel: Travel) -> np.ndarray:
        """int32 (point,): the row of each point, -1 of those that have none."""
        return self._row_of_sample[travel.samples]

    def points(self, travel: Travel, mask: np.ndarray | None) -> np.ndarray | None:
        """bool (point,): those of the rows in a mask; None where nothing is selected."""
        if mask is None:
            return None
        row = self.rows(travel)
        return np.where(row >= 0, mask[row], False)

    def _mask(self, travel: Travel, points: np.ndarray) -> np.ndarray:
        row = self.rows(travel)
        mask = np.zeros(self._rows, np.bool_)
        mask[row[(row >= 0) & points]] = True
        return mask

    def by_row(self, travel: Travel, values: np.ndarray) -> np.ndarray:
        """f32 (row, ...) of what is (point, ...); NaN of rows that are no points."""
        placed = np.full((self._rows, *values.shape[1:]), np.nan, np.float32)
        row = self.rows(travel)
        placed[row[row >= 0]] = values[row >= 0]
        return placed


def travels(run: Run) -> Mapping[str, Travel]:
    """Those of which an epoch is there, by form; what is read once is shared by all sessions."""
    with _lock:
        known = _known.setdefault(run, {})
        found = {}
        for form in FORMS:
            content = _content(run, form)
            if content is None:
                continue
            if form not in known or known[form][0] != content:
                known[form] = content, _read(run, form, content.epochs)
            found[form] = known[form][1]
        return found


def begun(run: Run) -> bool:
    """Whether a form is being computed, or was."""
    return any(run.series(f"{PREFIX}{form}") is not None for form in FORMS)


class _Content(NamedTuple):
    key: str
    epochs: int
    finished: str  # the key of the stage; empty: it is not done


_known: WeakKeyDictionary[Run, dict[str, tuple[_Content, Travel]]] = WeakKeyDictionary()
_lock = Lock()


def _content(run: Run, form: str) -> _Content | None:
    """What there is to read; None before the first epoch, and without the teacher's answers of it."""
    series, teacher, stage = (
        run.series(f"{PREFIX}{form}"),
        run.series("teacher"),
        run.stages.get(PREFIX + form),
    )
    if series is None or teacher is None or "dataset" not in run.stages:
        return None
    epochs = min(series.epochs, teacher.epochs)
    return _Content(series.key, epochs, stage.key if stage else "") if epochs else None


def _read(run: Run, form: str, epochs: int) -> Travel:
    series, teacher = run.series(f"{PREFIX}{form}"), run.series("teacher")
    assert series is not None
    assert teacher is not None
    data = series.open().isel(epoch=slice(epochs))
    samples = data["sample"].to_numpy().astype(np.int32)
    label = run.stages["dataset"].open("label")["label"].to_numpy()[samples].astype(np.int32)
    training = data.sizes["training"]
    answers = teacher.open("test_logits", "sample").isel(epoch=slice(epochs))
    tested, likely = _tested(answers, samples[training:], label[training:])
    stage = run.stages.get(PREFIX + form)
    return Travel(
        form=form,
        planned=series.planned,
        finished=stage is not None,
        samples=samples,
        training=training,
        label=label,
        predicted=np.concatenate([data["training_predicted"].to_numpy().astype(np.int32), tested], axis=1),
        probability=np.concatenate([data["training_label_probability"].to_numpy(), likely], axis=1),
        position=data["position"].to_numpy(),
        kept=data["kept"].to_numpy(),
        boundary=data["boundary_position"].to_numpy(),
        landscapes=tuple(_landscape(data.isel(epoch=epoch)) for epoch in range(epochs)),
        measured=tuple(series.metrics[:epochs]),
        events=_events(stage.open()) if stage else None,
        temporal=stage.open().attrs.get("temporal", {}) if stage else {},
    )


def _tested(answers: xr.Dataset, samples: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class int32 (epoch, sample), and probability of the label in 1/255, uint8 (epoch, sample)."""
    covered = answers["sample"].to_numpy()
    order = np.argsort(covered)
    place = order[np.searchsorted(covered, samples, sorter=order)]
    predicted, likely = [], []
    for epoch in range(answers.sizes["epoch"]):
        logits = answers["test_logits"].isel(epoch=epoch).to_numpy()[place]
        predicted.append(logits.argmax(axis=1).astype(np.int32))
        likely.append(np.rint(FULL * softmax(logits)[np.arange(len(label)), label]).astype(np.uint8))
    return np.stack(predicted), np.stack(likely)


def _landscape(data: xr.Dataset) -> Landscape:
    decided = data["cell_class"].to_numpy()
    doubtful = np.unpackbits(data["cell_doubtful"].to_numpy(), axis=1)[:, : decided.shape[1]].astype(np.bool_)
    return Landscape(decided, data["cell_margin"].to_numpy(), doubtful, data["box"].to_numpy())


def _events(data: xr.Dataset) -> Events:
    epoch, sample, kind, change = (
        data[f"event_{name}"].to_numpy() for name in ("epoch", "sample", "kind", "change")
    )
    return Events(epoch, sample, kind, change, tuple(data.attrs["kinds"]))
