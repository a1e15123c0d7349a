"""Measures of maps where they can be worked out by hand, and the faults they are to avoid."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from explanation_judges import Infidelity, MuFidelity, partial_spearman, random_squares, ranks, spearman
from linear import Linear, case, drawn
from scipy.ndimage import gaussian_filter
from scipy.stats import rankdata, spearmanr

from deepvid.attribution.judges import FILLING, colors
from deepvid.attribution.measures import DeletionInsertion, StrongestPixels, elsewhere, measure, order_of
from deepvid.attribution.method import Case

SHAPE = (8, 12, 2)


def of_one(judge: object, teacher: object, of: Case, *maps: object) -> dict[str, np.ndarray]:
    """Every field by name, with a row a map."""
    stacked = jnp.stack([jnp.asarray(values, jnp.float32) for values in maps])
    cases = jax.tree.map(lambda leaf: leaf[None], of)
    found = measure(judge, teacher, cases, stacked[None])  # type: ignore[arg-type]
    return {name: np.asarray(values[0]) for name, values in found._asdict().items()}


def sigmoid(*logits: float) -> np.ndarray:
    return 1 / (1 + np.exp(-np.array(logits)))


def test_deletion_and_insertion_of_four_pixels() -> None:
    """p = σ(2 x₁ + x₂), x = 1: without the first, σ(1); without both and on black, σ(0). Four shares of the
    four pixels, .07, .33, .67 and .93, are 0, 1, 3 and 4 of them.
    """
    teacher = Linear(jnp.array([2.0, 1.0, 0.0, 0.0]).reshape(1, 4, 1))
    measured = DeletionInsertion(judges=("black",), points=4)
    found = of_one(measured, teacher, case(np.ones((1, 4, 1))), teacher.weight, -teacher.weight)
    weights = np.polynomial.legendre.leggauss(4)[1] / 2
    best = sigmoid(3, 1, 0, 0) @ weights, sigmoid(0, 2, 3, 3) @ weights
    assert found["deletion"][0, 0] == pytest.approx(best[0])
    assert found["insertion"][0, 0] == pytest.approx(best[1])
    assert found["faithfulness"][0] == pytest.approx(best[1] - best[0])
    worst = sigmoid(3, 3, 2, 0) @ weights, sigmoid(0, 0, 1, 3) @ weights
    assert found["faithfulness"][1] == pytest.approx(worst[1] - worst[0])


def test_the_figure_is_that_of_the_judges_that_lead() -> None:
    teacher, of = drawn(SHAPE)
    found = of_one(DeletionInsertion(), teacher, of, teacher.weight * of.image)
    areas = (found["insertion"] - found["deletion"])[0]
    assert areas.shape == (len(FILLING),)
    assert found["faithfulness"][0] == pytest.approx(areas[FILLING.index("colors")])
    known = of_one(DeletionInsertion(judges=("black", "blur")), teacher, of, teacher.weight * of.image)
    assert known["faithfulness"][0] == pytest.approx((known["insertion"] - known["deletion"]).mean())


def test_a_judge_of_two_colors_is_the_mean_of_both() -> None:
    teacher, of = drawn((4, 4, 1))
    dark = of._replace(image=jnp.zeros((4, 4, 1)) + 0.05, mean_color=jnp.full(1, 0.1))
    assert colors(dark)[:, 0, 0, 0].tolist() == [1.0, 0.75]
    by = {
        value: of_one(
            DeletionInsertion(judges=("mean_color",)),
            teacher,
            dark._replace(mean_color=jnp.full(1, value)),
            teacher.weight,
        )["deletion"][0, 0]
        for value in (1.0, 0.75)
    }
    found = of_one(DeletionInsertion(judges=("black", "colors")), teacher, dark, teacher.weight)
    assert found["deletion"][0, 1] == pytest.approx(np.mean(list(by.values())), rel=1e-5)


@pytest.mark.parametrize(
    ("image", "mean", "expected"),
    [
        pytest.param([0.0], 0.3, [[1.0], [0.75]], id="black"),
        pytest.param([1.0], 0.9, [[0.25], [0.5]], id="white"),
        pytest.param([0.0], 1.0, [[0.5], [0.25]], id="black, of white ones"),
        pytest.param([0.9, 0.1, 0.1], [0.9, 0.1, 0.1], [[0, 1, 1]], id="red"),
        pytest.param([0.2, 0.3], 0.2, [[1.0, 1.0], [0.75, 0.75]], id="two channels"),
    ],
)
def test_the_two_colors_are_far_from_the_image_and_from_the_mean(
    image: list[float], mean: object, expected: list[list[float]]
) -> None:
    of = case(np.broadcast_to(np.array(image, "f4"), (3, 5, len(image))))
    of = of._replace(mean_color=jnp.broadcast_to(jnp.asarray(mean, jnp.float32), len(image)))
    found = np.asarray(colors(of))
    assert found.shape == (2, 3, 5, len(image))
    assert found[: len(expected), 0, 0].tolist() == expected
    assert (found == found[:, :1, :1]).all()
    assert found.max(axis=(1, 2, 3)).all()  # never black
    assert (found[0] != found[1]).any()


def test_random_maps_and_constant_ones_are_at_chance() -> None:
    """The weight is in the upper half: an order by position would make a constant map the best or worst."""
    weight = np.zeros((8, 8, 1))
    weight[:4] = 0.2
    teacher, of = Linear(jnp.asarray(weight, jnp.float32)), case(np.ones((8, 8, 1)))
    rng = np.random.default_rng(0)
    maps = [*rng.normal(size=(40, 8, 8, 1)), np.ones((8, 8, 1)), weight]
    *random, constant, true = of_one(DeletionInsertion(judges=("black",)), teacher, of, *maps)["faithfulness"]
    assert np.mean(random) == pytest.approx(0, abs=0.03)
    assert constant == pytest.approx(0, abs=0.15)
    assert true > 0.2


def test_equal_scores_are_shuffled_behind_higher_ones() -> None:
    found = np.asarray(order_of(jnp.array([0.0, 0, 5, 0, 0, 0, 0, 0]), jax.random.key(0)).rank)
    assert found[2] == 0
    assert sorted(found) == list(range(8))
    assert list(np.delete(found, 2)) != list(range(1, 8))


def test_margin_lost_with_the_strongest_of_ten_inked_pixels() -> None:
    """Weights 1 to 10 on ten inked pixels: the strongest loses 10, the map elsewhere 5.5 ± 3.06; an eleventh
    pixel is black already, and what a map says of it does not count.
    """
    teacher = Linear(jnp.arange(11.0).reshape(1, 11, 1))
    image = np.ones((1, 11, 1))
    image[0, 0] = 0.04
    claims = np.arange(11.0).reshape(1, 11, 1)
    claims[0, 0] = 100
    judge = StrongestPixels(draws=4000, judges=("black",))
    found = of_one(judge, teacher, case(image), claims, -claims)
    assert list(found["lost"]) == pytest.approx([10, 1])
    assert found["chance"][0] == pytest.approx(5.5, abs=0.15)
    assert found["beyond_chance"][1] == pytest.approx(1 - 5.5, abs=0.15)
    assert found["high"][0] == pytest.approx(1.96 * 3.056, abs=0.1)


@pytest.mark.parametrize("smooth", [0, 2])
def test_a_map_that_means_nothing_is_beyond_chance_as_seldom_whatever_its_texture(smooth: float) -> None:
    """On a teacher of smooth weights, smooth maps lose now much, now little; pixels of noise never do."""
    random = np.random.default_rng(0)
    shape = (16, 16, 1)
    weight = gaussian_filter(random.normal(size=shape), (2, 2, 0))
    maps = gaussian_filter(random.normal(size=(300, *shape)), (0, smooth, smooth, 0))
    judge = StrongestPixels(draws=14, judges=("black",))
    found = of_one(judge, Linear(jnp.asarray(weight, jnp.float32)), case(np.ones(shape)), *maps)
    assert np.mean(found["beyond_chance"] > found["high"]) < 0.05


def test_elsewhere_a_map_keeps_its_texture() -> None:
    to = np.asarray(elsewhere(jax.random.key(0), 50, (4, 6)))
    assert all(sorted(one) == list(range(24)) for one in to)
    beside = np.abs(to.reshape(50, 4, 6)[:, :, 1:] % 6 - to.reshape(50, 4, 6)[:, :, :-1] % 6)
    assert set(beside.ravel()) == {1, 5}  # 5: across the edge
    assert len({tuple(one) for one in to}) > 30


def test_a_pixel_of_any_color_is_inked_where_its_baseline_differs() -> None:
    """Red is as bright as the mean color and differs from it; the gray pixels are the mean color itself."""
    image = np.full((1, 10, 3), 0.4)
    image[0, 7] = (1.0, 0.1, 0.1)
    teacher = Linear(jnp.ones((1, 10, 3)).at[0, 7].set(jnp.array([2.0, 0, 0])))
    judge = StrongestPixels(judges=("mean_color",))
    found = of_one(judge, teacher, case(image, mean_color=0.4), np.zeros((1, 10, 3)))
    assert found["lost"][0] == pytest.approx(2 * 0.6, rel=1e-5)
    assert found["beyond_chance"][0] == pytest.approx(0, abs=1e-6)


@dataclass(frozen=True)
class Draw:
    """A measure that shows what it would draw."""

    def __call__(self, _teacher: object, of: Case, maps: jax.Array) -> jax.Array:
        return jnp.broadcast_to(jax.random.uniform(of.key, (9,)), (len(maps), 9))


def test_a_measure_draws_nothing_that_a_method_has_drawn() -> None:
    """With LIME's own masks as its subsets, a measure would ask only what LIME was fitted to."""
    teacher, of = drawn(SHAPE)
    cases = jax.tree.map(lambda leaf: leaf[None], of)
    found = measure(Draw(), teacher, cases, jnp.ones((1, 1, *SHAPE)))[0, 0]
    assert not np.intersect1d(found, jax.random.uniform(of.key, (9,))).size
    np.testing.assert_array_equal(found, measure(Draw(), teacher, cases, jnp.zeros((1, 1, *SHAPE)))[0, 0])


def test_mu_fidelity_of_true_contributions_is_one() -> None:
    teacher, of = drawn((16, 16, 1))
    product = teacher.weight * of.image
    found = of_one(MuFidelity(baselines=("black",)), teacher, of, product, -product)
    assert list(found["plain"]) == pytest.approx([1, -1], abs=1e-4)
    assert list(found["partial"]) == pytest.approx([1, -1], abs=1e-4)


def test_ink_alone_is_no_fidelity() -> None:
    """The margin is the ink and little else: the image itself has a plain fidelity near 1 and no other."""
    teacher, of = drawn((32, 32, 1))
    teacher = Linear(1 + 0.05 * teacher.weight)
    noise = np.random.default_rng(1).normal(size=of.image.shape)
    judge = MuFidelity(baselines=("black",))
    found = of_one(judge, teacher, of, of.image, of.image + 0.02 * noise, teacher.weight * of.image)
    assert found["plain"].min() > 0.95
    assert np.isnan(found["partial"][0])
    assert list(found["undefined"]) == [1, 0, 0]
    assert abs(found["partial"][1]) < 0.3
    assert found["partial"][2] == pytest.approx(1, abs=1e-3)


def test_all_subsets_have_one_size_and_constant_answers_are_counted() -> None:
    """Two of four equal cells cost the same, whichever: there is nothing to correlate with."""
    teacher, of = Linear(jnp.ones((8, 8, 1))), case(np.ones((8, 8, 1)))
    judge = MuFidelity(share=0.5, baselines=("black",))
    found = of_one(judge, teacher, of, np.random.default_rng(0).normal(size=(8, 8, 1)), np.zeros((8, 8, 1)))
    assert np.isnan(found["plain"]).all()
    assert np.isnan(found["partial"]).all()
    assert list(found["undefined"]) == [1, 1]


@pytest.mark.parametrize(("baseline", "absent"), [("black", 0.0), ("mean_color", 0.3)])
def test_infidelity_of_true_contributions_is_zero(baseline: str, absent: float) -> None:
    """And the published form, φ = w for the change I: Iᵀw is the sum of w ⊙ (x − baseline) where I is."""
    teacher, of = drawn(SHAPE)
    product = teacher.weight * (of.image - absent)
    judge = Infidelity(baselines=(baseline,))  # type: ignore[arg-type]
    found = of_one(judge, teacher, of, product, 3 * product, -product, 0 * product)
    assert found["raw"][0] == pytest.approx(0, abs=1e-6)
    assert found["raw"][1] > 0.1
    assert list(found["normalized"][:2]) == pytest.approx([0, 0], abs=1e-6)
    assert list(found["unexplained"]) == pytest.approx([0, 0, 1, 1], abs=1e-6)


def test_squares_lie_inside_and_have_all_sizes() -> None:
    squares = np.asarray(random_squares(jax.random.key(0), 500, (8, 12), 0.5)).reshape(500, 8, 12)
    sides = squares.any(axis=2).sum(axis=1)
    assert set(sides) == {1, 2, 3, 4}
    np.testing.assert_array_equal(squares.sum(axis=(1, 2)), sides**2)
    assert squares.any(axis=0).all()


def test_ranks_and_correlations_are_scipys() -> None:
    rng = np.random.default_rng(0)
    a, b, c = rng.integers(0, 6, (3, 40)).astype(np.float32)
    np.testing.assert_array_equal(ranks(a), rankdata(a))
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic, abs=1e-6)
    left = [
        np.polynomial.Polynomial.fit(rankdata(c), rankdata(v), 1)(rankdata(c)) - rankdata(v) for v in (a, b)
    ]
    assert partial_spearman(a, b, c) == pytest.approx(np.corrcoef(*left)[0, 1], abs=1e-5)
    assert partial_spearman(a, b, jnp.ones(40)) == pytest.approx(float(spearman(a, b)), abs=1e-6)
    assert np.isnan(spearman(a, jnp.ones(40)))
