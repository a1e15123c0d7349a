"""The stage that trains the teacher: a snapshot an epoch, then its answers for the training images too."""

from functools import partial

import numpy as np
import xarray as xr

from deepvid import config, fields, models, training
from deepvid.metrics import LISTED
from deepvid.pipeline.epochs import FLOAT, MOMENTS, grow_series, in_epochs
from deepvid.pipeline.external_teacher import external_teacher_stage
from deepvid.pipeline.stage import Family, GroupStage, Images, Result, StageContext, load_images
from deepvid.pipeline.training_record import training_record
from deepvid.progress import Progress
from deepvid.store import LiveSteps, dataset_of
from deepvid.stored_training import alarm_summary


def teacher_stage(section: config.Teacher, *, seed: int) -> GroupStage:
    """Trains from where the last committed epoch left off."""

    def work(context: StageContext) -> Result:
        images, labels = load_images(context), context.open("dataset", "label")["label"].to_numpy()
        context.progress.foretell(in_epochs(section.trained_epochs, images), size=_bytes(section, images))
        share, live = _training_share(section.trained_epochs, images.test), LiveSteps(context.run.path)
        train = partial(
            training.train_teacher,
            *(section, images.image, labels, images.test, images.class_names),
            seed=seed,
            progress=context.progress.part(0, share, 1),
            live=live.add,
        )
        try:
            series = grow_series(
                context,
                "teacher",
                epochs=section.trained_epochs,
                train=train,
                group=partial(_epoch, images),
                record=training_record(context, section.trained_epochs),
            )
        finally:
            live.close()
        last = series.open("parameters", "test_logits", "test_features").isel(epoch=-1)
        answers = _answers(section, images, last, context.progress.part(share, 1, 1))
        return Result(answers, {name: series.metrics[-1][name] for name in LISTED})

    return GroupStage(
        name="teacher",
        needs=("dataset",),
        section=section,
        seed=seed,
        work=work,
        listed=LISTED,
        recap=alarm_summary,
    )


def _bytes(section: config.Teacher, images: Images) -> int:
    """Of every epoch with its answers for the test images, of the last state, and of the answers for all."""
    count, features = models.network_size(
        section.network, image_shape=images.shape, classes=len(images.class_names)
    )
    answers = len(images.class_names) + features
    epoch = count + int(images.test.sum()) * answers
    return FLOAT * (section.trained_epochs * epoch + MOMENTS * count + count + len(images.test) * answers)


def _training_share(epochs: int, test: np.ndarray) -> float:
    """Of the stage's time: to train on an image costs about three times what it costs to label it."""
    testing = np.count_nonzero(test)
    training = len(test) - testing
    trained = epochs * (3 * training + testing)
    return trained / (trained + training)


def _answers(section: config.Teacher, images: Images, last: xr.Dataset, progress: Progress) -> xr.Dataset:
    """For every image; the last epoch has those for the test images already."""
    parameters = last["parameters"].to_numpy()
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


def _epoch(images: Images, snapshot: training.Snapshot) -> xr.Dataset:
    names = ("parameters", "test_logits", "test_features")
    answers = {name: getattr(snapshot, name) for name in names}
    return dataset_of(fields.TEACHER_EPOCH, {**answers, "sample": images.test_samples})


TEACHER = Family(
    config.Teacher,
    lambda experiment: (
        [teacher_stage(experiment.teacher, seed=experiment.seed)]
        if isinstance(experiment.teacher, config.Teacher)
        else [external_teacher_stage(experiment.teacher, experiment.dataset, seed=experiment.seed)]
    ),
    fields.TEACHER,
)
