"""Contract of every form of time travel: it takes epochs of a classifier, and gives a map of each of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
from jaxtyping import Array, Float, Int

from deepvid.errors import DataError
from deepvid.progress import SILENT, Progress
from deepvid.timetravel.graph import K


class Head(NamedTuple):
    """logits = features weight + bias: a classifier's last dense layer."""

    weight: Float[Array, "feature class"]
    bias: Float[Array, " class"]

    def __call__(self, features: Float[Any, "sample feature"]) -> Float[Any, "sample class"]:
        return features @ self.weight + self.bias

    def predicted(self, features: Float[np.ndarray, "sample feature"]) -> Int[np.ndarray, " sample"]:
        return np.asarray(self(features)).argmax(axis=1)


def linear(head: Callable[[np.ndarray], Float[Array, "sample class"]], width: int) -> Head:
    """The weights of an affine function of (sample, width), such as `Classifier.head`."""
    answers = np.asarray(head(np.eye(width + 1, width, dtype=np.float32)))  # its last row is the origin
    return Head(answers[:-1] - answers[-1], answers[-1])


class Epoch(NamedTuple):
    """A classifier after one epoch, as a map of it needs it. Features are what the last dense layer reads."""

    sample: Int[np.ndarray, " sample"]  # the samples' names: those two epochs share are tied together
    features: Float[np.ndarray, "sample feature"]
    boundary: Float[np.ndarray, "boundary feature"]  # of boundary points: new ones every epoch
    head: Head


class Inverse(Protocol):
    """Decoder of positions on a map."""

    def invert(self, position: Float[np.ndarray, "sample 2"]) -> Float[np.ndarray, "sample feature"]: ...


class Model(Inverse, Protocol):
    """A visualization model: arrays alone, so that it can be stored as they are."""

    def project(self, features: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "sample 2"]: ...


class Fitted(NamedTuple):
    """The map of one epoch, and what the next one is tied to."""

    sample: Int[np.ndarray, " sample"]
    position: Float[np.ndarray, "sample 2"]
    boundary_position: Float[np.ndarray, "boundary 2"]
    nearest: Int[np.ndarray, "sample k"]  # names of the K nearest in the features
    model: Model


def placed(epoch: Epoch, nearest: Int[np.ndarray, "sample k"], model: Model) -> Fitted:
    """The map of an epoch whose points lie where `model` projects them."""
    position, boundary = model.project(epoch.features), model.project(epoch.boundary)
    return Fitted(epoch.sample, position, boundary, nearest, model)


class Projector(Protocol):
    """A form of time travel with its settings."""

    def fit(
        self, epochs: Iterable[Epoch], *, before: Fitted | None = None, seed: int, progress: Progress
    ) -> Iterator[Fitted]:
        """The map of each epoch in turn, tied to the map `before` the first where there is one.

        What is fitted epoch by epoch asks for an epoch when it is to be fitted: those of a training that goes
        on can follow it. Raises `DataError` for an epoch that has no map.
        """
        ...


class EpochByEpoch(ABC):
    """A `Projector` whose maps are fitted one after the other, each tied to the last.

    Where the training is resumed does not change them.
    """

    def fit(
        self,
        epochs: Iterable[Epoch],
        *,
        before: Fitted | None = None,
        seed: int,
        progress: Progress = SILENT,
    ) -> Iterator[Fitted]:
        for epoch in epochs:
            check(epoch)
            before = self.fit_one(epoch, before, seed=seed, progress=progress)
            yield before

    @abstractmethod
    def fit_one(self, epoch: Epoch, before: Fitted | None, *, seed: int, progress: Progress) -> Fitted:
        """The map of one epoch, tied to the one before."""


def check(epoch: Epoch) -> None:
    samples, width = epoch.features.shape
    if samples <= K:
        raise DataError(
            f"A map of an epoch needs more than {K} samples: it is made of their {K} nearest neighbors",
            f"{samples} samples",
            "Train with more images",
        )
    broken = ~np.isfinite(epoch.features).all(axis=1)
    if broken.any():
        raise DataError(
            "The features of an epoch are finite",
            f"{np.count_nonzero(broken)} of {samples} samples with NaN or infinity",
            "Check the training that made them: a lower learning rate keeps it from diverging",
        )
    expected = {
        "samples' names": ((samples,), epoch.sample.shape),
        "boundary features": ((len(epoch.boundary), width), epoch.boundary.shape),
        "weights of the head": ((width, len(epoch.head.bias)), epoch.head.weight.shape),
    }
    for what, (right, found) in expected.items():
        if right != found:
            raise DataError(
                f"The {what} of {samples} samples with {width} features have the shape {right}",
                f"the shape {found}",
                "Give arrays of the same epoch",
            )
