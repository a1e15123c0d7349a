"""How much columns say of errors: by hand, against planted causes, and how often chance names one."""

import numpy as np
import pytest

from deepvid.columns import Column
from deepvid.dependence import BINS, LEVEL, bins_of, dependences, mutual_information

NAN = float("nan")


def numbers(name: str, values: list[float] | np.ndarray) -> Column:
    return Column(name, "number", np.array(values, np.float64))


def words(name: str, index: list[int] | np.ndarray, count: int) -> Column:
    return Column(name, "category", np.array(index, np.int32), tuple(f"w{word}" for word in range(count)))


def test_mutual_information_by_hand() -> None:
    images = np.array([4, 4])
    assert mutual_information(np.array([4, 0]), images) == pytest.approx(1.0)  # tells all of one bit
    assert mutual_information(np.array([2, 2]), images) == pytest.approx(0.0)
    # H(1/2) - (H(1/4) + H(3/4)) / 2 = 1 - 0.811278
    assert mutual_information(np.array([1, 3]), images) == pytest.approx(0.188722, abs=1e-6)
    assert mutual_information(np.array([[4, 0], [1, 3]]), images) == pytest.approx([1.0, 0.188722], abs=1e-6)
    assert mutual_information(np.array([0, 0]), images) == 0


def test_groups_of_numbers_have_equal_sizes_and_equal_values_stay_together() -> None:
    bins = bins_of(numbers("x", np.random.default_rng(0).permutation(800)))
    assert np.bincount(bins.of_row).tolist() == [100] * BINS
    assert (bins.low[0], bins.high[0], bins.low[1], bins.high[-1]) == (0, 99, 100, 799)
    few = bins_of(numbers("x", [3, 1, NAN, 3, 2]))
    assert few.of_row.tolist() == [2, 0, 3, 2, 1]
    assert (few.low, few.high, few.unknown) == ((1, 2, 3), (1, 2, 3), True)
    mostly = bins_of(numbers("x", [0.0] * 900 + list(range(1, 101))))  # nearly all are one value
    assert (mostly.of_row[:900] == 0).all()
    assert mostly.of_row[900:].min() >= 1
    infinite = bins_of(numbers("x", [-np.inf, np.inf, *range(20)]))
    assert (infinite.low[0], infinite.high[-1]) == (-np.inf, np.inf)
    assert bins_of(words("x", [2, -1, 0, 2], 4)).of_row.tolist() == [1, 2, 0, 1]
    assert bins_of(words("x", [2, -1, 0, 2], 4)).words == ("w0", "w2")


def test_a_cause_is_named_and_its_worst_value_comes_first() -> None:
    generator = np.random.default_rng(1)
    site = generator.integers(0, 4, 2_000)
    wrong = generator.random(2_000) < np.where(site == 2, 0.4, 0.1)
    noise = numbers("noise", generator.normal(size=2_000))
    text = Column("note", "text", np.array(["a", "b"] * 1_000, object))
    constant = words("constant", np.zeros(2_000), 1)
    columns = {one.name: one for one in (noise, text, constant, words("site", site, 4))}
    first, second = dependences(columns, wrong, np.zeros(len(wrong), int))
    assert (first.name, second.name) == ("site", "noise")
    assert first.beyond_chance
    assert not second.beyond_chance
    assert first.bits > 5 * first.chance
    worst = first.rates[0]
    assert first.bins.words[worst.group] == "w2"
    assert worst.wrong == wrong[site == 2].sum()
    assert worst.rate.low < 0.4 < worst.rate.high
    assert sum(rate.images for rate in first.rates) == 2_000


def test_missing_values_may_be_the_cause() -> None:
    generator = np.random.default_rng(2)
    age, gone = generator.normal(50, 9, 1_000), generator.random(1_000) < 0.2
    wrong = generator.random(1_000) < np.where(gone, 0.5, 0.1)
    (found,) = dependences({"age": numbers("age", np.where(gone, NAN, age))}, wrong, np.zeros(1_000, int))
    assert found.beyond_chance
    assert found.bins.unknown
    assert found.rates[-1].images == gone.sum()


def test_noise_is_named_in_at_most_one_run_of_twenty() -> None:
    """Ten columns of noise of several kinds; 100 runs: 2.5 standard deviations over 5 % are 10.4 %."""
    generator = np.random.default_rng(3)
    named = 0
    for _ in range(100):
        wrong = generator.random(400) < 0.12
        columns = [numbers(f"n{k}", generator.normal(size=400)) for k in range(5)]
        columns += [
            words(f"c{k}", generator.integers(0, size, 400), size) for k, size in enumerate((2, 3, 8, 30, 60))
        ]
        named += any(
            one.beyond_chance
            for one in dependences({one.name: one for one in columns}, wrong, np.zeros(400, int))
        )
    assert named / 100 <= LEVEL + 2.5 * np.sqrt(LEVEL * (1 - LEVEL) / 100)


@pytest.mark.parametrize("wrong", [np.zeros(50, bool), np.ones(50, bool)])
def test_without_errors_or_without_successes_nothing_is_said(wrong: np.ndarray) -> None:
    (found,) = dependences({"x": numbers("x", np.arange(50.0))}, wrong, np.zeros(50, int))
    assert (found.bits, found.p) == (0, 1)
    assert dependences({}, wrong, np.zeros(50, int)) == []


def test_a_column_that_goes_along_with_the_class_is_told_from_one_that_does_more() -> None:
    """Classes are wrong in .05 and .4 of their images; the shade knows the class, the site adds to it."""
    generator = np.random.default_rng(4)
    label, site = generator.integers(0, 2, (2, 3_000))
    wrong = generator.random(3_000) < np.where(label == 1, 0.4, 0.05) + 0.12 * site
    shade = numbers("shade", label + generator.normal(0, 0.3, 3_000))
    found = {
        one.name: one for one in dependences({"shade": shade, "site": words("site", site, 2)}, wrong, label)
    }
    assert found["shade"].beyond_chance
    assert not found["shade"].beyond_class
    assert found["site"].beyond_chance
    assert found["site"].beyond_class
