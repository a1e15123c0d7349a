"""A student of stored labels against one that asks its teacher again."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import jax
import numpy as np
import pytest
from foreign import BAND, IMAGES, SAMPLES, Wrapped, cosine, models

from deepvid import config
from deepvid.adapters.contract import Model
from deepvid.errors import ConfigError
from deepvid.students import Students, fit_students
from deepvid.students.refitting import TEACHER_SETTINGS, Stored, refit, require_refittable
from deepvid.students.teachers import Teacher
from deepvid.tier import Tier

pytestmark = pytest.mark.long

SETTINGS = config.Students(neighbors=60, gradient_neighbors=10, commonest=0.7, smoothness=(0.0, 3.0))


@pytest.fixture(autouse=True, scope="module")
def unstored() -> Iterator[None]:
    """XLA ends the process now and then while it serializes these programs for the cache on disk."""
    name = "jax_persistent_cache_min_compile_time_secs"
    before = getattr(jax.config, name)
    jax.config.update(name, 3600.0)
    yield
    jax.config.update(name, before)


@cache
def fitted(tier: Tier | None, **changes: Any) -> Students:
    """Of our own network, or of a foreign one of that tier."""
    teacher: Teacher | Model = models()[0] if tier is None else Wrapped(models()[0], tier)
    rows, settings = slice(0, 1), SETTINGS.replaced(**changes)
    labels = np.zeros(1, np.int32)
    return fit_students(teacher, models()[1], IMAGES[rows], SAMPLES[rows], labels, BAND, settings, seed=1)


def stored(of: Students) -> Stored:
    def first(array: np.ndarray | None) -> Any:
        return None if array is None else array[0]

    return Stored(
        SETTINGS,
        1,
        int(of.sample[0]),
        of.labels[0],
        of.teacher_logits[0],
        int(of.reconstruction_class[0]),
        of.contrast[0],
        float(of.widening[0]),
        first(of.jacobian),
        first(of.neighborhood_gradient),
        first(of.occlusion),
    )


@pytest.mark.parametrize("tier", [None, Tier.PREDICT])
@pytest.mark.parametrize(
    "changes",
    [
        {"l2": 1e-2, "temperature": 3.0, "locality": 1.5, "smoothness": (1.0,)},
        {"total_variation": 1e-3, "l1": 1e-3},
        {"anchor": "zero"},
    ],
    ids=str,
)
def test_it_is_the_student_of_a_fresh_fit(tier: Tier | None, changes: dict[str, Any]) -> None:
    settings = SETTINGS.replaced(**changes)
    found = refit(models()[1], IMAGES[0], stored(fitted(tier)), BAND, settings)
    fresh = fitted(tier, **changes)
    assert cosine(found.weights, fresh.weights) >= 0.99999
    assert found.arrays().keys() == fresh.arrays().keys()
    for name, array in fresh.arrays().items():
        if array.dtype.kind in "bi":
            np.testing.assert_array_equal(found.arrays()[name], array, name)
        elif name != "certificate":
            tolerance = 0.02 * max(1.0, float(np.abs(array).max()))
            np.testing.assert_allclose(found.arrays()[name], array, atol=tolerance, err_msg=name)


OTHERS: dict[str, Any] = {
    "neighbors": 61,
    "held_out": 0.3,
    "band": 0.5,
    "widening": 2.0,
    "commonest": 0.6,
    "distribution": "normal",
    "neighborhood": "plain",
    "gradient_neighbors": 9,
}


@pytest.mark.parametrize("name", TEACHER_SETTINGS)
def test_what_needs_the_teacher_is_refused_by_name(name: str) -> None:
    with pytest.raises(ConfigError, match=f"Found: {name} = {OTHERS[name]}. Keep {name} = ") as caught:
        require_refittable(SETTINGS, 1, SETTINGS.replaced(**{name: OTHERS[name]}), 1)
    assert caught.value.action.endswith("or give the teacher")


def test_another_seed_is_refused_and_whom_to_explain_is_not() -> None:
    require_refittable(SETTINGS, 1, SETTINGS.replaced(images="all", limit=None), 1)
    with pytest.raises(ConfigError, match=r"Found: seed = 2\. Keep seed = 1"):
        require_refittable(SETTINGS, 1, SETTINGS, 2)


def test_every_setting_is_asked_or_free() -> None:
    """A new setting must be decided about: the contract of options changes each and sees another student."""
    free = set(config.Students.model_fields) - set(TEACHER_SETTINGS)
    assert free == {
        "images", "limit", "temperature", "anchor", "l2", "l1", "total_variation", "smoothness", "locality",
        "solver", "steps", "learning_rate",
    }  # fmt: skip
