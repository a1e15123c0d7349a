"""Images and classifiers of the far ends: every method that asks for answers alone, and its judges."""

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from foreign import Wrapped

from deepvid.attribution import METHODS, Case, Method, bare_case, explain
from deepvid.attribution.judges import colors
from deepvid.attribution.measures import DeletionInsertion, StrongestPixels, measure
from deepvid.tier import Tier

QUICK = {"masks": 40, "blobs": 24}
RANDOM = np.random.default_rng(3)
PHOTO = RANDOM.uniform(size=(128, 128, 3))
GRAY = 0.5 + 0.1 * RANDOM.choice([-1, 1], (8, 8, 1))
ODD = {
    "as gray as a judge": (GRAY, 3),
    "of one color": (np.full((8, 8, 3), 0.25), 3),
    "black, two classes": (np.zeros((8, 8, 1)), 2),
    "345 classes": (PHOTO[:8, :8], 345),
    "128 pixels": (PHOTO, 3),
}


@dataclass
class Random:
    """A linear classifier; `rounded` gives probabilities to two digits, `blind` nothing of dark images."""

    classes: int
    rounded: bool = False
    blind: float = -1.0

    def logits(self, images: jax.Array) -> jax.Array:
        weight = np.random.default_rng(0).normal(size=(*images.shape[1:], self.classes)).astype(np.float32)
        logits = jnp.tensordot(images, weight / weight.shape[0], 3)
        if self.rounded:
            logits = jnp.log(jnp.round(jax.nn.softmax(logits), 2) + 1e-6)
        dark = images[:, :2, :2].mean(axis=(1, 2, 3)) < self.blind
        return jnp.where(dark[:, None], jnp.nan, logits)


def asked(image: np.ndarray, classes: int) -> Case:
    color = jnp.asarray(image.mean(axis=(0, 1)), jnp.float32)
    one = bare_case(image, jnp.array([0, classes - 1]), jax.random.key(0), color)
    training = RANDOM.integers(0, 256, (4, *image.shape), dtype=np.uint8)
    one = one._replace(training=jnp.asarray(training), neighbor=jnp.asarray(training[0] / 255, jnp.float32))
    return jax.tree.map(lambda leaf: leaf[None], one)


def quick(method: Method) -> Method:
    return replace(method, **{name: value for name, value in QUICK.items() if hasattr(method, name)})


def black_box() -> list[Method]:
    return [
        quick(method)
        for method in METHODS.values()
        if method.tier <= Tier.PREDICT and not method.needs_student and "lime" not in method.name
    ]


@pytest.mark.parametrize("name", ODD)
def test_every_map_of_an_odd_image_is_a_number_and_is_judged(name: str) -> None:
    image, classes = ODD[name]
    teacher, cases = Random(classes), asked(image, classes)
    maps = jnp.stack([explain(method, teacher, cases) for method in black_box()], axis=1)
    assert np.isfinite(maps).all()
    for judge in (StrongestPixels(draws=4), DeletionInsertion(points=3)):
        assert all(np.isfinite(values).all() for values in measure(judge, teacher, cases, maps))
    away = np.abs(np.asarray(colors(jax.tree.map(lambda leaf: leaf[0], cases))) - image.mean(axis=(0, 1)))
    assert away.max(axis=-1).min() > 0.2  # the judge's colors are seen


def test_probabilities_of_two_digits_are_explained() -> None:
    teacher, cases = Wrapped(Random(3, rounded=True), Tier.PREDICT), asked(PHOTO[:8, :8], 3)
    maps = jnp.stack([explain(method, teacher, cases) for method in black_box()], axis=1)
    assert np.isfinite(maps).all()
    assert all(
        np.isfinite(values).all() for values in measure(StrongestPixels(draws=4), teacher, cases, maps)
    )


def test_what_a_classifier_cannot_answer_is_left_out_and_not_judged() -> None:
    """It says nothing of images whose corner is dark: blobs on it, and strongest pixels on it."""
    teacher, cases = Wrapped(Random(3, blind=0.4), Tier.PREDICT), asked(0.3 + 0.7 * PHOTO[:8, :8], 3)
    places = explain(quick(METHODS["places"]), teacher, cases)
    assert np.isfinite(places).all()
    assert np.abs(places).max() > 0
    corner = jnp.zeros_like(cases.image).at[:, :3, :3].set(1.0)
    lost = measure(StrongestPixels(draws=4, judges=("black",)), teacher, cases, jnp.stack([corner], axis=1))
    assert np.isnan(lost.beyond_chance).all()
