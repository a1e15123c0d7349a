"""Intervals and tests against numbers worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, t

from deepvid.statistics import (
    auroc,
    auroc_difference,
    bootstrap_difference,
    bootstrap_mean,
    holm,
    kappa,
    mcnemar,
    mcnemar_test,
    student_quantile,
    wilson,
)


def test_wilson_of_eight_in_ten() -> None:
    # centre (0.8 + 3.8415/20) / (1 + 3.8415/10) = 0.99207/1.38415 = 0.71674;
    # half 1.96 * sqrt(0.016 + 3.8415/400) / 1.38415 = 1.96 * 0.16003 / 1.38415 = 0.22660
    value, low, high = wilson(8, 10)
    assert value == 0.8
    assert low == pytest.approx(0.71674 - 0.22660, abs=1e-4)
    assert high == pytest.approx(0.71674 + 0.22660, abs=1e-4)


def test_wilson_without_trials_knows_nothing() -> None:
    value, low, high = wilson(0, 0)
    assert math.isnan(value)
    assert (low, high) == (0.0, 1.0)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_contains_its_share_and_stays_in_range(case: tuple[int, int]) -> None:
    value, low, high = wilson(*case)
    assert 0 <= low <= value + 1e-12
    assert value - 1e-12 <= high <= 1


def test_kappa_of_a_two_by_two_table() -> None:
    # observed 3/4; shares (1/2, 1/2) and (3/4, 1/4): chance 1/2; kappa (3/4 - 1/2) / (1/2) = 1/2
    assert kappa([0, 0, 1, 1], [0, 0, 1, 0], 2) == pytest.approx(0.5)


def test_kappa_of_two_constants_is_zero() -> None:
    assert kappa([1, 1], [1, 1], 2) == 0.0


def test_mcnemar_exact() -> None:
    # 1 against 5 of 6 fair coins: 2 * (1 + 6) / 64
    assert mcnemar(1, 5) == pytest.approx(14 / 64)
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(400, 400) == 1.0


def test_bootstrap_interval_is_near_the_normal_one() -> None:
    values = np.random.default_rng(0).normal(3, 2, 2000)
    mean, low, high = bootstrap_mean(values, seed=1)
    half = 1.96 * values.std() / math.sqrt(len(values))
    assert mean == pytest.approx(values.mean())
    assert low == pytest.approx(mean - half, abs=0.02)
    assert high == pytest.approx(mean + half, abs=0.02)


def test_mcnemar_of_many_discordant_samples() -> None:
    """|30 - 15| - 1 = 14, so chi-square is 196 / 45."""
    first = np.repeat([True, True, False, False], [100, 30, 15, 5])
    second = np.repeat([True, False, True, False], [100, 30, 15, 5])
    found = mcnemar_test(first, second)
    assert found[:4] == (100, 30, 15, 5)
    assert found.method == "chi-square with continuity correction"
    assert found.statistic == pytest.approx(196 / 45)
    assert found.p_value == pytest.approx(float(chi2.sf(196 / 45, 1)))
    assert found.p_value == pytest.approx(mcnemar(30, 15), rel=0.1)


def test_mcnemar_of_equals_has_nothing_to_tell() -> None:
    many = np.repeat([True, False, True], [1, 20, 20])
    assert mcnemar_test(many, many).p_value == 1.0
    balanced = mcnemar_test(np.repeat([True, False], 20), np.repeat([False, True], 20))
    assert (balanced.statistic, balanced.p_value) == (0.0, 1.0)


def test_a_paired_interval_is_narrow_where_pairs_move_together() -> None:
    rng = np.random.default_rng(0)
    shared = rng.normal(0, 10, 500)
    first, second = shared + 0.5 + rng.normal(0, 0.1, 500), shared
    first[3] = second[5] = math.nan
    value, low, high = bootstrap_difference(first, second, seed=1)
    assert value == pytest.approx(0.5, abs=0.02)
    assert 0.48 < low < value < high < 0.52  # 1.96 * 0.1 / sqrt(498) = 0.009 to either side
    assert all(map(math.isnan, bootstrap_difference([math.nan], [1.0], seed=0)))


def test_the_area_under_a_curve_is_the_share_of_pairs_in_order() -> None:
    """Positives 3, 1 and negatives 2, 1: of four pairs 3 > 2, 3 > 1 are in order, 1 = 1 counts half."""
    found = auroc([3, 1, 2, 1], [True, True, False, False])
    assert found.value == pytest.approx(2.5 / 4)
    assert found.low < found.value < found.high
    assert math.isnan(auroc([1, 2], [True, True]).value)


def test_the_interval_of_an_area_holds_it_in_95_of_100_draws() -> None:
    random, held, paired = np.random.default_rng(0), 0, 0
    truth = 0.5 * (1 + math.erf(1 / 2))  # of N(1, 1) above N(0, 1)
    positive = np.arange(120) < 60
    for _ in range(400):
        first, second = random.normal(size=(2, 120)) + positive
        area, difference = auroc(first, positive), auroc_difference(first, second, positive)
        held += area.low <= truth <= area.high
        paired += difference.low <= 0 <= difference.high
    assert 0.92 <= held / 400 <= 0.98
    assert 0.92 <= paired / 400 <= 0.98


@pytest.mark.parametrize("degrees", [1, 2, 3, 10, 11, 4000])
@pytest.mark.parametrize("share", [0.6, 0.975, 0.9998])
def test_quantiles_of_students_distribution(share: float, degrees: int) -> None:
    assert student_quantile(share, degrees) == pytest.approx(t.ppf(share, degrees), rel=1e-9)


def test_holm_by_hand() -> None:
    assert holm(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.06, 0.03, 0.06])
    assert holm(np.array([0.6, 0.7])) == pytest.approx([1.0, 1.0])
    assert holm(np.array([])).tolist() == []
