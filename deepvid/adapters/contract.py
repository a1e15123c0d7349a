"""Contract of a model of somebody else: plain calls, NumPy in and NumPy out.

Two layers. An `Adapter`, one file a framework, gives the model's own arrays what its own arrays take. A
`Model` is what everything else sees: images as DeepVID has them, logits as DeepVID has them;
`deepvid.adapters.preparing` makes one of an adapter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

import numpy as np

from deepvid.config import names
from deepvid.tier import Tier

if TYPE_CHECKING:
    from jaxtyping import Float, Int

import hashlib
from collections.abc import Iterable
from pathlib import Path

from deepvid.errors import DataError
from deepvid.progress import SILENT, Progress


class Answers(NamedTuple):
    """Answers of a model to each image."""

    logits: Float[np.ndarray, "sample class"]  # f32
    features: Float[np.ndarray, "sample feature"] | None  # f32; None: it shows none


class Slopes(NamedTuple):
    """The same with derivatives of some logits, in one pass through the model."""

    logits: Float[np.ndarray, "sample class"]
    slopes: Float[np.ndarray, "sample asked y x channel"]  # f32, by the pixels of the images


@runtime_checkable
class Model(Protocol):
    """A trained classifier in evaluation mode; images are f32 (sample, y, x, channel) in [0, 1].

    Any number of images may be given, and what is said of one does not depend on the others.
    """

    @property
    def tier(self) -> Tier:
        """PREDICT or GRADIENTS."""
        ...

    @property
    def name(self) -> str:
        """Its name for a person: the file, or `module:name`."""
        ...

    def answers(self, images: Float[np.ndarray, "sample y x channel"]) -> Answers: ...

    def slopes(
        self, images: Float[np.ndarray, "sample y x channel"], classes: Int[np.ndarray, " asked"]
    ) -> Slopes:
        """Of tier GRADIENTS only."""
        ...

    def digest(self) -> str | None:
        """sha256, in hex, of its weights; None: it cannot be told from another."""
        ...


class Outputs(NamedTuple):
    """Outputs of a framework's network."""

    scores: np.ndarray  # f32 (sample, output): logits or probabilities, whatever it says
    features: np.ndarray | None  # f32 (sample, feature)


class Adapter(Protocol):
    """A framework's network; arrays are f32 in the layout, range and size that it takes."""

    tier: Tier
    name: str
    layout: names.Layout  # that its framework has, if the settings say "auto"
    takes: tuple[int | None, ...] | None  # its input's shape with the batch, as far as it says

    def outputs(self, inputs: np.ndarray) -> Outputs: ...

    def digest(self) -> str | None: ...


@runtime_checkable
class Headed(Adapter, Protocol):
    """An adapter that can show the layer that makes the scores of the features."""

    def head(self) -> tuple[np.ndarray, np.ndarray] | None:
        """f32 weights (output, feature) and bias (output,); None: not known, or not the last that is done."""
        ...


@runtime_checkable
class Differentiable(Adapter, Protocol):
    """An adapter of tier GRADIENTS."""

    def outputs_and_slopes(
        self, inputs: np.ndarray, outputs: Int[np.ndarray, " asked"]
    ) -> tuple[np.ndarray, np.ndarray]:
        """f32 scores (sample, output) and their derivatives (sample, asked, *input), in one pass."""
        ...


@runtime_checkable
class BatchSizedAdapter(Adapter, Protocol):
    """An adapter that knows how many images it answers at once best."""

    @property
    def batch(self) -> int: ...


BATCH = 200  # images between two reports; a model asks in batches of its own


def answers_of(model: Model, images: np.ndarray, *, progress: Progress = SILENT) -> Answers:
    """Of uint8 images (sample, y, x, channel), at least one. Raises DataError where it does not answer."""
    parts = list[Answers]()
    for first in range(0, len(images), BATCH):
        progress.update(first, len(images), f"{first:,} of {len(images):,} images")
        parts.append(_asked(model, images[first : first + BATCH], first))
    progress.update(len(images), len(images), f"{len(images):,} images")
    features = [part.features for part in parts if part.features is not None]
    return Answers(
        np.concatenate([part.logits for part in parts]), np.concatenate(features) if features else None
    )


def _asked(model: Model, images: np.ndarray, first: int) -> Answers:
    """Of a part of the images: what fails is told by its place among all."""
    try:
        return model.answers(images.astype(np.float32) / 255)
    except DataError as error:
        if not first:
            raise
        raise DataError(
            error.must, f"{error.found}, counted from image {first:,} on", error.action
        ) from error


def digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(arrays: Iterable[tuple[str, np.ndarray]]) -> str:
    """sha256 in hex, of names, types, shapes and contents; their order does not matter."""
    total = hashlib.sha256()
    for name, array in sorted(arrays, key=lambda named: named[0]):
        total.update(f"{name} {array.dtype} {array.shape}\n".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()
