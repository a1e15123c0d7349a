"""`explain`: three lines at the end of a training script, and its model has a dashboard."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import xarray as xr

from deepvid import config
from deepvid.adapters.catalogue import section_of
from deepvid.adapters.parameters import as_parameter, respell_errors
from deepvid.cli.console import listening
from deepvid.cli.printing import open_console
from deepvid.config import Experiment, experiment_from
from deepvid.config.experiment import with_enough_steps
from deepvid.config.sections.dataset import LARGEST
from deepvid.config.sections.external_model import named_after, settings_of, teacher_settings
from deepvid.datasets.conversion import pixels_of
from deepvid.datasets.originals import Larger
from deepvid.logger.samples import Samples, array_of, samples_of, unlabeled_samples, with_columns
from deepvid.pipeline.checked import UNNAMED, numbered_classes
from deepvid.pipeline.runner import RunOptions, run_experiment
from deepvid.pipeline.user_model import UserModel, named_in, registered_models
from deepvid.store import Run, open_run

NONE: Mapping[str, Any] = {}
WHERE = "what was given to explain"
PROBED = 500  # images that tell a function from another


@respell_errors(as_parameter)
def explain(
    model: Any,
    images: Any,
    labels: Any = None,
    class_names: Sequence[str] | None = None,
    *,
    test: Any = None,
    meta: Any = None,
    name: str | None = None,
    store: str | Path = "runs",
    settings: Mapping[str, Any] = NONE,
    **given: Any,
) -> Run:
    """A run that explains `model`, which is asked as it stands and never trained.

    `model` is a PyTorch or Keras module, a Flax module (NNX, or a bound Linen one), a function from images
    to logits, or the path of a file that `deepvid explain` takes. `images` are (sample, y, x) or (sample, y,
    x, channel), also with the channels first; bytes, or floats from 0 to 1. `labels` are one a sample,
    indices or names; None: nobody labeled them, the model's class is explained against its runner-up, and
    `class_names`, where they are not given, are "0", "1", ... of the model's outputs. `test` says which are
    test images, by a mask (sample,) or by their rows; None: all are, and what is fitted to images sees them
    all. `meta` are further columns, such as age or hospital: a pandas frame, a dict of arrays or an xarray
    Dataset, one value an image in the order of the images. `given` is what the model takes and gives, of
    `deepvid.config.Input` and `deepvid.config.Output`: mean, std, range, layout, channels, size, kind,
    classes; and features, weights, version of its own kind.
    `settings` are those of an experiment, by section.

    The same call again continues the run. Raises DataError and ConfigError for what cannot be used.
    """
    larger = _larger(images)
    if larger is not None:
        given.setdefault("size", list(larger.shape[1:3]))
    at_path = isinstance(model, str | Path)
    found = settings_of(section_of(model, weights=given.pop("weights", None)))
    experiment = experiment_from(
        {
            **settings,
            "name": name or (named_after(model) if at_path else "model"),
            "dataset": {"source": "given"},
            "teacher": {**found, **teacher_settings(given)},
        },
        origin="what explain was given",
    )
    taken = None if at_path else model
    if labels is None:
        samples = _unlabeled(images, test, class_names, _named(experiment, taken))
    else:
        samples = samples_of(images, labels, test, class_names, every=test is None, where=WHERE)
    samples = with_columns(samples, meta)
    dataset = experiment.dataset.replaced(
        sha256=hashlib.sha256(samples.key().encode()).hexdigest(),
        classes=samples.class_names if samples.label is None else None,
    )
    return _run(
        with_enough_steps(experiment).replaced(dataset=dataset),
        taken,
        samples.group("given"),
        None if larger is None else Larger(larger, samples.order),
        Path(store),
    )


def _larger(images: Any) -> np.ndarray | None:
    """The images as they were given, uint8 (sample, y, x, channel), where they are stored smaller."""
    array = None if images is None else array_of(images, "Images")
    if array is None or max(array.shape[1:], default=0) <= LARGEST:
        return None
    whole = pixels_of(array, WHERE).images
    return whole if max(whole.shape[1:3]) > LARGEST else None


def _unlabeled(images: Any, test: Any, class_names: Sequence[str] | None, named: UserModel) -> Samples:
    """With the classes that were named, in the order of the model where it has one, else numbered."""
    known = class_names or named.section.output.classes
    samples = unlabeled_samples(images, test, known or UNNAMED, every=test is None, where=WHERE)
    if known:
        return samples
    assert samples.image is not None
    return samples._replace(class_names=numbered_classes(named, samples.image))


def _named(experiment: Experiment, model: Any) -> UserModel:
    found = named_in(experiment)
    assert found is not None  # `section_of` names none that DeepVID trains
    return UserModel(found.section, model)


def _run(experiment: Experiment, model: Any, group: xr.Dataset, originals: Larger | None, store: Path) -> Run:
    named = _named(experiment, model)
    if model is not None:
        named = UserModel(_known(named.section, model, group), model)
    with listening(open_console()) as listener:
        options = RunOptions(listener, Event(), user_model=named, images=group, originals=originals)
        run = open_run(run_experiment(named.of(experiment), store, options))
    registered_models.append(named)
    return run


def _known(section: config.ExternalModel, model: Any, group: xr.Dataset) -> config.ExternalModel:
    """With what tells the object from others: its weights, or of a function what it takes the images for."""
    images, names = group["image"].to_numpy(), tuple(group.attrs["class_names"])
    y, x, channels = images.shape[1:]
    opened = UserModel(section, model).open((y, x, channels), names)
    digest = opened.digest()
    if digest is None:
        chosen = np.unique(np.linspace(0, len(images) - 1, PROBED).astype(int))
        taken = opened.answers(images[chosen].astype(np.float32) / 255).logits.argmax(axis=1)
        digest = hashlib.sha256(taken.astype(np.int32).tobytes()).hexdigest()
    return section.replaced(sha256=digest)
