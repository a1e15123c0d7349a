"""Time travel: where every image lies on the map of every epoch, and what is decided there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from dashboards.data.predictions import softmax
from deepvid.caching import newest_per_owner, once_per_owner
from deepvid.store import Run


def ground(position: np.ndarray, decided: np.ndarray, box: np.ndarray) -> np.ndarray:
    """int32 (point,): the class `decided` in the nearest cell of a `Landscape` with this box; -1 of nan."""
    share = (position.astype(np.float32) - box[0]) / (box[1] - box[0])
    placed = np.isfinite(share).all(axis=1)
    last = np.array(decided.shape[::-1]) - 1
    column, row = np.clip(np.round(np.where(placed[:, None], share, 0) * last), 0, last).astype(int).T
    return np.where(placed, decided[row, column].astype(np.int32), -1)


def border_crossings(ground: np.ndarray) -> np.ndarray:
    """bool (epoch, point): on another ground than in the epoch before, with a place in both."""
    found = np.zeros(ground.shape, np.bool_)
    found[1:] = (ground[1:] != ground[:-1]) & (ground[1:] >= 0) & (ground[:-1] >= 0)
    return found


PREFIX = "time-travel-"
FORMS: dict[str, str] = {
    "parametric": "Parametric",
    "layout": "Layout",
    "published": "DVI as published",
    "timevis": "TimeVis",
}
"""Words that a person reads, by the form."""

BORDER = "border"  # a kind of event that is not stored: an image crosses a border of the map
NEIGHBORS = 15  # `kept` counts of so many
FULL = 255  # the probability, or margin, of 1


class Events(NamedTuple):
    """Events of training and test images, in the order of the epochs."""

    epoch: np.ndarray  # int32 (event,): after which it is seen, from 1
    sample: np.ndarray  # int32 (event,)
    kind: np.ndarray  # uint8 (event,), an index of `kinds`
    change: np.ndarray  # f32 (event,)
    kinds: tuple[str, ...]


class Landscape(NamedTuple):
    """Decision in each cell of one epoch's map; y grows upwards."""

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
    preserved: np.ndarray  # uint8 (epoch, point): of the 15 nearest in the features, nearest on the map
    boundary: np.ndarray  # f16 (epoch, boundary, 2); NaN where there is none
    landscapes: tuple[Landscape, ...]
    measured: tuple[dict[str, Any], ...]  # of each epoch, as the journal has it
    events: Events | None  # None: not known before the last epoch
    temporal: Mapping[str, Mapping[str, Any]]  # scores of all epochs together, as the stage has them
    original: np.ndarray | None = None  # int32 (point,): labels before some were changed; None: not known
    labeled: np.ndarray | None = None  # bool (epoch, training): trained with; None: not known

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
    def ground(self) -> np.ndarray:
        """int32 (epoch, point): the class of the cell under it, -1 where it has no place."""
        pairs = zip(self.position, self.landscapes, strict=True)
        return np.stack([ground(place, scene.decided, scene.box) for place, scene in pairs])

    @cached_property
    def crossings(self) -> np.ndarray:
        """bool (epoch, point): the ground under it is another class's than in the epoch before."""
        return border_crossings(self.ground)

    @cached_property
    def happened(self) -> Events | None:
        """The events, and as a kind more who crosses a border, by how far it moves; None: not known yet."""
        if self.events is None:
            return None
        stored, (epoch, point) = self.events, np.nonzero(self.crossings)
        way = self.position[epoch, point].astype(np.float32) - self.position[epoch - 1, point]
        when = np.append(stored.epoch, (epoch + 1).astype(np.int32))
        order = np.argsort(when, kind="stable")
        return Events(
            when[order],
            np.append(stored.sample, self.samples[point])[order],
            np.append(stored.kind, np.full(len(point), len(stored.kinds), np.uint8))[order],
            np.append(stored.change, np.linalg.norm(way, axis=1).astype(np.float32))[order],
            (*stored.kinds, BORDER),
        )

    @cached_property
    def placed(self) -> np.ndarray:
        """bool (epoch, point): it is on the map; training images may come in later."""
        return ~np.isnan(self.position[..., 0])

    @cached_property
    def noisy(self) -> np.ndarray:
        """bool (point,): its label differs from the original one; none does where those are not known."""
        return np.zeros(len(self.label), np.bool_) if self.original is None else self.original != self.label

    @cached_property
    def accuracy(self) -> dict[str, np.ndarray]:
        """f64 (epoch,) of the training and of the test images."""
        known = self.placed
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

    @once_per_owner
    def confusion_of_all(self, classes: int) -> np.ndarray:
        """Counts int64 (true, predicted) of the test images, over all epochs."""
        return np.sum([self.confusion(epoch, classes) for epoch in range(self.epochs)], axis=0)

    def confusion(self, epoch: int, classes: int, points: np.ndarray | None = None) -> np.ndarray:
        """Counts int64 (true, predicted) of the test images after an epoch, of those in bool (point,)."""
        cell = self.label[self.training :] * classes + self.predicted[epoch, self.training :]
        cell = cell if points is None else cell[points[self.training :]]
        return np.bincount(cell, minlength=classes**2).reshape(classes, classes)


def travels(run: Run) -> Mapping[str, Travel]:
    """Those of which an epoch is there, by form; what is read once is shared by all sessions."""
    contents = {form: _content(run, form) for form in FORMS}
    return {form: _read(run, form, content) for form, content in contents.items() if content}


def begun(run: Run) -> bool:
    """Whether a form is being computed, or was."""
    return any(run.series(f"{PREFIX}{form}") is not None for form in FORMS)


def first_form(run: Run, *, epochs: int) -> str | None:
    """The first of the forms of which so many epochs are there, without reading one."""
    contents = ((form, _content(run, form)) for form in FORMS)
    return next((form for form, content in contents if content and content.epochs >= epochs), None)


class _Content(NamedTuple):
    key: str
    epochs: int
    finished: str  # the key of the stage; empty: it is not done


def _content(run: Run, form: str) -> _Content | None:
    """Identity of what there is to read; None before the first epoch, or the teacher's answers of it."""
    series, teacher = run.series(f"{PREFIX}{form}"), run.series("teacher")
    stage = run.stages.get(PREFIX + form)
    if series is None or teacher is None or "dataset" not in run.stages:
        return None
    epochs = min(series.epochs, teacher.epochs)
    return _Content(series.key, epochs, stage.key if stage else "") if epochs else None


@newest_per_owner
def _read(run: Run, form: str, content: _Content) -> Travel:
    epochs, series, teacher = content.epochs, run.series(f"{PREFIX}{form}"), run.series("teacher")
    assert series is not None
    assert teacher is not None
    data = series.open().isel(epoch=slice(epochs))
    samples = data["sample"].to_numpy().astype(np.int32)
    dataset = run.stages["dataset"].open("label")
    label = dataset["label"].to_numpy()[samples].astype(np.int32)
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
        preserved=data["kept"].to_numpy(),
        boundary=data["boundary_position"].to_numpy(),
        landscapes=tuple(_landscape(data.isel(epoch=epoch)) for epoch in range(epochs)),
        measured=tuple(series.metrics[:epochs]),
        events=_events(stage.open()) if stage else None,
        temporal=stage.open().attrs.get("temporal", {}) if stage else {},
        original=dataset["original_label"].to_numpy()[samples] if "original_label" in dataset else None,
        labeled=answers["labeled"].to_numpy()[:, samples[:training]] if "labeled" in answers else None,
    )


def _tested(answers: xr.Dataset, samples: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class int32 (epoch, sample), and probability of the label in 1/255, uint8 (epoch, sample)."""
    place = places_of(samples, answers["sample"].to_numpy())
    predicted, likely = [], []
    for epoch in range(answers.sizes["epoch"]):
        logits = answers["test_logits"].isel(epoch=epoch).to_numpy()[place]
        predicted.append(logits.argmax(axis=1).astype(np.int32))
        likely.append(np.rint(FULL * softmax(logits)[np.arange(len(label)), label]).astype(np.uint8))
    return np.stack(predicted), np.stack(likely)


def places_of(samples: np.ndarray, among: np.ndarray) -> np.ndarray:
    """int (sample,): where each of the samples stands among those of a stage, which are in any order."""
    order = np.argsort(among)
    return np.asarray(order[np.searchsorted(among, samples, sorter=order)])


def _landscape(data: xr.Dataset) -> Landscape:
    decided = data["cell_class"].to_numpy()
    doubtful = np.unpackbits(data["cell_doubtful"].to_numpy(), axis=1)[:, : decided.shape[1]].astype(np.bool_)
    return Landscape(decided, data["cell_margin"].to_numpy(), doubtful, data["box"].to_numpy())


def _events(data: xr.Dataset) -> Events:
    epoch, sample, kind, change = (
        data[f"event_{name}"].to_numpy() for name in ("epoch", "sample", "kind", "change")
    )
    return Events(epoch, sample, kind, change, tuple(data.attrs["kinds"]))
