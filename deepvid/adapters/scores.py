"""Logits z of what models give: logits; probabilities of one label, z = log p and dz = dp / p; independent
ones, a sigmoid a class, z = log(p / (1 - p)) and dz = dp / (p (1 - p)); one for two classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid import config
from deepvid.config import names
from deepvid.datasets.conversion import distinct_names
from deepvid.errors import ConfigError, DataError
from deepvid.wording import first_few, quantity

if TYPE_CHECKING:
    from jaxtyping import Float, Int

SMALLEST = 1e-12  # probability: what is less, float32 does not tell from none beside 1
LARGEST = 1 - 2**-24  # probability: the greatest float32 below 1
_ONE = 4e-3  # how far a row of probabilities is from 1 in sum: bfloat16 rounds each by up to 2^-9 of it
_MOST_DECIMALS = 6  # that float32 tells from none
_FEWEST = 20  # probabilities between 0 and 1, or nothing is said of their decimals
_OFF = 0.1  # of a step of the last decimal: float32 has 7 digits


class Scores(NamedTuple):
    """From the outputs of one model to the logits of the classes of the images, in their order."""

    order: Int[np.ndarray, " class"]  # each class's output
    kind: names.OutputKind  # "auto": not known before the first answers

    def settled(self, outputs: Float[np.ndarray, "sample output"]) -> "Scores":
        """With the kind that these outputs show, if none is declared: logits or probabilities of one label.

        Raises DataError where they do not fit the classes.
        """
        _check_outputs(outputs, self.kind, len(self.order))
        if self.kind != "auto":
            return self
        rows = outputs[np.isfinite(outputs).all(axis=1)]
        if not len(rows):
            return self
        return self._replace(kind="probabilities" if _kind_shown(rows, _ONE) == "probabilities" else "logits")

    def checked(self, outputs: Float[np.ndarray, "sample output"]) -> "Scores":
        """The same of outputs enough to tell the kind: two dozen images or more.

        Raises DataError where they show another kind than the declared one, and for independent
        probabilities that are not declared: nothing else tells them from logits between 0 and 1.
        """
        _check_outputs(outputs, self.kind, len(self.order))
        rows, width = outputs[np.isfinite(outputs).all(axis=1)], outputs.shape[1]
        if not len(rows):
            return self
        places = decimals(rows)
        rounding = 0 if places is None else width * 0.5 * 10.0**-places
        shown = _kind_shown(rows, max(_ONE, rounding))
        if self.kind == "auto" and shown != "independent":
            return self._replace(kind=shown)
        if shown not in _FITTING[self.kind, width == 1]:
            raise _other_kind(self.kind, shown, rows)
        return self

    def output_indices(self, classes: Int[np.ndarray, " asked"], width: int) -> Int[np.ndarray, " asked"]:
        """The outputs whose slopes give those of the classes; a model has `width`."""
        return np.zeros(len(classes), int) if width == 1 else self.order[classes]

    def logits(self, outputs: Float[np.ndarray, "sample output"]) -> Float[np.ndarray, "sample class"]:
        if outputs.shape[1] == 1:
            outputs = _of_two(outputs, self.kind)
        elif self.kind in ("probabilities", "sigmoid"):
            outputs = np.log(np.clip(outputs, SMALLEST, 1))
        elif self.kind == "independent":
            clipped = np.clip(outputs, SMALLEST, LARGEST)
            outputs = np.log(clipped) - np.log1p(-clipped)
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
        if self.kind == "independent":
            inside = (outputs > SMALLEST) & (outputs < LARGEST)
            clipped = np.clip(outputs, SMALLEST, LARGEST)
            return np.where(inside, 1 / (clipped * (1 - clipped)), 0)
        two = outputs.shape[1] == 1
        chances = np.concatenate([1 - outputs, outputs], axis=1) if two else outputs
        factors = np.where(chances > SMALLEST, 1 / np.clip(chances, SMALLEST, 1), 0)
        return factors * (np.array([-1, 1]) if two else 1)


def scores(given: config.Output, class_names: tuple[str, ...]) -> Scores:
    """Raises ConfigError unless the classes are those of the images."""
    classes = distinct_names(given.classes or class_names)
    if sorted(classes) != sorted(class_names):
        odd = sorted(set(classes) ^ set(class_names))
        raise ConfigError(
            f"teacher.output.classes names the {len(class_names)} classes of the images, each once",
            f"{len(classes)} names" + (f", and {first_few(odd, 10)} in one of the two alone" if odd else ""),
            f"Order these: {first_few(class_names, 10)}",
        )
    return Scores(np.array([classes.index(name) for name in class_names]), given.kind)


def own_probabilities(
    logits: Float[np.ndarray, "sample class"], kind: names.OutputKind
) -> Float[np.ndarray, "sample class"]:
    """f64: the model's own, of logits that `Scores` made of probabilities of this kind."""
    powers = np.exp(logits.astype(np.float64))
    return powers / (1 + powers) if kind == "independent" else powers


def decimals(probabilities: np.ndarray) -> int | None:
    """To how many decimals they are rounded; None: to none that is seen."""
    values = probabilities.astype(np.float64).ravel()
    values = values[(values > 10.0**-_MOST_DECIMALS / 2) & (values < 1 - 10.0**-_MOST_DECIMALS / 2)]
    if len(values) < _FEWEST:
        return None
    for places in range(1, _MOST_DECIMALS + 1):
        steps = values * 10**places
        if abs(steps - np.rint(steps)).max() < _OFF:
            return places
    return None


def _kind_shown(outputs: Float[np.ndarray, "sample output"], rounding: float) -> names.OutputKind:
    """`rounding` is by how much a row of probabilities may be away from 1 in sum."""
    if outputs.min() < -_ONE or outputs.max() > 1 + _ONE or not outputs.any():  # as of a layer of zeros
        return "logits"
    return "probabilities" if abs(outputs.sum(axis=1) - 1).max() <= rounding else "independent"


_FITTING: Mapping[tuple[names.OutputKind, bool], tuple[names.OutputKind, ...]] = {
    ("auto", False): ("logits", "probabilities"),
    ("logits", False): ("logits", "independent"),  # logits may all lie between 0 and 1
    ("probabilities", False): ("probabilities",),
    ("independent", False): ("independent",),
    ("sigmoid", False): (),
    ("logits", True): ("logits", "independent", "probabilities"),
    ("probabilities", True): ("independent", "probabilities"),
    ("sigmoid", True): ("independent", "probabilities"),
    ("independent", True): (),
}
"""Kinds that outputs may show, by the declared one and whether there is one output for two classes."""
_MUST: Mapping[names.OutputKind, str] = {
    "auto": "A model gives logits, or probabilities that sum to 1; independent ones are declared",
    "logits": "Outputs that are declared as logits are no probabilities yet",
    "probabilities": "Outputs that are declared as probabilities lie in [0, 1], and every row sums to 1",
    "independent": "Outputs that are declared as independent lie in [0, 1] and do not all sum to 1",
    "sigmoid": "An output that is declared as sigmoid is one in [0, 1], the probability of the second of two "
    "classes",
}
_INDEPENDENT = (
    'Set teacher.output.kind = "independent" if each is its class\'s own probability (a sigmoid a class)'
)


def _other_kind(
    declared: names.OutputKind, shown: names.OutputKind, outputs: Float[np.ndarray, "sample output"]
) -> DataError:
    sums, width = outputs.sum(axis=1), outputs.shape[1]
    found = f"{quantity(width, 'output')} from {outputs.min():.3g} to {outputs.max():.3g}"
    if width > 1:
        found += f", with sums from {sums.min():.3g} to {sums.max():.3g}"
    if width == 1:
        action = f'Set teacher.output.kind = "{"logits" if shown == "logits" else "sigmoid"}"'
    elif shown == "independent":
        action = f'{_INDEPENDENT}, or "logits" if they are logits that happen to lie there'
    else:
        action = f'Set teacher.output.kind = "{shown}", or leave it out'
    return DataError(_MUST[declared], found, action)


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
