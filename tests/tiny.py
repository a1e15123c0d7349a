"""The same experiment with everything small: every stage runs, in seconds, and nothing is learned well."""

from collections.abc import Callable
from typing import Any

from deepvid.config import (
    Causes,
    Dataset,
    Experiment,
    Explanations,
    Hierarchy,
    Mlp,
    Modes,
    Projection,
    ResNet,
    ResNet50,
    SoftTree,
    Students,
    Teacher,
    TimeTravel,
    Vae,
)
from deepvid.config.sections.section import Section


def tiny(experiment: Experiment) -> Experiment:
    """Every section in its tiny form; the kinds of everything stay."""
    return experiment.replaced(**{name: _tiny(value) for name, value in experiment})


def _tiny(value: Any) -> Any:
    if isinstance(value, Section):
        return value.replaced(**SMALL.get(type(value), _looked_into)(value))
    return tuple(map(_tiny, value)) if isinstance(value, tuple) else value


def _at_most(section: Any, **most: float) -> dict[str, Any]:
    return {name: min(getattr(section, name), value) for name, value in most.items()}


def _dataset(section: Any) -> dict[str, Any]:
    train = EVERY_CLASS if section.own else TRAIN
    return {"train": min(section.train or train, train), "test": min(section.test or TEST, TEST)}


def _students(section: Any) -> dict[str, Any]:
    return {
        "limit": 4 if section.limit is None else min(section.limit, 4),
        "band": section.band[:4] if isinstance(section.band, tuple) else section.band,
        **_at_most(section, neighbors=40, steps=20, gradient_neighbors=8),
    }


def _vae(section: Any) -> dict[str, Any]:
    small = {"width": 4, "hidden": 16, "epochs": 1, "batch": 20, "fewest_steps": 0}
    return {**small, **_at_most(section, latent=4, warmup=0.5)}


def _time_travel(section: Any) -> dict[str, Any]:
    return {"boundary": 20, "steps": 20, "resolution": 100, **_at_most(section, training=100, test=100)}


def _looked_into(section: Section) -> dict[str, Any]:
    named = {name: most for name, most in LOOKED_INTO.items() if name in type(section).model_fields}
    return _at_most(section, **named)


TRAIN, TEST = 200, 60  # images
EVERY_CLASS = 345  # training images where there may be as many classes: one each
LOOKED_INTO = {
    "components": 4,
    "neighbors": 5,
    "left_out": 5,
    "silenced_images": 20,
    "groups": 3,
    "flips": 8,
    "strips": 2,
    "maximized": 2,
    "response_maps": 20,
}
SMALL: dict[type[Section], Callable[[Any], dict[str, Any]]] = {
    Dataset: _dataset,
    Teacher: lambda section: {
        "network": _tiny(section.network),
        "epochs": min(section.epochs, 2),
        "batch": 20,
    },
    ResNet: lambda section: {"depth": 8, "width": 4},
    ResNet50: lambda section: {"width": 4},
    Mlp: lambda section: {"hidden": (16,)},
    # as few samples as a tiny data set tests can have
    Projection: lambda section: _at_most(section, perplexity=5.0, neighbors=5),
    Hierarchy: lambda section: {"random_trees": 4},
    SoftTree: lambda section: {"depth": 2, "epochs": 1, "trees": 2},
    Vae: _vae,
    Students: _students,
    Explanations: lambda section: {"methods": ("student", "random"), "judged": 0.0},  # they ask no network
    Modes: lambda section: {},
    Causes: lambda section: _at_most(section, limit=4),
    TimeTravel: _time_travel,
}
