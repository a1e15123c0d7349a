"""A Python function from images to logits or probabilities.

With an attribute `gradient` it has slopes too: `gradient(images, outputs)` returns the outputs of all
classes (sample, output) and the derivatives of the asked ones by the images (sample, asked, y, x, channel).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from deepvid import config
from deepvid.adapters.contract import Adapter, Outputs
from deepvid.adapters.entries import FLATTEN, import_object, required
from deepvid.adapters.preparing import first_line
from deepvid.adapters.returned import array_of, scores_in
from deepvid.config import names
from deepvid.errors import DataError
from deepvid.tier import Tier

if TYPE_CHECKING:
    from jaxtyping import Int


def opened(section: config.Function, given: Any) -> Adapter:
    if given is not None:
        return Called(given, getattr(given, "__name__", type(given).__name__), section.version)
    entry = required(section.entry, "teacher.entry", "module:callable")
    return Called(import_object(entry), entry, section.version)


class Called:
    """An `Adapter` of a callable."""

    layout: names.Layout = "NHWC"
    takes: tuple[int | None, ...] | None = None

    def __init__(self, function: Callable[[Any], Any], name: str, version: str | None = None) -> None:
        if not callable(function):
            raise DataError(
                "A function is called with images and returns logits or probabilities",
                f"{name}, which is a {type(function).__name__}",
                "Name a function, as module:callable",
            )
        self.function = function
        self.gradient = getattr(function, "gradient", None)
        self.tier = Tier.GRADIENTS if callable(self.gradient) else Tier.PREDICT
        self.name = name
        self.version = version

    def outputs(self, inputs: np.ndarray) -> Outputs:
        return Outputs(array_of(scores_in(self._returned(inputs))), None)

    def _returned(self, inputs: np.ndarray) -> Any:
        """Raises DataError with the way out for a method of an estimator, most of which take rows."""
        try:
            return self.function(inputs)
        except Exception as error:
            owner = getattr(self.function, "__self__", None)
            if not hasattr(owner, "predict_proba"):
                raise
            raise DataError(
                "A function takes images (sample, y, x, channel)",
                f"{type(owner).__name__}.{self.name}: {type(error).__name__}: {first_line(error)}",
                FLATTEN,
            ) from error

    def outputs_and_slopes(
        self, inputs: np.ndarray, outputs: Int[np.ndarray, " asked"]
    ) -> tuple[np.ndarray, np.ndarray]:
        assert self.gradient is not None
        scores, slopes = map(array_of, self.gradient(inputs, outputs))
        wanted = (len(inputs), len(outputs), *inputs.shape[1:])
        if slopes.shape != wanted:
            raise DataError(
                f"{self.name}.gradient returns outputs and their derivatives, here of shape {wanted}",
                f"shape {slopes.shape}",
                "Return one array of the image's shape for each sample and requested output",
            )
        return scores, slopes

    def digest(self) -> str | None:
        """Of the name and the version: what a function does cannot be read off it."""
        if self.version is None:
            return None
        return hashlib.sha256(f"{self.name} {self.version}".encode()).hexdigest()
