"""A model as everything else sees it: an adapter, and what a person says of its input and output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from deepvid import config
from deepvid.adapters.contract import (
    Adapter,
    Answers,
    BatchSizedAdapter,
    Differentiable,
    Headed,
    Outputs,
    Slopes,
)
from deepvid.adapters.pixels import Pixels, pixels
from deepvid.adapters.scores import Scores, scores
from deepvid.config import names
from deepvid.errors import DataError, DeepVIDError
from deepvid.tier import Tier

if TYPE_CHECKING:
    from jaxtyping import Float, Int

T = TypeVar("T")
BATCH = 25  # images a call, unless the adapter says otherwise


def prepared(
    adapter: Adapter,
    input: config.Input,
    output: config.Output,
    image_shape: tuple[int, int, int],
    class_names: tuple[str, ...],
) -> "Prepared":
    """Raises DataError where the model says that it takes other images, ConfigError for odd settings."""
    flat = adapter.takes is not None and len(adapter.takes) == 2
    input = _of_its_size(adapter, input, image_shape[:2])
    made = pixels(input, image_shape, layout=adapter.layout, flat=flat)
    _check_shape(adapter.takes, made, image_shape)
    return Prepared(adapter, input, made, scores(output, class_names))


class Prepared:
    """A `Model` that asks an adapter in batches; one of a fixed size is filled up with the last image.

    Whatever the model raises becomes a `DataError` that names the images.
    """

    def __init__(
        self,
        adapter: Adapter,
        input: config.Input,
        made: Pixels,
        read: Scores,
        most: Tier = Tier.GRADIENTS,
    ) -> None:
        self.adapter = adapter
        self.input = input
        self.pixels = made
        self._declared = self._scores = read
        self._width: int | None = None  # outputs, known when it was asked
        self._most = most  # of what the adapter offers

    @property
    def tier(self) -> Tier:
        return min(self.adapter.tier, self._most)

    @property
    def name(self) -> str:
        return self.adapter.name

    @property
    def kind(self) -> names.OutputKind:
        """Of its outputs; "auto" until it was asked."""
        return self._scores.kind

    @property
    def order(self) -> Int[np.ndarray, " class"]:
        """The output of each class."""
        return self._scores.order

    @property
    def image_shape(self) -> tuple[int, int, int]:
        rows, columns, channels = self.pixels[:3]
        return rows.shape[1], columns.shape[1], channels.shape[1]

    def answers(self, images: Float[np.ndarray, "sample y x channel"]) -> Answers:
        if not len(images):
            return Answers(np.zeros((0, len(self._scores.order)), np.float32), None)
        logits, features = zip(*self._each(self._answers, images, self._batch), strict=True)
        shown = all(part is not None for part in features)
        return Answers(np.concatenate(logits), np.concatenate(features) if shown else None)

    def checked_answers(self, images: Float[np.ndarray, "sample y x channel"]) -> Answers:
        """The same, of images enough to tell the kind of the outputs. Raises DataError for another kind."""
        outputs, features = zip(*self._each(self._outputs, images, self._batch), strict=True)
        whole = np.concatenate(outputs)
        self._scores = self._declared.checked(whole)
        shown = all(part is not None for part in features)
        return Answers(self._scores.logits(whole), np.concatenate(features) if shown else None)

    def slopes(
        self, images: Float[np.ndarray, "sample y x channel"], classes: Int[np.ndarray, " asked"]
    ) -> Slopes:
        adapter, classes = self._differentiable(), np.asarray(classes, int)
        if not len(images):
            return Slopes(
                self.answers(images).logits, np.zeros((0, len(classes), *self.image_shape), np.float32)
            )
        if self._width is None:
            list(self._each(self._answers, images[:BATCH]))
        logits, slopes = zip(*self._each(partial(self._slopes, adapter, classes), images), strict=True)
        return Slopes(np.concatenate(logits), np.concatenate(slopes))

    def digest(self) -> str | None:
        return self.adapter.digest()

    def width(self, images: Float[np.ndarray, "sample y x channel"]) -> int:
        """How many outputs it gives, whatever the classes are: the first of the images is asked."""

        def ask(batch: np.ndarray) -> int:
            outputs, _ = self.adapter.outputs(self._filled(self.pixels.inputs(batch)))
            return _rows(np.asarray(outputs)).shape[1]

        return next(self._each(ask, images[:1]))

    def with_input(self, input: config.Input) -> "Prepared":
        """The same model, given its images in another form of the same shape."""
        made = pixels(input, self.image_shape, layout=self.adapter.layout, flat=self.pixels.flat)
        return Prepared(self.adapter, input, made, self._scores, self._most)

    def without_gradients(self) -> "Prepared":
        """The same model, asked for answers alone."""
        return Prepared(self.adapter, self.input, self.pixels, self._scores, Tier.PREDICT)

    @property
    def head(self) -> tuple[Float[np.ndarray, "feature class"], Float[np.ndarray, " class"]] | None:
        """Weights and bias that make the logits of the features, where the adapter shows them."""
        order = self._scores.order
        if not isinstance(self.adapter, Headed) or self.kind != "logits" or self._width != len(order):
            return None
        shown = self.adapter.head()
        return None if shown is None else (shown[0][order].T, shown[1][order])

    @property
    def size(self) -> tuple[int, int]:
        """(y, x) of the images that the model is given."""
        return len(self.pixels.rows), len(self.pixels.columns)

    def taking(self, image_shape: tuple[int, int, int]) -> "Prepared":
        """The same model for images of another shape."""
        made = pixels(self.input, image_shape, layout=self.adapter.layout, flat=self.pixels.flat)
        return Prepared(self.adapter, self.input, made, self._scores, self._most)

    def _answers(self, images: np.ndarray) -> Answers:
        outputs, features = self._outputs(images)
        return Answers(self._scores.logits(outputs), features)

    def _outputs(self, images: np.ndarray) -> Outputs:
        """Of one batch, as the adapter gives them."""
        outputs, features = self.adapter.outputs(self._filled(self.pixels.inputs(images)))
        outputs = self._checked(outputs, len(images))
        if features is not None:
            features = np.asarray(features, np.float32).reshape(len(features), -1)[: len(images)]
        return Outputs(outputs, features)

    def _differentiable(self) -> Differentiable:
        if self.tier >= Tier.GRADIENTS and isinstance(self.adapter, Differentiable):
            return self.adapter
        raise DataError(
            "Derivatives need a model with gradients",
            f"{self.name}, which gives only answers",
            "Give the PyTorch, Keras or Flax network itself, or choose what needs only answers",
        )

    def _slopes(self, adapter: Differentiable, classes: np.ndarray, images: np.ndarray) -> Slopes:
        asked = self._scores.output_indices(classes, self._width or len(self._scores.order))
        outputs, slopes = adapter.outputs_and_slopes(self._filled(self.pixels.inputs(images)), asked)
        outputs = self._checked(outputs, len(images))
        slopes = self._scores.slopes(outputs, np.asarray(slopes, np.float32)[: len(images)], classes)
        return Slopes(self._scores.logits(outputs), self.pixels.slopes(slopes))

    def _checked(self, outputs: np.ndarray, count: int) -> Float[np.ndarray, "sample output"]:
        """Of the images alone, without what filled up their batch."""
        outputs = _rows(np.asarray(outputs, np.float32))
        if len(outputs) < count:
            raise DataError(
                "The model gives one row of outputs per image",
                f"{len(outputs)} for {count} images",
                "Let it take a batch of images",
            )
        outputs = outputs[:count]
        self._scores, self._width = self._scores.settled(outputs), outputs.shape[1]
        return outputs

    @property
    def _batch(self) -> int:
        """Images a call for answers; derivatives take several times the memory."""
        return self.adapter.batch if isinstance(self.adapter, BatchSizedAdapter) else BATCH

    @property
    def _fixed(self) -> int | None:
        return self.adapter.takes[0] if self.adapter.takes else None

    def _filled(self, inputs: np.ndarray) -> np.ndarray:
        missing = (self._fixed or len(inputs)) - len(inputs)
        return np.concatenate([inputs, np.repeat(inputs[-1:], missing, axis=0)]) if missing else inputs

    def _each(self, ask: Callable[[np.ndarray], T], images: np.ndarray, batch: int = BATCH) -> Iterator[T]:
        size = self._fixed or batch
        for start in range(0, len(images), size):
            given = images[start : start + size]
            try:
                yield ask(given)
            except DeepVIDError:
                raise
            except Exception as error:
                raise self._failure(error, ask, given, start, len(images)) from error

    def _failure(
        self, error: Exception, ask: Callable[[np.ndarray], T], batch: np.ndarray, start: int, count: int
    ) -> DataError:
        """Names the images that fail alone, or the whole batch where none or all of them do."""
        alone = [number for number in range(len(batch)) if _fails(ask, batch[number : number + 1])]
        first, last = start, start + len(batch) - 1
        if alone and len(alone) < len(batch):
            where = f"image{'s' * (len(alone) > 1)} {', '.join(str(start + number) for number in alone[:5])}"
        else:
            where = f"image {first}" if first == last else f"images {first} to {last}"
        return DataError(
            "The model answers every image",
            f"{type(error).__name__} at {where} of {count:,}: {first_line(error)}",
            f"It was given {spelled(self.pixels.shape)} as one image: correct the model, or "
            "teacher.input.size, channels and layout, and run the same command again",
        )


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0].rstrip(".")[:200]


def spelled(shape: tuple[int | None, ...]) -> str:
    """ "(n, 3, 32, 32)", as people write the shape of a batch."""
    return f"({', '.join('n' if side is None else str(side) for side in shape)})"


def _rows(outputs: np.ndarray) -> Float[np.ndarray, "sample output"]:
    """Raises DataError for a map of scores for each image."""
    if sum(side > 1 for side in outputs.shape[1:]) > 1:
        raise DataError(
            "A classifier gives one row of scores per image",
            f"an array {spelled((None, *outputs.shape[1:]))}, as of a segmentation network or a detector",
            "Give a function that makes one row of it, such as lambda images: net(images).mean((2, 3))",
        )
    return outputs.reshape(len(outputs), -1) if outputs.ndim else outputs.reshape(1, 1)


def _fails(ask: Callable[[np.ndarray], T], images: np.ndarray) -> bool:
    try:
        ask(images)
    except Exception:
        return True
    return False


def _of_its_size(adapter: Adapter, input: config.Input, stored: tuple[int, int]) -> config.Input:
    """With the one size that the model says it takes, where images of this size become it undistorted."""
    if input.size is not None or adapter.takes is None or len(adapter.takes) != 4:
        return input
    layout = adapter.layout if input.layout == "auto" else input.layout
    y, x = adapter.takes[2:] if layout == "NCHW" else adapter.takes[1:3]
    if y is None or x is None or (y, x) == stored or y * stored[1] != x * stored[0]:
        return input
    return input.replaced(size=[y, x])


def _check_shape(
    takes: tuple[int | None, ...] | None, made: Pixels, image_shape: tuple[int, int, int]
) -> None:
    if takes is None:
        return
    shape = takes[1:]
    if len(shape) != len(made.shape) or any(
        side not in (None, given) for side, given in zip(shape, made.shape, strict=True)
    ):
        y, x, channels = image_shape
        raise DataError(
            f"The model takes {spelled((None, *shape))}",
            f"images {y}x{x}x{channels}, given to it as {spelled((None, *made.shape))}",
            "Set teacher.input.size and channels, or teacher.input.layout, to what it takes",
        )
