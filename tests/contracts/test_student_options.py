"""Every option of `config.Students` acts: changing it changes the fitted students."""

from functools import cache
from typing import Any, get_args

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from deepvid import config
from deepvid.config import names
from deepvid.models import VAE, Classifier, build, build_vae
from deepvid.students import Students, descent, fit_students
from deepvid.students.fitting import SOLVERS
from deepvid.students.neighbors import DRAWS, KINDS
from deepvid.students.prior import ANCHORS
from deepvid.students.problem import Problem, objective, soft_labels

pytestmark = pytest.mark.long

SHAPE = (8, 8, 1)
BASE: dict[str, Any] = {  # an optimizer, for its compilation is short
    "neighbors": 40,
    "smoothness": (1.0,),
    "gradient_neighbors": 4,
    "commonest": 0.0,  # all bands are widened as far as they may be
    "solver": "nesterov",
    "learning_rate": 0.1,
    "steps": 50,
}
CHANGES: dict[str, dict[str, Any]] = {
    "neighbors": {"neighbors": 50},
    "held_out": {"held_out": 0.4},
    "distribution": {"distribution": "normal"},
    "neighborhood": {"neighborhood": "plain"},
    "temperature": {"temperature": 3.0},
    "anchor": {"anchor": "zero"},
    "widening": {"widening": 2.0},
    "commonest": {"commonest": 1.0},
    "l2": {"l2": 1.0},
    "l1": {"l1": 1e-2},
    "total_variation": {"total_variation": 1e-2},
    "smoothness": {"smoothness": (10.0,)},
    "locality": {"locality": 1.0},
    "solver": {"solver": "exact"},
    "steps": {"steps": 20},
    "learning_rate": {"learning_rate": 0.02},
}
# `images` and `limit` choose whom to explain, `band` is scaled to the latents: all before the fit.
ELSEWHERE = {"images", "limit", "band", "gradient_neighbors"}


@cache
def models() -> tuple[Classifier, VAE]:
    network = config.Mlp(hidden=(12,))
    keys = jax.random.split(jax.random.key(0))
    classifier = build(network, image_shape=SHAPE, class_names=("a", "b", "c"), dropout=0.0, key=keys[0])
    vae = build_vae(config.Vae(latent=3, width=4, hidden=16), image_shape=SHAPE, key=keys[1])
    classifier.eval()
    vae.eval()
    return classifier, vae


@cache
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, *SHAPE), dtype=np.uint8)


def explain(count: int = 1, *, seed: int = 0, band: float = 4.0, **options: Any) -> Students:
    return fit_students(
        *models(),
        images()[:count],
        np.arange(count) + 7,
        np.zeros(count, np.int32),
        np.full(3, band, np.float32),
        config.Students(**(BASE | options)),
        seed=seed,
    )


@cache
def reference() -> Students:
    return explain()


def differ(first: Students, second: Students) -> bool:
    scale = np.abs(first.weights).max()
    return bool(np.abs(first.weights - second.weights).max() > 0.01 * scale > 0)


def test_every_option_is_covered() -> None:
    assert set(CHANGES) | ELSEWHERE == set(config.Students.model_fields)


@pytest.mark.parametrize("option", CHANGES)
def test_a_s4_changing_a_setting_changes_the_student(option: str) -> None:
    assert differ(reference(), explain(**CHANGES[option]))


def test_the_seed_and_the_band_change_the_student() -> None:
    assert differ(reference(), explain(seed=1))
    assert differ(reference(), explain(band=2.0))


def test_gradient_neighbors_give_a_gradient_and_none_leave_it_out() -> None:
    assert explain(gradient_neighbors=0).neighborhood_gradient is None
    gradient = reference().neighborhood_gradient
    assert gradient is not None
    assert np.isfinite(gradient).all()
    assert np.abs(gradient).max() > 0


def test_without_a_gradient_the_anchor_is_zero() -> None:
    assert not differ(explain(gradient_neighbors=0), explain(anchor="zero"))


def test_a_band_is_widened_until_the_teacher_changes_its_mind_or_to_the_end() -> None:
    kept, widened = explain(3, commonest=1.0), explain(3)
    assert kept.widening.tolist() == [1.0] * 3
    assert widened.widening.tolist() == [4.0] * 3
    between = explain(3, band=0.5, commonest=0.9)
    assert ((between.widening == 4) | (between.commonest < 1)).all()
    assert set(between.widening.round(4)) <= {1.0, 1.4142, 2.0, 2.8284, 4.0}


def test_the_commonest_label_and_the_mean_neighbor_are_stored() -> None:
    found = explain(2, band=0.0, widening=1.0)
    assert found.commonest.tolist() == [1.0, 1.0]  # all neighbors are the image
    assert (found.commonest_class == found.teacher_logits.argmax(axis=1)).all()
    np.testing.assert_array_equal(found.neighborhood_mean, images()[:2])


def test_halves_that_are_alike_give_one_picture_and_others_another() -> None:
    alike, apart = explain(band=0.01, widening=1.0), explain(l2=1e-6, anchor="zero", neighbors=20)
    assert alike.stability[0] > 0.99 > apart.stability[0]


def test_the_same_call_gives_the_same_bytes() -> None:
    for first, second in zip(explain().arrays().values(), explain().arrays().values(), strict=True):
        assert first.tobytes() == second.tobytes()


def test_names_and_catalogues_are_equal() -> None:
    assert tuple(SOLVERS) == ("exact", *get_args(names.Optimizer))
    assert set(DRAWS) == set(get_args(names.Distribution))
    assert set(KINDS) == set(get_args(names.Neighborhood))
    assert set(ANCHORS) == set(get_args(names.Anchor))


# Each optimizer's own unit of step.
RATES = {"sgd": 0.5, "momentum": 0.1, "nesterov": 0.1, "adadelta": 3.0, "lion": 2e-3}


@pytest.mark.parametrize("optimizer", get_args(names.Optimizer))
def test_every_optimizer_descends(optimizer: names.Optimizer) -> None:
    keys = jax.random.split(jax.random.key(1))
    inputs, teacher = jax.random.normal(keys[0], (30, 5)), jax.random.normal(keys[1], (30, 3)) * 2
    target = soft_labels(teacher, 1.0)
    problem = Problem(inputs, target, jnp.full(30, 1 / 30), jnp.float32(1e-2), jnp.zeros((3, 30)))
    solve = jax.jit(lambda steps: descent.solve(problem, optimizer, RATES.get(optimizer, 0.02), steps))
    values = [objective(problem, solve(steps).point) for steps in (0, 5, 60)]
    assert values[0] > values[1] > values[2]
