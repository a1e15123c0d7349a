"""A run opened to ask its models about its images."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from pydantic import TypeAdapter, ValidationError

from deepvid import config, models, training
from deepvid.adapters import contract
from deepvid.adapters.contract import Answers, Model
from deepvid.adapters.preparing import Prepared
from deepvid.config import experiment_from
from deepvid.config.faults import describe
from deepvid.errors import ConfigError, StoreError
from deepvid.fitted import fitted
from deepvid.metrics import runner_up
from deepvid.models import VAE, Classifier, LayeredClassifier
from deepvid.network.spaces import Latents
from deepvid.pipeline.user_model import UserModel, require_named, require_same
from deepvid.progress import SILENT, Progress
from deepvid.store import Address, Run, open_run
from deepvid.tier import Tier

MOST_COLORS = 2000  # images that tell the mean color
SOME = 48  # training images that stand for the others


@dataclass(frozen=True, eq=False)
class TrainedRun:
    """A run with its models and images, each read when it is first needed. It is opened once and handed on.

    A model that is not committed yet, or not to be had, raises StoreError.
    """

    run: Run
    user_model: UserModel | None = None  # the classifier that a person named

    @classmethod
    def open(cls, address: Address, named: UserModel | None = None) -> "TrainedRun":
        """Of a run's folder or archive."""
        return cls(open_run(address), named)

    @cached_property
    def teacher(self) -> Classifier | Model:
        """Restored, read from the file that the run holds, or else the one that a person named."""
        group = self._group("teacher")
        if "model" not in group.attrs:
            return self.network
        shape, class_names = tuple(group.attrs["image_shape"]), tuple(group.attrs["class_names"])
        section = experiment_from(self.run.config).teacher
        if self.user_model is None and "model" in group and isinstance(section, config.Onnx):
            return UserModel(section, group["model"].to_numpy().tobytes()).open(shape, class_names)  # data
        model = require_named(self.run, "This needs", self.user_model).open(shape, class_names)
        require_same(model, self.run)
        if isinstance(model, Prepared) and group.attrs.get("tier") == Tier.PREDICT.word:
            return model.without_gradients()  # whatever its framework offers: its slopes were tried
        return model

    @cached_property
    def network(self) -> LayeredClassifier:
        """The teacher where it is one of our own, whose layers can be looked into."""
        group = self._group("teacher")
        if "network" not in group.attrs and "model" in group.attrs:
            raise StoreError(
                "This needs the layers of a network that DeepVID trained",
                f"{self.run.id}, which explains {group.attrs['model']['name']}",
                "Use its map, its students and its confusions, which need no layers",
            )
        group = self._group("teacher", "parameters", "network", "image_shape", "class_names")
        return models.restore(
            self._settings(config.Network, group.attrs["network"]),
            image_shape=tuple(group.attrs["image_shape"]),
            class_names=tuple(group.attrs["class_names"]),
            vector=group["parameters"].to_numpy(),
        )

    @cached_property
    def vae(self) -> VAE:
        group = self._group("vae", "parameters", "settings", "image_shape")
        return models.restore_vae(
            self._settings(config.Vae, group.attrs["settings"]),
            image_shape=tuple(group.attrs["image_shape"]),
            vector=group["parameters"].to_numpy(),
        )

    @cached_property
    def scale(self) -> np.ndarray:
        """(latent,): standard deviation of the latent means over the training images."""
        return self._group("vae", "scale")["scale"].to_numpy()

    @property
    def latents(self) -> Latents:
        return Latents(self.vae, self.scale)

    def band(self, settings: config.Students) -> np.ndarray:
        """In absolute units, float32 (latent,). Raises `ConfigError` where the lengths differ."""
        band = np.asarray(settings.band, np.float32)
        if band.ndim and len(band) != len(self.scale):
            raise ConfigError(
                f"students.band is one number, or one for each of the {len(self.scale)} latents",
                f"{len(band)} numbers",
                "Give as many as there are latents, or one",
            )
        return np.broadcast_to(band * self.scale, self.scale.shape).astype(np.float32)

    @cached_property
    def mean_color(self) -> np.ndarray:
        """float32 (channel,) of the training images, 0 to 1."""
        dataset = self.run.stages["dataset"].open("image", "test")
        training = np.flatnonzero(fitted(dataset["test"].to_numpy()))[:MOST_COLORS]
        colors = dataset["image"].isel(sample=training).to_numpy().mean(axis=(0, 1, 2)) / 255
        return np.asarray(colors, np.float32)

    @cached_property
    def some_training_images(self) -> np.ndarray:
        """uint8 (draw, y, x, channel): some that the models were fitted to, drawn at random."""
        test = self.run.stages["dataset"].open("test")["test"].to_numpy()
        random = np.random.default_rng(0)
        return self.images(np.sort(random.permutation(np.flatnonzero(fitted(test)))[:SOME]).tolist())

    def nearest_of_another_class(self, samples: Sequence[int]) -> np.ndarray:
        """float32 (sample, y, x, channel) in [0, 1]: to each the nearest of the images that the models were
        fitted to and that get another class, by the means of their latents; nan where there is none.
        """
        shape = self.run.stages["dataset"].open("image")["image"].shape[1:]
        found = np.full((len(samples), *shape), np.nan, np.float32)
        if "vae" not in self.run.stages or not len(samples):
            return found
        test = self.run.stages["dataset"].open("test")["test"].to_numpy()
        candidates = np.flatnonzero(fitted(test))
        given = self._group("teacher", "logits")["logits"].to_numpy().argmax(axis=1)
        means = self._group("vae", "mean")["mean"].to_numpy() / np.maximum(self.scale, np.float32(1e-6))
        known = means[candidates]
        for place, sample in enumerate(samples):
            distance = ((known - means[sample]) ** 2).sum(axis=1)
            distance[given[candidates] == given[sample]] = np.inf
            nearest = int(distance.argmin())
            if np.isfinite(distance[nearest]):
                found[place] = self.image(int(candidates[nearest])) / np.float32(255)
        return found

    def image(self, sample: int) -> np.ndarray:
        """uint8 (y, x, channel). Raises ConfigError where the run has no such sample."""
        self.require_samples([sample])
        return np.asarray(self.run.stages["dataset"].open("image")["image"][sample].to_numpy())

    def images(self, samples: Sequence[int]) -> np.ndarray:
        """The same of several, uint8 (sample, y, x, channel); StoreError where the run has no images."""
        self.require_images()
        self.require_samples(samples)
        image = self.run.stages["dataset"].open("image")["image"]
        return np.asarray(image.isel(sample=list(samples)).to_numpy())

    def labels(self, samples: Sequence[int]) -> np.ndarray:
        """int32 (sample,): what answers are held against: the labels or, without any, the runners-up."""
        dataset = self.run.stages["dataset"].open()
        if "label" in dataset:
            return np.asarray(dataset["label"].isel(sample=list(samples)).to_numpy())
        logits = self.run.stages["teacher"].open("logits")["logits"]
        return runner_up(logits.isel(sample=list(samples)).to_numpy())

    def contrast(self, sample: int) -> tuple[int, int]:
        """The two classes in question: predicted and true, or predicted and runner-up where it is right."""
        self.require_samples([sample])
        logits = self._group("teacher", "logits")["logits"][sample : sample + 1].to_numpy()
        (label,), (predicted,), (second,) = self.labels([sample]), logits.argmax(axis=1), runner_up(logits)
        return int(predicted), int(second if label == predicted else label)

    def require_images(self) -> None:
        """Raises StoreError for a run that was archived without images."""
        if "image" not in self.run.stages["dataset"].open():
            raise StoreError(
                "Students are fitted around the images of a run",
                f"{self.run.id} was archived without its images",
                "Run its experiment again in this store: it reads only the images again",
            )

    def require_samples(self, samples: Sequence[int]) -> None:
        """Raises ConfigError for a number that no sample of the run has."""
        stages = self.run.stages
        count = stages["dataset"].open("test").sizes["sample"] if "dataset" in stages else 0
        if absent := [sample for sample in samples if not 0 <= sample < count]:
            raise ConfigError(
                f"Samples of {self.run.id} are numbered from 0 and below {count}",
                f"{absent[0]}",
                "Ask for one of them",
            )

    def _group(self, stage: str, *needed: str) -> xr.Dataset:
        if stage == "teacher":
            require_model(self.run, "This needs")
        if stage not in self.run.stages:
            raise StoreError(
                "Students need a trained teacher and a trained VAE",
                f"run {self.run.id} has no committed stage {stage!r}",
                "Continue the run first: deepvid run EXPERIMENT.toml --store STORE",
            )
        return self.run.stages[stage].open(*needed)

    def _settings(self, kind: Any, stored: Any) -> Any:
        try:
            return TypeAdapter(kind).validate_python(stored)
        except ValidationError as error:
            raise StoreError(
                f"The models of {self.run.id} have settings that this DeepVID knows",
                "; ".join(describe(error)),
                "Use the version that trained them, which its provenance names: deepvid show RUN --json",
            ) from error


def require_model(run: Run, what: str) -> None:
    """Raises `StoreError` for a run that has its classifier's answers alone: logged, or of a table."""
    if run.logged:
        raise StoreError(
            f"{what} the classifier itself",
            f"{run.id}, which another program trained and logged: it has that classifier's answers",
            "Train one here on the same images: deepvid run my.toml. A map and time travel need no more",
        )
    if run.teacher_source == "predictions":
        raise StoreError(
            f"{what} the classifier itself",
            f"{run.id}, which explains a table of its answers",
            "Explain the model itself: deepvid explain model.onnx --images photos",
        )


def require_ended(run: Run) -> None:
    """Raises `StoreError` for a run that is logged, and has no teacher before its training ends."""
    if run.logged and "teacher" not in run.stages:
        raise StoreError(
            "A logged training has its teacher once it has ended",
            f"{run.id}, which has not ended",
            f"Wait for it; if it was interrupted, continue with deepvid.log_run(..., resume={run.id!r})",
        )


def answers_of(teacher: Classifier | Model, images: np.ndarray, *, progress: Progress = SILENT) -> Answers:
    """Of uint8 images (sample, y, x, channel)."""
    if isinstance(teacher, Model):
        return contract.answers_of(teacher, images, progress=progress)
    return Answers(*training.predict(teacher, images, progress=progress))
