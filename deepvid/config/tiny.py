"""The same experiment with everything small: every stage runs, in seconds, and nothing is learned well."""

from typing import Any, TypeVar

from deepvid.config.experiment import (
    Dataset,
    Experiment,
    Mlp,
    Network,
    Projection,
    ResNet,
    ResNet50,
    Section,
    Students,
    Teacher,
    Vae,
)

_S = TypeVar("_S", bound=Section)
_TRAIN, _TEST = 200, 60
_EVERY_CLASS = 345  # where there may be as many classes: one training image each


def tiny(experiment: Experiment) -> Experiment:
    """For tests: few images, one narrow epoch, a handful of students; the kinds of everything stay."""
    return _with(
        experiment,
        dataset=_dataset(experiment.dataset),
        teacher=_teacher(experiment.teacher),
        vae=_vae(experiment.vae),
        projections=tuple(map(_projection, experiment.projections)),
        students=_students(experiment.students),
    )


def _dataset(dataset: Dataset) -> Dataset:
    many = dataset.source in ("quickdraw", "arrays", "folder")
    train = _EVERY_CLASS if many else _TRAIN
    return _with(dataset, train=min(dataset.train or train, train), test=min(dataset.test or _TEST, _TEST))


def _teacher(teacher: Teacher) -> Teacher:
    return _with(teacher, network=_network(teacher.network), epochs=min(teacher.epochs, 2), batch=20)


def _network(network: Network) -> Network:
    match network:
        case ResNet():
            return _with(network, depth=8, width=4)
        case ResNet50():
            return _with(network, width=4)
        case Mlp():
            return _with(network, hidden=(16,))


def _vae(vae: Vae) -> Vae:
    small = {"latent": min(vae.latent, 4), "width": 4, "hidden": 16, "epochs": 1, "batch": 20}
    return _with(vae, **small, warmup=min(vae.warmup, 0.5))


def _projection(projection: Projection) -> Projection:
    """Perplexity and neighbors that fewer than `_TEST` samples can have."""
    return _with(
        projection, perplexity=min(projection.perplexity, 5.0), neighbors=min(projection.neighbors, 5)
    )


def _students(students: Students) -> Students:
    limit = 4 if students.limit is None else min(students.limit, 4)
    band = students.band[:4] if isinstance(students.band, tuple) else students.band
    return _with(
        students,
        limit=limit,
        neighbors=min(students.neighbors, 40),
        band=band,
        steps=min(students.steps, 20),
        gradient_neighbors=min(students.gradient_neighbors, 8),
    )


def _with(section: _S, **changes: Any) -> _S:
    """A validated copy (`model_copy` would not check)."""
    return type(section).model_validate({**dict(section), **changes})
