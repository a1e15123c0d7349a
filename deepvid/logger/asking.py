"""Answers of a model to the images of a training that is logged, where the program gives the model itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from deepvid import config
from deepvid.adapters.catalogue import open_model, section_of
from deepvid.adapters.checking import check_finite
from deepvid.adapters.contract import answers_of
from deepvid.adapters.parameters import as_parameter, respell_errors
from deepvid.adapters.preparing import Prepared
from deepvid.config.reading import experiment_from
from deepvid.config.sections.external_model import settings_of, teacher_settings
from deepvid.errors import ConfigError

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

_ROWS = 4  # images for each number of the last layer's, from which it is told
_PROBED = 100  # images that tell of which kind the outputs are
_EXACT = 1e-3  # standard deviations of the logits that the layer found may be away from them


class ModelOutputs(NamedTuple):
    """As `LoggedRun.epoch` takes them."""

    logits: Float[np.ndarray, "sample class"]
    features: Float[np.ndarray, "sample feature"] | None  # None: it shows none
    head: tuple[np.ndarray, np.ndarray] | None  # weights (feature, class) and bias; None: not told


@respell_errors(as_parameter)
def check_settings(given: Mapping[str, Any]) -> None:
    """Raises ConfigError for what no model takes or gives, or time travel cannot follow."""
    if given.get("kind") == "independent":
        raise ConfigError(
            "A logged training has one label an image: its maps compare classes by a softmax",
            'kind="independent"',
            "Explain the trained model instead: deepvid.explain takes independent classes",
        )
    experiment_from(
        {"name": "model", "teacher": {"source": "torch", **teacher_settings(given)}},
        origin="what log_run was given",
    )


@respell_errors(as_parameter)
def ask(
    model: Any,
    images: UInt8[np.ndarray, "sample y x channel"],
    class_names: tuple[str, ...],
    given: Mapping[str, Any],
) -> ModelOutputs:
    """In evaluation mode; a module of PyTorch is left in the mode that it was in. Raises DataError."""
    described = {**settings_of(section_of(model)), **teacher_settings(given)}
    named = {"name": "model", "teacher": described}
    section = experiment_from(named, origin="what log_run was given").teacher
    assert isinstance(section, config.ExternalModel)  # `section_of` describes no other
    y, x, channels = images.shape[1:]
    opened = open_model(
        section,
        image_shape=(y, x, channels),
        class_names=class_names,
        given=None if isinstance(model, str) or hasattr(model, "__fspath__") else model,
    )
    answers = answers_of(opened, images)
    check_finite(answers.logits, np.arange(len(images)), len(images))
    opened.checked_answers(
        images[np.unique(np.linspace(0, len(images) - 1, _PROBED).astype(int))].astype(np.float32) / 255
    )
    head = None if answers.features is None else _head(opened, answers.logits, answers.features)
    return ModelOutputs(answers.logits, answers.features, head)


def _head(
    model: Prepared, logits: Float[np.ndarray, "sample class"], features: Float[np.ndarray, "sample feature"]
) -> tuple[np.ndarray, np.ndarray] | None:
    """The layer that the model shows, or the affine map from features to logits by least squares, where there
    is one and images enough to tell.
    """
    if (shown := model.head) is not None:
        return shown
    count, width = features.shape
    if model.kind != "logits" or count < 2 * (width + 1):
        return None
    chosen = np.unique(np.linspace(0, count - 1, _ROWS * (width + 1)).astype(int))
    inputs = np.hstack([features[chosen], np.ones((len(chosen), 1))]).astype(np.float64)
    found = np.linalg.lstsq(inputs, logits[chosen].astype(np.float64), rcond=1e-9)[0]
    off = abs(features @ found[:-1] + found[-1] - logits).max()
    if not off <= _EXACT * max(float(logits.std()), 1e-3):
        return None
    return found[:-1].astype(np.float32), found[-1].astype(np.float32)
