"""The stage that trains the teacher: a snapshot an epoch, then its answers for the training images too."""

from collections.abc import Iterator

import numpy as np
import xarray as xr

from deepvid import config, fields, models, training
from deepvid.metrics import LISTED
from deepvid.pipeline.epochs import FLOAT, MOMENTS, State, in_epochs, train_series
from deepvid.pipeline.external_teacher import external_teacher_stage
from deepvid.pipeline.stage import Family, GroupStage, Images, Result, StageContext, load_images
from deepvid.progress import Progress
from deepvid.store import dataset_of


def teacher_stage(section: config.Teacher, *, seed: int) -> GroupStage:
    """Trains from where the last committed epoch left off."""

    def work(context: StageContext) -> Result:
        images, labels = load_images(context), context.open("dataset", "label")["label"].to_numpy()
        context.progress.foretell(in_epochs(section.epochs, images), size=_bytes(section, images))
        training_share = _training_share(section.epochs, images.test)

        def train(state: State | None) -> Iterator[training.Snapshot]:
            return training.train_teacher(
                section,
                images.image,
                labels,
                images.test,
                images.class_names,
                seed=seed,
                state=None if state is None else dict(state),
                progress=context.progress.part(0, training_share, 1),
            )

        parameters, metrics = train_series(
            context,
            "teacher",
            epochs=section.epochs,
            train=train,
            group=lambda snapshot: _epoch(
                snapshot.parameters, snapshot.test_logits, snapshot.test_features, images
            ),
        )
        progress = context.progress.part(training_share, 1, 1)
        answers = _answers(section, images, parameters, _last_epoch(context), progress)
        return Result(answers, {name: metrics[name] for name in LISTED})

    return GroupStage(
        name="teacher",
        needs=("dataset",),
        section=section,
        seed=seed,
        version=1,
        work=work,
        listed=LISTED,
    )


def _bytes(section: config.Teacher, images: Images) -> int:
    """Of every epoch with its answers for the test images, of the last state, and of the answers for all."""
    count, features = models.network_size(
        section.network, image_shape=images.shape, classes=len(images.class_names)
    )
    answers = len(images.class_names) + features
    epoch = count + int(images.test.sum()) * answers
    return FLOAT * (section.epochs * epoch + MOMENTS * count + count + len(images.test) * answers)


def _training_share(epochs: int, test: np.ndarray) -> float:
    """Of the stage's time: to train on an image costs about three times what it costs to label it."""
    testing = np.count_nonzero(test)
    training = len(test) - testing
    trained = epochs * (3 * training + testing)
    return trained / (trained + training)


def _last_epoch(context: StageContext) -> xr.Dataset:
    series = context.run.series("teacher")
    assert series is not None  # just trained
    return series.open("test_logits", "test_features").isel(epoch=-1)


def _answers(
    section: config.Teacher, images: Images, parameters: np.ndarray, last: xr.Dataset, progress: Progress
) -> xr.Dataset:
    """For every image; the last epoch has those for the test images already."""
    classifier = models.restore(
        section.network, image_shape=images.shape, class_names=images.class_names, vector=parameters
    )
    answers = training.predict(classifier, images.image[~images.test], progress=progress)
    predictions = training.Predictions(
        _merged(images.test, last["test_logits"].to_numpy(), answers.logits),
        _merged(images.test, last["test_features"].to_numpy(), answers.features),
    )
    return dataset_of(
        fields.TEACHER,
        {**predictions._asdict(), "parameters": parameters},
        {
            "network": section.network.model_dump(mode="json"),
            "class_names": list(images.class_names),
            "image_shape": list(images.shape),
            "parameter_layout": models.layout(classifier),
        },
    )


def _merged(test: np.ndarray, tested: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """Rows of all images from those of the test images and of the others."""
    merged = np.empty((len(test), *tested.shape[1:]), tested.dtype)
    merged[test], merged[~test] = tested, trained
    return merged


def _epoch(
    parameters: np.ndarray, test_logits: np.ndarray, test_features: np.ndarray, images: Images
) -> xr.Dataset:
    return dataset_of(
        fields.TEACHER_EPOCH,
        {
            "parameters": parameters,
            "test_logits": test_logits,
            "test_features": test_features,
            "sample": images.test_samples,
        },
    )


TEACHER = Family(
    config.Teacher,
    lambda experiment: (
        [teacher_stage(experiment.teacher, seed=experiment.seed)]
        if isinstance(experiment.teacher, config.Teacher)
        else [external_teacher_stage(experiment.teacher, experiment.dataset, seed=experiment.seed)]
    ),
    fields.TEACHER,
)
