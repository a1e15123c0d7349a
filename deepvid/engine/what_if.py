"""Answers to an image that somebody draws, or with units silenced: of teacher, layers and units."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import numpy as np
from flax import nnx

from deepvid.adapters.contract import Model
from deepvid.config import Layers, Units
from deepvid.engine.models import keys_of_layers, trained_run, training_images
from deepvid.engine.requests import ChangedUnit, EditImage, Voted, WhatIf
from deepvid.errors import ConfigError
from deepvid.models import LayeredClassifier
from deepvid.neighbors import nearest
from deepvid.network.ablation import HeldUnits, ablated_outputs, mean_responses
from deepvid.network.knn_probe import knn_probe
from deepvid.network.layers import FEATURES, LOGITS, PIXELS
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Progress

RUNS_KEPT, SAMPLES_KEPT = 2, 64
MOST_AVERAGED = 500  # training images that tell what is usual of a unit
MOST_UNITS = 12  # that are told, those that change most
FLAT = 1e-6  # the spread of a unit that answers every image alike
Asker = Callable[[Any, Mapping[str, HeldUnits]], dict[str, Any]]
"""Outputs (1, ...) by column, of a float image and of held units by layer."""


def what_if(request: EditImage, progress: Progress) -> WhatIf:
    """Both images through the network once; the one that nobody has changed is remembered. Without layers
    that were looked into only the teacher is asked.
    """
    opened = trained_run(request.run)
    image = opened.image(request.sample)
    drawn = _drawn(request.image, image.shape)
    keys = keys_of_layers(opened) if opened.run.stage(Layers.stage) is not None else ()
    place = _place(opened, *keys)
    held = _held(place, request.silenced, partial(_usual_of, opened))
    before, after = _stored(opened, request.sample, *keys), place.seen(drawn, request.sample, held)
    return WhatIf(
        request.sample,
        np.stack([before.logits, after.logits]),
        tuple(Voted(name, *(seen.votes.get(name) for seen in (before, after))) for name in place.columns),
        place.neighbors,
        place.changed(before.units, after.units, request.silenced),
        request.silenced,
        not np.array_equal(image, drawn),
        place.among,
    )


class _Answers(NamedTuple):
    """All that is said of one image."""

    logits: np.ndarray  # f32 (class,)
    votes: dict[str, tuple[int, int]]  # by column: the commonest class of the neighbors, and how many have it
    units: np.ndarray  # f32 (unit,): mean responses


class _ProbedRun(NamedTuple):
    """A run's network with its training images, at every column whose basis is kept."""

    ask: Asker
    free: Mapping[str, HeldUnits]  # by layer: nothing is held
    columns: tuple[str, ...]
    bases: dict[str, tuple[np.ndarray, np.ndarray]]  # mean (output,), components (output, component)
    codes: dict[str, np.ndarray]  # f32 (training, component)
    training: np.ndarray  # int32 (training,): samples
    label: np.ndarray  # int32 (training,)
    classes: int
    neighbors: int
    among: str  # which images are neighbors, in words
    unit: tuple[tuple[str, int], ...]  # column and index of each
    spread: np.ndarray  # f32 (unit,): standard deviation over the test images

    def seen(self, image: np.ndarray, sample: int, held: Mapping[str, HeldUnits] | None = None) -> _Answers:
        """Answers to an image, uint8 (y, x, channel), made of a sample that is none of its neighbors."""
        answers = self.ask(image[None] / np.float32(255), held or self.free)
        found = {name: np.asarray(output)[0] for name, output in answers.items()}
        means = [
            found[name].reshape(-1, found[name].shape[-1]).mean(axis=0)[index] for name, index in self.unit
        ]
        (known,) = np.nonzero(self.training == sample)
        own = known if len(known) else None
        votes = {name: self._vote(name, found[name].ravel(), own) for name in self.bases}
        return _Answers(found[LOGITS], votes, np.array(means, np.float32))

    def changed(
        self, before: np.ndarray, after: np.ndarray, silenced: Sequence[tuple[str, int]]
    ) -> tuple[ChangedUnit, ...]:
        """The units that change most by themselves, in standard deviations of the test images."""
        follows = (self.spread > FLAT) & np.array([one not in silenced for one in self.unit], np.bool_)
        change = np.where(follows, (after - before) / np.maximum(self.spread, FLAT), 0)
        most = [int(unit) for unit in np.argsort(-np.abs(change), kind="stable")[:MOST_UNITS] if change[unit]]
        return tuple(
            ChangedUnit(*self.unit[unit], float(before[unit]), float(after[unit]), float(change[unit]))
            for unit in most
        )

    def _vote(self, name: str, output: np.ndarray, own: np.ndarray | None) -> tuple[int, int]:
        mean, components = self.bases[name]
        code = (output - mean) @ components
        found = knn_probe(
            nearest(self.codes[name], code[None], self.neighbors, own=own), self.label, self.classes
        )
        return int(found.said[0]), int(found.votes[0])


@lru_cache(maxsize=SAMPLES_KEPT)
def _stored(opened: TrainedRun, sample: int, *keys: str) -> _Answers:
    return _place(opened, *keys).seen(opened.image(sample), sample)


def _drawn(image: bytes, shape: tuple[int, ...]) -> np.ndarray:
    if len(image) != int(np.prod(shape)):
        raise ConfigError(
            f"An image of this run is {'x'.join(map(str, shape))} bytes",
            f"{len(image):,} bytes",
            "Draw it anew",
        )
    return np.frombuffer(image, np.uint8).reshape(shape)


def _held(
    place: _ProbedRun, silenced: Sequence[tuple[str, int]], usual_of: Callable[[], Mapping[str, np.ndarray]]
) -> Mapping[str, HeldUnits]:
    """By layer. A unit whose responses the run does not keep raises `ConfigError`."""
    for column, unit in silenced:
        if (column, unit) not in place.unit:
            raise ConfigError(
                "A silenced unit is one whose responses the run keeps",
                f"unit {unit} of {column[:40]}",
                "Let it answer again, and choose one in the matrix of units",
            )
    if not silenced:
        return place.free
    if not place.free:
        raise ConfigError(
            "Silencing a unit needs a network that DeepVID trained",
            "a model that answers for whole images",
            "Let it answer again, and draw on the image instead",
        )
    at, held = usual_of(), dict(place.free)
    for name in {column for column, _ in silenced}:
        which = np.zeros(len(at[name]), np.bool_)
        which[[unit for column, unit in silenced if column == name]] = True
        held[name] = HeldUnits(which, at[name])
    return held


@lru_cache(maxsize=RUNS_KEPT)
def _usual_of(opened: TrainedRun) -> dict[str, np.ndarray]:
    return mean_responses(opened.network, training_images(opened, MOST_AVERAGED))


@lru_cache(maxsize=RUNS_KEPT)
def _place(opened: TrainedRun, *keys: str) -> _ProbedRun:
    run, none = opened.run, np.zeros(0, np.int32)
    if not keys:
        spread = np.zeros(0, np.float32)
        return _ProbedRun(*_asker(opened), (), {}, {}, none, none, len(run.class_names), 0, "", (), spread)
    group = run.together(Layers.stage, Units.stage)
    names = tuple(column["name"] for column in group.attrs["columns"])
    known = "training_code" in group and "basis" in group and "training" in group
    label = run.stages["dataset"].open("label")["label"].to_numpy()
    training = group["training"].to_numpy() if known else none
    return _ProbedRun(
        *_asker(opened),
        names,
        _bases(group) if known else {},
        _codes(group, names) if known else {},
        training,
        label[training],
        len(run.class_names),
        int(group.attrs["neighbors"]),
        group.attrs.get("among", "training images"),
        *_units(group, names),
    )


def _asker(opened: TrainedRun) -> tuple[Asker, Mapping[str, HeldUnits]]:
    """Asks the teacher; and the argument by which nothing is held."""
    if isinstance(opened.teacher, Model):
        return partial(_answered, opened.teacher), {}
    network, asked = opened.network, jax.jit(ablated_outputs)
    return lambda image, held: asked(network, image, dict(held)), _free(network)


def _answered(model: Model, image: np.ndarray, _: Mapping[str, HeldUnits]) -> dict[str, Any]:
    logits, features = model.answers(image)
    return {PIXELS: image, FEATURES: features, LOGITS: logits}


def _free(classifier: LayeredClassifier) -> dict[str, HeldUnits]:
    """Of every layer, so that it is compiled once for whatever is held."""
    shapes = nnx.eval_shape(
        ablated_outputs, classifier, np.zeros((1, *classifier.image_shape), np.float32), {}
    )
    widths = {name: shapes[name].shape[-1] for name in classifier.layers}
    return {
        name: HeldUnits(np.zeros(width, np.bool_), np.zeros(width, np.float32))
        for name, width in widths.items()
    }


def _units(group: Any, names: tuple[str, ...]) -> tuple[tuple[tuple[str, int], ...], np.ndarray]:
    """Those that are kept, and how far each is spread; none of a teacher that answers alone."""
    if "response_mean" not in group:
        return (), np.zeros(0, np.float32)
    columns, indices = (group[name].to_numpy().tolist() for name in ("unit_column", "unit_index"))
    spread = group["response_mean"].to_numpy().astype(np.float32).std(axis=0)
    return tuple((names[column], index) for column, index in zip(columns, indices, strict=True)), spread


def _codes(group: Any, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    codes = group["training_code"].to_numpy().astype(np.float32)
    return {name: codes[names.index(name)] for name in group.attrs["bases"]}


def _bases(group: Any) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    mean, components = group["basis_mean"].to_numpy(), group["basis"].to_numpy().astype(np.float32)
    widths = {column["name"]: int(np.prod(column["shape"])) for column in group.attrs["columns"]}
    bases, begin = {}, 0
    for name in group.attrs["bases"]:
        rows = slice(begin, begin + widths[name])
        bases[name] = mean[rows], components[rows]
        begin = rows.stop
    return bases
