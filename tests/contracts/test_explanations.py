"""The contract of every attribution method; a new one is tested the day it is added to the catalogue."""

from dataclasses import replace
from functools import cache
from typing import get_args

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from explanation_judges import Infidelity, MuFidelity
from flax import nnx
from linear import case

from deepvid.attribution import METHODS, Case, Method, explain
from deepvid.attribution.baselines import BASELINES
from deepvid.attribution.judges import JUDGES
from deepvid.attribution.measures import DeletionInsertion, StrongestPixels, measure
from deepvid.config import names
from deepvid.errors import UserError
from deepvid.faithfulness import FLATTERED, LEADING
from deepvid.models import LayeredClassifier
from deepvid.models.resnet import GlobalMean, Stem
from deepvid.tier import Tier

SHAPE = (8, 12, 3)
QUICK = {"draws": 5, "points": 3, "masks": 60, "blobs": 20}
ONE_SIDED = {"gradcam_plus_plus", "score_cam", "random", "image"}  # what speaks against is left out, or all


@cache
def network() -> LayeredClassifier:
    rngs = nnx.Rngs(params=3)
    built = LayeredClassifier(
        {"stem": Stem(3, 6, rngs=rngs), "pool": GlobalMean()},
        features=6,
        class_names=("a", "b", "c"),
        image_shape=SHAPE,
        dropout=0.0,
        rngs=rngs,
    )
    built.eval()
    return built


@cache
def cases() -> Case:
    """A case, the same again, with its classes swapped, and a black image."""
    rng = np.random.default_rng(0)
    one = case(rng.uniform(size=SHAPE))._replace(
        student=jnp.asarray(rng.normal(size=SHAPE), jnp.float32),
        neighborhood_mean=jnp.asarray(rng.uniform(size=SHAPE), jnp.float32),
        neighborhood_gradient=jnp.asarray(rng.normal(size=SHAPE), jnp.float32),
        neighbor=jnp.asarray(rng.uniform(size=SHAPE), jnp.float32),
        training=jnp.asarray(rng.integers(0, 256, (6, *SHAPE)), jnp.uint8),
    )
    swapped = one._replace(
        classes=one.classes[::-1],
        student=-one.student,
        neighborhood_gradient=-one.neighborhood_gradient,
    )
    four = (one, one, swapped, one._replace(image=jnp.zeros(SHAPE)))
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *four)


@cache
def maps(name: names.Explanation) -> np.ndarray:
    return np.asarray(explain(quick(METHODS[name]), network(), cases()))


def quick(method: Method) -> Method:
    """With settings that take less time."""
    return replace(method, **{name: value for name, value in QUICK.items() if hasattr(method, name)})


def test_the_catalogue_has_every_name() -> None:
    assert tuple(METHODS) == get_args(names.Explanation)
    assert all(method.name == name for name, method in METHODS.items())
    assert len({method.label for method in METHODS.values()}) == len(METHODS)
    assert tuple(BASELINES) == get_args(names.Baseline)
    assert tuple(JUDGES) == get_args(names.Judge)


def test_no_method_knows_a_judge_that_leads() -> None:
    assert {name: method.fills for name, method in METHODS.items() if method.fills} == FLATTERED
    assert not {fill for method in METHODS.values() for fill in method.fills} & set(LEADING)


@pytest.mark.parametrize("name", METHODS)
def test_a_map_says_something_of_every_pixel(name: names.Explanation) -> None:
    found = maps(name)
    assert found.shape == (4, *SHAPE)
    assert np.isfinite(found).all()
    assert found[0].std() > 0


@pytest.mark.parametrize("name", METHODS)
def test_the_same_case_has_the_same_map_wherever_it_stands(name: names.Explanation) -> None:
    assert maps(name)[0].tobytes() == maps(name)[1].tobytes()


@pytest.mark.parametrize("name", METHODS)
def test_cases_side_by_side_have_the_maps_that_each_has_alone(name: names.Explanation) -> None:
    """As they are computed on an accelerator."""
    found = np.asarray(explain(quick(METHODS[name]), network(), cases(), side_by_side=3))
    np.testing.assert_allclose(found, maps(name), atol=1e-4 * np.abs(maps(name)).max())


@pytest.mark.parametrize("name", METHODS)
def test_swapping_the_classes_turns_the_sign(name: names.Explanation) -> None:
    one, _, swapped, _ = maps(name)
    close = np.allclose(swapped, -one, atol=1e-4 * np.abs(one).max())
    assert close == (name not in ONE_SIDED)


@pytest.mark.parametrize("name", METHODS)
def test_a_classifier_that_offers_too_little_is_refused(name: names.Explanation) -> None:
    class Less:
        image_shape = SHAPE
        tier = Tier(METHODS[name].tier - 1) if METHODS[name].tier > Tier.PREDICTIONS else Tier.PREDICTIONS

    if METHODS[name].tier == Tier.PREDICTIONS:
        METHODS[name].check(Less())  # type: ignore[arg-type]
    else:
        with pytest.raises(UserError, match=f"needs a classifier of tier {METHODS[name].tier.name.lower()}"):
            explain(METHODS[name], Less(), cases())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "judge",
    [
        DeletionInsertion(points=4),
        StrongestPixels(draws=4),
        MuFidelity(subsets=30),
        Infidelity(draws=10),
    ],
    ids=lambda judge: type(judge).__name__,
)
def test_a_measure_judges_every_map_of_every_case_on_its_own(judge: object) -> None:
    stacked = jnp.asarray(np.stack([maps(name) for name in ("gradient", "random", "gradient")], axis=1))
    stacked = jnp.concatenate([stacked, jnp.full_like(stacked[:, :1], jnp.nan)], axis=1)
    found = measure(judge, network(), cases(), stacked)  # type: ignore[arg-type]
    together = measure(judge, network(), cases(), stacked, side_by_side=3)  # type: ignore[arg-type]
    for values in map(np.asarray, found):
        assert values.shape[:2] == (4, 4)
        assert np.isfinite(values[:3, :3]).all()  # of the black image there may be nothing to say
        assert np.isnan(values[:, 3]).all() or np.issubdtype(values.dtype, np.integer)  # of no map neither
        np.testing.assert_array_equal(values[0], values[1])
        np.testing.assert_allclose(values[:3, 0], values[:3, 2], rtol=1e-5)
    for alone, beside in zip(found, together, strict=True):
        np.testing.assert_allclose(alone[:3], beside[:3], rtol=1e-4, atol=1e-5)
