"""The chain with a model that JAX knows nothing of, against the same network as one of ours."""

from functools import cache

import numpy as np
import pytest
from foreign import BAND, IMAGES, SAMPLES, Wrapped, cosine, models

from deepvid import config
from deepvid.adapters.contract import Answers, Model
from deepvid.engine.neighbors import draw_neighbors
from deepvid.errors import ConfigError, DataError
from deepvid.students import Students, fit_students
from deepvid.students.teachers import Teacher
from deepvid.tier import Tier

pytestmark = pytest.mark.long

SETTINGS = config.Students(neighbors=80, gradient_neighbors=30, commonest=0.7, smoothness=(0.0, 3.0))


def explain(teacher: Teacher | Model, count: int = 4, settings: config.Students = SETTINGS) -> Students:
    labels = np.zeros(count, np.int32)
    return fit_students(teacher, models()[1], IMAGES[:count], SAMPLES[:count], labels, BAND, settings, seed=1)


@cache
def native() -> Students:
    return explain(models()[0])


def test_a_foreign_model_has_the_students_of_the_network_it_is() -> None:
    model = Wrapped(models()[0])
    assert isinstance(model, Model)
    found = explain(model)
    assert len(set(native().widening.tolist())) > 1  # some bands are widened, some are not
    np.testing.assert_allclose(found.widening, native().widening, rtol=1e-6)
    for name in ("contrast", "reconstruction_class", "commonest_class", "gate", "agrees_on_sample"):
        np.testing.assert_array_equal(getattr(found, name), getattr(native(), name))
    for name in ("weights", "jacobian", "neighborhood_gradient"):
        assert cosine(getattr(found, name), getattr(native(), name)) >= 0.99999
    np.testing.assert_allclose(found.labels, native().labels, atol=5e-3)
    np.testing.assert_allclose(found.jacobian, native().jacobian, atol=5e-3)
    assert found.occlusion is None


def test_labels_and_slopes_come_from_one_pass_and_from_few_images_a_call() -> None:
    model = Wrapped(models()[0])
    explain(model, 1, SETTINGS.replaced(widening=1.0))
    assert model.differentiated == [25, 5]  # 30 neighbors: their labels are not asked for again
    assert model.answered == [2, 50]  # the image and its reconstruction, and the others: it makes batches


def test_without_gradients_the_anchor_is_zero_and_the_second_witness_is_occlusion() -> None:
    model = Wrapped(models()[0], Tier.PREDICT)
    found = explain(model, 2)
    assert found.neighborhood_gradient is None
    assert found.jacobian is None
    assert not model.differentiated
    assert cosine(found.weights, explain(models()[0], 2, SETTINGS.replaced(anchor="zero")).weights) >= 0.99999
    assert found.occlusion is not None
    image, (first, second) = IMAGES[1].astype(np.float32) / 255, found.contrast[1]
    covered = image.copy()
    covered[2:4, 8:10] = 0  # the last patch of that row has one column
    logits = model.answers(np.stack([image, covered])).logits
    margin = logits[:, first] - logits[:, second]
    np.testing.assert_allclose(found.occlusion[1, 2:4, 8], (margin[0] - margin[1]) / 2, rtol=1e-3)


def test_the_neighbors_that_are_shown_are_those_of_the_student() -> None:
    found = draw_neighbors(
        Wrapped(models()[0], Tier.PREDICT), models()[1], IMAGES[0], 11, BAND, SETTINGS, seed=1
    )
    relative = found.logits - found.logits.max(axis=1, keepdims=True)
    np.testing.assert_allclose(native().labels[0], relative, atol=5e-3)


class Failing(Wrapped):
    """Fails at its sixth call, the first about the second image."""

    how: Exception | float = np.nan

    def answers(self, images: np.ndarray) -> Answers:
        found = super().answers(images)
        if len(self.answered) < 3:
            return found
        if isinstance(self.how, Exception):
            raise self.how
        return Answers(np.where(np.arange(len(images))[:, None] == 1, self.how, found.logits), None)


@pytest.mark.parametrize(
    ("how", "found"),
    [
        (RuntimeError("CUDA error: device is gone\nmore"), "RuntimeError: CUDA error: device is gone"),
        (ConfigError("It is so", "it is not", "Make it so"), "it is not"),
        (np.nan, "numbers that are not finite for 1 of 2 images"),
    ],
)
def test_a_model_that_fails_names_the_image(how: Exception | float, found: str) -> None:
    model = Failing(models()[0])
    model.how = how
    settings = SETTINGS.replaced(widening=1.0, gradient_neighbors=0)  # 2 calls an image
    with pytest.raises(DataError) as caught:
        explain(model, 2, settings)
    assert caught.value.found == f"around image 5: {found}"
