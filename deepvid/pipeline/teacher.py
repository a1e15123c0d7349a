"""The stage that trains the teacher: a snapshot an epoch, then its answers for every image."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from deepvid import config, models, training
from deepvid.pipeline.epochs import State, train_series
from deepvid.pipeline.images import Images, load_images
from deepvid.pipeline.stage import Bench, Stage, settings_of

METRICS = ("test_accuracy", "test_loss", "calibration_error")  # of the last epoch, which describe the run

TRAINING = 0.97  # the share of the stage's time that training takes


def teacher_stage(section: config.Teacher, *, seed: int) -> Stage:
    """Trains from where the last committed epoch left off."""

    def work(bench: Bench) -> None:
        images = load_images(bench)

        def train(state: State | None) -> Iterator[training.Snapshot]:
            return training.train_teacher(
                section,
                images.image,
                images.label,
                images.test,
                images.class_names,
                seed=seed,
                state=None if state is None else dict(state),
                progress=bench.progress.part(0, TRAINING, 1),
            )

        parameters, metrics = train_series(
            bench,
            "teacher",
            epochs=section.epochs,
            train=train,
            group=lambda snapshot: _epoch(
                snapshot.parameters, snapshot.test_logits, snapshot.test_features, images
            ),
        )
        bench.commit(_answers(section, images, parameters, bench), {name: metrics[name] for name in METRICS})

    return Stage("teacher", ("dataset",), settings_of(section, seed), 1, work, listed=METRICS)


def _answers(section: config.Teacher, images: Images, parameters: np.ndarray, bench: Bench) -> xr.Dataset:
    classifier = models.restore(
        section.network, image_shape=images.shape, class_names=images.class_names, vector=parameters
    )
    predictions = training.predict(classifier, images.image, progress=bench.progress.part(TRAINING, 1, 1))
    return xr.Dataset(
        {
            "logits": (["sample", "class"], predictions.logits),
            "features": (["sample", "feature"], predictions.features),
            "parameters": ("parameter", parameters),
        },
        attrs={
            "network": section.network.model_dump(mode="json"),
            "class_names": list(images.class_names),
            "image_shape": list(images.shape),
        },
    )


def _epoch(
    parameters: np.ndarray, test_logits: np.ndarray, test_features: np.ndarray, images: Images
) -> xr.Dataset:
    return xr.Dataset(
        {
            "parameters": ("parameter", parameters),
            "test_logits": (["sample", "class"], test_logits),
            "test_features": (["sample", "feature"], test_features),
        },
        coords={"sample": ("sample", images.test_samples)},
    )
