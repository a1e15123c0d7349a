"""A grid around a linear teacher of two pixels, whose student is known."""

from threading import Event
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from foreign import Wrapped
from linear import case

from deepvid import config
from deepvid.attribution.measures import DeletionInsertion, measure
from deepvid.errors import Cancelled
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.tuning import Image, tune
from deepvid.progress import SILENT, Progress, Tick
from deepvid.students import Students, fit_students
from deepvid.tier import Tier
from deepvid.tuning import Grid, Tuned, grid_points, point, ranking

OWN = config.Students(
    neighbors=60, band=0.5, anchor="zero", l2=1e-6, temperature=1.0, smoothness=(0.0,), widening=1.0,
    gradient_neighbors=5,
)  # fmt: skip
PIXELS = np.array([[[140], [115]]], np.uint8)
SCALE = np.array([0.5, 0.5], np.float32)


class Teacher(NamedTuple):
    """Logits (4 (first - second), 0): its margin is the difference of the two pixels."""

    slope: jax.Array

    def logits(self, images: jax.Array) -> jax.Array:
        margin = self.slope * (images[:, 0, 0, 0] - images[:, 0, 1, 0])
        return jnp.stack([margin, jnp.zeros_like(margin)], axis=1)


class Identity(NamedTuple):
    """Both latents are the two pixels."""

    unused: jax.Array

    def encode(self, images: jax.Array) -> tuple[jax.Array, jax.Array]:
        latents = images.reshape(len(images), 2)
        return latents, jnp.zeros_like(latents)

    def decode(self, latents: jax.Array) -> jax.Array:
        return latents.reshape(-1, 1, 2, 1)


def opened(teacher: object) -> TrainedRun:
    """Of no run: its models are there already."""
    trained = TrainedRun(None)  # type: ignore[arg-type]
    vars(trained).update(teacher=teacher, vae=Identity(jnp.zeros(())), scale=SCALE)
    return trained


TRAINED = opened(Teacher(jnp.float32(4.0)))
IMAGE = Image(PIXELS, 3, 1, np.full(1, 0.5, np.float32))


def tried(grid: Grid, own: config.Students = OWN, progress: Progress = SILENT) -> Tuned:
    return tune(TRAINED, IMAGE, own, grid_points(own, grid), seed=0, progress=progress)


@pytest.fixture(scope="module")
def found() -> Tuned:
    # 2 x 3 x 2 x 1 x 2 x 2 points: in each band 12 without L1 and 12 with it, so that chunks are not full
    return tried(Grid((1.0, 2.0), (1e-6, 1e-2, 1.0), (0.0, 1e-2), (0.0,), (0.5, 0.25), (60, 30)))


def test_the_linear_teacher_is_recovered_where_little_is_penalized(found: Tuned) -> None:
    best = ranking([found]).rows[0]
    assert best.settings.l2 == 1e-6
    assert best.settings.l1 == 0
    assert best.kl.value == pytest.approx(0, abs=1e-5)
    assert best.stability.value == pytest.approx(1, abs=1e-3)
    assert found.held_out == 12


def test_the_more_is_penalized_the_farther_the_student_is(found: Tuned) -> None:
    kl = {each: float(found.kl[place]) for place, each in enumerate(found.settings)}
    for settings in found.settings:
        if settings.l2 < 1 and settings.l1 == 0:  # L1 leaves so little that L2 hardly matters
            more = settings.replaced(l2=1e-2 if settings.l2 == 1e-6 else 1.0)
            assert kl[settings] < kl[more]
        if settings.l1 == 0 and settings.l2 == 1e-6:
            assert kl[settings] < kl[settings.replaced(l1=1e-2)]


@pytest.mark.parametrize("changed", [{}, {"smoothness": 3.0, "l2": 1e-2}, {"l1": 1e-2, "temperature": 2.0}])
def test_a_point_is_the_student_that_is_fitted_with_its_settings(changed: dict[str, float]) -> None:
    own = OWN.replaced(**changed)
    (only,) = grid_points(own, Grid(*((getattr(point(own), name),) for name in Grid._fields)))  # type: ignore[arg-type]
    result = tune(TRAINED, IMAGE, own, [only], seed=0, progress=SILENT)
    band = np.full(2, 0.25, np.float32)  # .5 of a scale of .5
    student = fit_students(
        TRAINED.teacher, TRAINED.vae, PIXELS[None], np.array([3]), np.array([1]), band, only, seed=0
    )
    assert result.kl[0] == pytest.approx(float(student.kl[0, 0]), rel=1e-3, abs=1e-6)
    assert result.stability[0] == pytest.approx(float(student.stability[0]), abs=1e-3)
    shares = (student.agreement, student.agreement_low, student.agreement_high)
    assert result.agreement[0] == pytest.approx([float(share[0, 0]) for share in shares])
    np.testing.assert_allclose(result.faithfulness[0], areas(student), atol=1e-3)


@pytest.mark.parametrize("tier", [Tier.GRADIENTS, Tier.PREDICT])
def test_a_foreign_teacher_is_tuned_as_the_same_of_ours(tier: Tier) -> None:
    own = OWN.replaced(l2=1e-2)
    points = grid_points(own, Grid((1.0, 2.0), (1e-2,), (0.0,), (0.0,), (0.5,), (60,)))
    ours = tune(TRAINED, IMAGE, own, points, seed=0, progress=SILENT)
    foreign = opened(Wrapped(Teacher(jnp.float32(4.0)), tier))
    found = tune(foreign, IMAGE, own, points, seed=0, progress=SILENT)
    for name in ("kl", "agreement", "stability", "faithfulness"):
        np.testing.assert_allclose(getattr(found, name), getattr(ours, name), atol=1e-4, err_msg=name)


def areas(student: Students) -> np.ndarray:
    """insertion - deletion of W(x - mean), by the judges that lead."""
    first, second = student.contrast[0]
    weights = (student.weights[0, 0, first] - student.weights[0, 0, second]).astype(np.float32)
    pixels, mean = (jnp.asarray(each, jnp.float32) / 255 for each in (PIXELS, student.neighborhood_mean[0]))
    known = case(pixels, 0.5)._replace(
        classes=jnp.array([first, second]),
        key=jax.random.split(jax.random.fold_in(jax.random.key(0), 3), 1)[0],
    )
    cases = jax.tree.map(lambda array: array[None], known)
    curves = measure(
        DeletionInsertion(), TRAINED.teacher, cases, jnp.asarray(weights * (pixels - mean))[None, None]
    )
    return np.asarray(curves.faithfulness)[0]


def test_all_are_examined_on_the_neighbors_of_the_runs_own_band() -> None:
    near, far = (
        tried(Grid((1.0,), (1e-2,), (0.0,), (0.0,), (band,), (60,)), OWN.replaced(l2=1e-2))
        for band in (0.5, 0.1)
    )
    assert near.kl[near.own] == pytest.approx(far.kl[far.own], rel=1e-5)


def test_it_is_reported_and_can_be_given_up() -> None:
    ticks: list[Tick] = []
    stop = Event()

    def hear(tick: Tick) -> None:
        ticks.append(tick)
        if tick.done > 0:
            stop.set()

    with pytest.raises(Cancelled):
        tried(
            Grid((1.0, 2.0), (1e-6, 1e-2, 1.0), (0.0,), (0.0,), (0.5,), (60, 30)),
            progress=Progress(hear, stop),
        )
    assert ticks[-1].message == "8 of 12 settings"
    assert ticks[-1].total == 12
