"""A classifier that the person at the keyboard names in this very command: nothing else is ever imported."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from deepvid import config
from deepvid.adapters.catalogue import open_model
from deepvid.adapters.checking import same_model
from deepvid.adapters.contract import Model
from deepvid.config import Experiment, experiment_from
from deepvid.config.sections.external_model import name_of
from deepvid.config.sections.teacher import TRAINED
from deepvid.errors import ConfigError, StoreError
from deepvid.store import Run


class UserModel(NamedTuple):
    """Where it is, and the object itself where a program holds it."""

    section: config.ExternalModel
    instance: Any = None

    def of(self, experiment: Experiment) -> Experiment:
        """The experiment with what the model is: another model in the same file is another run's."""
        teacher = experiment.teacher
        assert isinstance(teacher, config.ExternalModel)
        return experiment.replaced(teacher=teacher.replaced(sha256=self.section.sha256 or _sum(self.section)))

    @property
    def name(self) -> str:
        """Its name for people."""
        return name_of(self.section)

    def of_run(self, run: Run) -> "UserModel | None":
        """The same with what the run knows that it takes and gives; None where the run explains another."""
        if run.teacher_source != self.section.source:
            return None
        teacher = experiment_from(run.config).teacher
        assert isinstance(teacher, config.ExternalModel)
        places = {
            name: getattr(self.section, name)
            for name in ("path", "entry", "weights")
            if name in type(teacher).model_fields
        }
        known = teacher.replaced(**places)
        return UserModel(known, self.instance) if name_of(known) == name_of(teacher) else None

    @property
    def lives(self) -> bool:
        """Whether it is an object of this process, which no other process can open."""
        return self.instance is not None and not isinstance(self.instance, bytes)

    def open(self, image_shape: tuple[int, int, int], class_names: tuple[str, ...]) -> Model:
        """Loads it. Raises DataError for what is no model of such images."""
        return open_model(self.section, image_shape=image_shape, class_names=class_names, given=self.instance)


registered_models: list[UserModel] = []
"""For the runs of these the engine of this process answers too; it loads no other program."""


def registered_model(run: Run) -> UserModel | None:
    """The one registered last for the classifier of a run; None: none was."""
    known = (named.of_run(run) for named in reversed(registered_models))
    return next(filter(None, known), None)


COMPARED = 64  # images that tell a model from another


def require_same(model: Model, run: Run) -> None:
    """Raises DataError for a model whose answers are not those that a run has."""
    dataset = run.stages["dataset"].open()
    if "image" in dataset:  # of an archive without images nothing can be asked
        require_answers(model, dataset["image"], run.stages["teacher"].open("logits")["logits"])


def require_answers(model: Model, images: Any, logits: Any) -> None:
    """Raises DataError where a model has other answers than `logits`, of arrays or what is read lazily."""
    chosen = np.unique(np.linspace(0, len(logits) - 1, COMPARED).astype(int))
    same_model(model, np.asarray(images[chosen]), np.asarray(logits[chosen]), chosen.tolist())


def require_named(run: Run, what: str, named: UserModel | None) -> UserModel:
    """Raises StoreError where nobody named the classifier of a run."""
    if named is None:
        told = run.stages["teacher"].open().attrs["model"]["name"] if "teacher" in run.stages else "its model"
        raise StoreError(
            f"{what} the classifier itself, which DeepVID loads only when the command names it",
            f"{run.id}, which explains {told} and does not hold it",
            "Name it with --model, an option of deepvid serve, fit-students, tune, evaluate and reproduce",
        )
    return named


def require_at_hand(run: Run, named: UserModel | None) -> None:
    """Raises StoreError for a run whose classifier it does not hold, where nobody names it."""
    if run.teacher_source == TRAINED or run.logged or "teacher" not in run.stages:
        return
    if "model" not in run.stages["teacher"].open():
        require_named(run, "This needs", named)


def named_in(experiment: Experiment, beside: Path | None = None) -> UserModel | None:
    """The classifier that a description names, its files found; None where DeepVID trains it.

    A relative path is from the current folder, or from that of the experiment's file. Raises ConfigError for
    a file that is not there.
    """
    teacher = experiment.teacher
    if not isinstance(teacher, config.ExternalModel):
        return None
    return UserModel(teacher.replaced(**{name: _found(name, path, beside) for name, path in _files(teacher)}))


def _files(section: config.ExternalModel) -> list[tuple[str, Path]]:
    named = ((name, getattr(section, name, None)) for name in ("path", "weights"))
    return [(name, path) for name, path in named if path is not None]


def _found(name: str, path: Path, beside: Path | None) -> Path:
    places = [path.expanduser(), *([] if beside is None else [beside / path])]
    existing = next((place for place in places if place.exists()), None)
    if existing is None:
        raise ConfigError(
            f"teacher.{name} is a file, relative to the current folder or to that of the experiment's file",
            f"no {path}",
            "Correct the path",
        )
    return existing


def _sum(section: config.ExternalModel) -> str | None:
    """sha256 of its files; None of a program alone, which is known by its answers."""
    digest, files = hashlib.sha256(), _files(section)
    for _, path in files:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.read_bytes())
    return digest.hexdigest() if files else None
