"""Logits z of what models give: logits; probabilities, z = log p and dz = dp / p; one for two classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid import config
from deepvid.config import names
from deepvid.errors import ConfigError, DataError
from deepvid.wording import first_few, quantity

if TYPE_CHECKING:
    from jaxtyping import Float, Int

SMALLEST = 1e-12  # probability: what is less, float32 does not tell from none beside 1
_ONE = 1e-3  # how far a row of probabilities, in half precision at worst, is from 1 in sum


class Scores(NamedTuple):
    """From the outputs of one model to the logits of the classes of the images, in their order."""

    order: Int[np.ndarray, " class"]  # each class's output
    kind: names.OutputKind  # "auto": not known before the first answers

    def settled(self, outputs: Float[np.ndarray, "sample output"]) -> "Scores":
        """With the kind that these outputs show. Raises DataError where they do not fit the classes."""
        _check_outputs(outputs, self.kind, len(self.order))
        if self.kind != "auto":
            return self
        rows = outputs[np.isfinite(outputs).all(axis=1)]
        if not len(rows):
            return self
        return self._replace(kind="probabilities" if _are_probabilities(rows) else "logits")

    def output_indices(self, classes: Int[np.ndarray, " asked"], width: int) -> Int[np.ndarray, " asked"]:
        """The outputs whose slopes give those of the classes; a model has `width`."""
        return np.zeros(len(classes), int) if width == 1 else self.order[classes]

    def logits(self, outputs: Float[np.ndarray, "sample output"]) -> Float[np.ndarray, "sample class"]:
        if outputs.shape[1] == 1:
            outputs = _of_two(outputs, self.kind)
        elif self.kind in ("probabilities", "sigmoid"):
            outputs = np.log(np.clip(outputs, SMALLEST, 1))
        return outputs[:, self.order].astype(np.float32, copy=False)

    def slopes(
        self,
        outputs: Float[np.ndarray, "sample output"],
        slopes: Float[np.ndarray, "sample asked ..."],
        classes: Int[np.ndarray, " asked"],
    ) -> Float[np.ndarray, "sample asked ..."]:
        """Of the logits of `classes`, from those of the outputs that were asked for them."""
        factors = self._factors(outputs)[:, self.order[classes]]
        return slopes * factors.reshape(factors.shape + (1,) * (slopes.ndim - 2))

    def _factors(self, outputs: Float[np.ndarray, "sample output"]) -> Float[np.ndarray, "sample output"]:
        """dz / d output."""
        if outputs.shape[1] == 1 and self.kind == "logits":
            return np.broadcast_to(np.array([0, 1], np.float32), (len(outputs), 2))
        if self.kind == "logits":
            return np.ones_like(outputs)
        two = outputs.shape[1] == 1
        chances = np.concatenate([1 - outputs, outputs], axis=1) if two else outputs
        factors = np.where(chances > SMALLEST, 1 / np.clip(chances, SMALLEST, 1), 0)
        return factors * (np.array([-1, 1]) if two else 1)


def scores(given: config.Output, class_names: tuple[str, ...]) -> Scores:
    """Raises ConfigError unless the classes are those of the images."""
    classes = given.classes or class_names
    if sorted(classes) != sorted(class_names):
        odd = sorted(set(classes) ^ set(class_names))
        raise ConfigError(
            f"teacher.output.classes names the {len(class_names)} classes of the images, each once",
            f"{len(classes)} names" + (f", and {first_few(odd, 10)} in one of the two alone" if odd else ""),
            f"Order these: {first_few(class_names, 10)}",
        )
    return Scores(np.array([classes.index(name) for name in class_names]), given.kind)


def _are_probabilities(outputs: Float[np.ndarray, "sample output"]) -> bool:
    inside = outputs.min() >= -_ONE and outputs.max() <= 1 + _ONE
    return bool(inside and abs(outputs.sum(axis=1) - 1).max() <= _ONE)


def _of_two(outputs: Float[np.ndarray, "sample 1"], kind: names.OutputKind) -> Float[np.ndarray, "sample 2"]:
    """Of the second class's probability, or of its log odds."""
    if kind == "logits":
        return np.concatenate([np.zeros_like(outputs), outputs], axis=1)
    return np.log(np.clip(np.concatenate([1 - outputs, outputs], axis=1), SMALLEST, 1))


def _check_outputs(outputs: np.ndarray, kind: names.OutputKind, classes: int) -> None:
    width = outputs.shape[1]
    if width == 1 and classes == 2 and kind == "auto":
        raise DataError(
            "A model of two classes gives two outputs, or declares the kind of its single one",
            "one output, of an unknown kind",
            'Set teacher.output.kind = "sigmoid" if it is the probability of the second class, '
            '"logits" if it is its logit',
        )
    if width != classes and not (width == 1 and classes == 2):
        raise DataError(
            f"The model has an output for each of the {classes} classes of the images",
            quantity(width, "output"),
            "Name all classes that it was trained on, in its order, as dataset.classes or "
            "--classes NAMES.txt: images may show some of them only"
            if width > classes
            else "Give images of the classes that the model was trained on, and their names"
            if width > 1
            else "Let it return a score for every class, not only the class",
        )
