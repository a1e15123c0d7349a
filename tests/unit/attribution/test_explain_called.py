"""Explanations of a model that is called are those of the network behind it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from foreign import IMAGES, SHAPE, Wrapped, models

from deepvid.attribution import METHODS, applicable, explain
from deepvid.attribution.measures import DeletionInsertion, StrongestPixels, measure
from deepvid.attribution.method import Case
from deepvid.errors import UserError
from deepvid.tier import Tier

ASKED = (
    "student",
    "random",
    "occlusion",
    "gradient",
    "integrated_gradients",
    "expected_gradients",
    "smoothgrad",
    "places",
    "rise",
    "lime_grid",
)


@pytest.fixture(scope="module")
def cases() -> Case:
    """Two images of three classes."""
    rng = np.random.default_rng(5)
    held = jnp.asarray(rng.normal(size=(3, 2, *SHAPE)), jnp.float32)
    return Case(
        image=jnp.asarray(IMAGES[:2], jnp.float32) / 255,
        classes=jnp.array([[0, 2], [1, 0]], jnp.int32),
        key=jax.random.split(jax.random.key(1), 2),
        mean_color=jnp.full((2, 1), 0.4),
        student=held[0],
        neighborhood_mean=held[1],
        neighborhood_gradient=held[2],
        neighbor=jnp.asarray(IMAGES[2:4], jnp.float32) / 255,
        training=jnp.asarray(IMAGES[None, 2:12].repeat(2, axis=0)),
    )


@pytest.mark.parametrize("name", ASKED)
def test_a_method_gives_the_map_that_it_gives_of_the_network_itself(name: str, cases: Case) -> None:
    classifier, _ = models()
    method = METHODS[name]  # type: ignore[index]
    np.testing.assert_allclose(
        explain(method, Wrapped(classifier), cases), explain(method, classifier, cases), rtol=1e-3, atol=1e-5
    )


@pytest.mark.parametrize("judge", [StrongestPixels(draws=4), DeletionInsertion(points=5)])
def test_a_measure_gives_what_it_gives_of_the_network_itself(
    judge: StrongestPixels | DeletionInsertion, cases: Case
) -> None:
    classifier, _ = models()
    maps = jnp.stack([cases.student, cases.student.at[0].set(jnp.nan)], axis=1)
    native, called = measure(judge, classifier, cases, maps), measure(judge, Wrapped(classifier), cases, maps)
    for first, second in zip(native, called, strict=True):
        np.testing.assert_allclose(second, first, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    "judge", [StrongestPixels(draws=4, judges=("infill",)), DeletionInsertion(("infill",), points=3)]
)
def test_a_vae_judges_a_model_that_is_called(judge: StrongestPixels | DeletionInsertion, cases: Case) -> None:
    classifier, vae = models()
    cases = cases._replace(image=vae.decode(vae.encode(cases.image)[0]))  # which it knows
    maps = cases.student[:, None]
    native = measure(judge, classifier, cases, maps, vae=vae)
    called = measure(judge, Wrapped(classifier), cases, maps, vae=vae)
    for first, second in zip(native, called, strict=True):
        np.testing.assert_allclose(second, first, rtol=1e-3, atol=1e-5)


def test_what_asks_for_more_than_a_model_gives_does_not_apply(cases: Case) -> None:
    classifier, _ = models()
    plain, whole = applicable(Wrapped(classifier, Tier.PREDICT)), applicable(Wrapped(classifier))
    assert {"student", "occlusion", "lime_grid"} <= set(plain)
    assert set(whole) - set(plain) == {
        "gradient",
        "integrated_gradients",
        "expected_gradients",
        "smoothgrad",
    }
    with pytest.raises(UserError, match="my_net:build, which was trained elsewhere"):
        explain(METHODS["cam"], Wrapped(classifier), cases)
