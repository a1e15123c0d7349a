"""A teacher's epochs as maps need them: as a run stores them, or computed from its parameters."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Float, Int

from deepvid import config, models, training
from deepvid.config import experiment_from
from deepvid.errors import StoreError
from deepvid.progress import SILENT, Progress
from deepvid.store import Run
from deepvid.timetravel.boundary import boundary_features, boundary_images
from deepvid.timetravel.contract import Epoch, Head, linear

Answers = training.Predictions


class Past(NamedTuple):
    """One epoch. Samples are training images in use, with the names they have in the run."""

    epoch: Epoch
    logits: Float[np.ndarray, "sample class"]
    held: Float[np.ndarray, "boundary feature"]  # of boundary points that no map is fitted to
    tested: Answers  # of the test images on the map


class Drawn(NamedTuple):
    """Which images of a run are on its maps: by name, in order."""

    training: Int[np.ndarray, " training"]
    test: Int[np.ndarray, " test"]

    @classmethod
    def of(cls, run: Run, section: config.TimeTravel, *, seed: int) -> "Drawn":
        test = run.stages["dataset"].open("test")["test"].to_numpy()
        rng = np.random.default_rng(seed)
        kinds = (np.flatnonzero(~test), section.training), (np.flatnonzero(test), section.test)
        return cls(
            *(np.sort(rng.choice(names, min(most, len(names)), replace=False)) for names, most in kinds)
        )


class History:
    """The committed epochs of a run's teacher."""

    def __init__(self, run: Run, drawn: Drawn) -> None:
        """Raises `StoreError` for a run that has neither parameters nor features of its epochs."""
        self._series, self._run, self.drawn = _epochs(run, "test_logits", "test_features"), run, drawn
        logged = "training_features" in self._series
        if not logged and "parameters" not in self._series:
            raise StoreError(
                "A map of every epoch needs the teacher's parameters, to ask it about training images",
                f"{run.id}, which was archived without them",
                "Open the run itself, or archive it with its parameters",
            )
        self._tested_rows = np.searchsorted(self._series["sample"].to_numpy(), drawn.test)
        dataset = run.stages["dataset"].open("label")
        self.label = dataset["label"].to_numpy()
        self.tested_label = self.label[drawn.test]
        self._answered = self._recorded if logged else self._computed()

    def __len__(self) -> int:
        return int(self._series.sizes["epoch"])

    @property
    def class_names(self) -> list[str]:
        return list(self._run.stages["dataset"].open("class_names").attrs["class_names"])

    def past(self, number: int, *, boundary: int, seed: int, progress: Progress = SILENT) -> Past:
        """Epoch `number`, from 0, with this many boundary points to fit and as many to measure."""
        progress.update(0, 1, "asking the teacher")
        names, answers, head, between = self._answered(number, progress)
        drawn_with = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
        found = between(answers, 2 * boundary, drawn_with)
        rows = np.random.default_rng(drawn_with).permutation(len(found))
        fitted, held = found[rows[: len(found) // 2]], found[rows[len(found) // 2 :]]
        epoch = Epoch(names, answers.features, fitted, head)
        return Past(epoch, answers.logits, held, self.tested(number))

    def tested(self, number: int) -> Answers:
        """Answers of the teacher to the test images at epoch `number`."""
        epoch = self._series.isel(epoch=number, sample=self._tested_rows)
        return Answers(epoch["test_logits"].to_numpy(), epoch["test_features"].to_numpy())

    def _recorded(self, number: int, progress: Progress) -> "_Answered":
        """Of a training that was logged: rows without numbers were not in use."""
        epoch, head = self._series.isel(epoch=number), _logged_head(self._run, self._series, number)
        features = epoch["training_features"].to_numpy()[self.drawn.training]
        logits = epoch["training_logits"].to_numpy()[self.drawn.training]
        used = np.isfinite(features).all(axis=1)

        def between(answers: Answers, points: int, seed: int) -> np.ndarray:
            return boundary_features(head, answers.features, points, seed=seed).features

        return _Answered(self.drawn.training[used], Answers(logits[used], features[used]), head, between)

    def _computed(self) -> Callable[[int, Progress], "_Answered"]:
        """From the parameters of an epoch; its boundary is searched between training images."""
        dataset = self._run.stages["dataset"].open("image")
        images = dataset["image"].isel(sample=self.drawn.training).to_numpy()

        def answered(number: int, progress: Progress) -> _Answered:
            classifier = classifier_at(self._run, self._series, number)
            answers = training.predict(classifier, images, progress=progress.part(0, 0.4, 1))

            def between(answers: Answers, points: int, seed: int) -> np.ndarray:
                return boundary_images(
                    partial(training.predict, classifier),
                    images,
                    answers.logits,
                    points,
                    seed=seed,
                    progress=progress.part(0.4, 1, 1),
                ).features

            return _Answered(self.drawn.training, answers, _head(classifier, answers.features), between)

        return answered


def head_at(run: Run, number: int) -> Head:
    """The last dense layer of a run's teacher at epoch `number`, from 0. Raises `StoreError` without one."""
    epochs = _epochs(run, "test_features")
    if "parameters" not in epochs:
        return _logged_head(run, epochs, number)
    return _head(classifier_at(run, epochs, number), epochs["test_features"])


def _epochs(run: Run, *needed: str) -> xr.Dataset:
    series = run.series("teacher")
    if series is None:
        raise StoreError(
            "A map of every epoch needs the epochs of the teacher",
            f"{run.id}, which has none of them",
            "Open the run itself, or an archive that was made with everything",
        )
    return series.open(*needed)


def _logged_head(run: Run, epochs: xr.Dataset, number: int) -> Head:
    if "head_weight" not in epochs:
        raise StoreError(
            "A map of every epoch needs the last dense layer, which decides on the features",
            f"{run.id}, which has neither it nor the parameters",
            "Log each epoch with head=(weight, bias); of an archive, open the run itself",
        )
    parts = [epochs[f"head_{part}"][number].to_numpy() for part in ("weight", "bias")]
    if not all(np.isfinite(part).all() for part in parts):
        raise StoreError(
            "A map of every epoch needs the last dense layer at each of them",
            f"{run.id}, whose network did not show it at epoch {number + 1}",
            "Log each epoch with head=(weight, bias): run.epoch(logits=..., features=..., head=...)",
        )
    return Head(*map(jnp.asarray, parts))


def classifier_at(run: Run, epochs: xr.Dataset, number: int) -> models.Classifier:
    """The teacher that a run has trained, after epoch `number` of its series, from 0."""
    teacher = experiment_from(run.config).teacher
    assert isinstance(teacher, config.Teacher)  # no other has parameters
    return models.restore(
        teacher.network,
        image_shape=_image_shape(run),
        class_names=run.class_names,
        vector=epochs["parameters"][number].to_numpy(),
    )


def _image_shape(run: Run) -> tuple[int, int, int]:
    """As the teacher says, which an archive without images has, too; while it is trained, as the images."""
    if "teacher" in run.stages:
        y, x, channel = run.stages["teacher"].open("image_shape").attrs["image_shape"]
    else:
        y, x, channel = run.stages["dataset"].open("image")["image"].shape[1:]
    return y, x, channel


def _head(classifier: models.Classifier, features: Any) -> Head:
    """Of a classifier with so many features."""
    return linear(partial(_decided, classifier), features.shape[-1])


def _decided(classifier: models.Classifier, features: np.ndarray) -> jax.Array:
    return classifier.head(jnp.asarray(features))


class _Answered(NamedTuple):
    names: Int[np.ndarray, " sample"]
    answers: Answers
    head: Head
    between: Callable[[Answers, int, int], np.ndarray]  # so many boundary points' features, with a seed
