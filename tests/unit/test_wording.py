"""Numbers in words, letter by letter."""

import pytest

from deepvid.statistics import Interval
from deepvid.wording import (
    bare,
    change,
    duration,
    enumeration,
    minus,
    moment,
    number,
    percent,
    percent_interval,
    probability,
    quantity,
    share,
    signed,
    size,
)


def test_shares() -> None:
    assert [percent(0.834), percent(0.834, digits=1), percent(1, 8, digits=1)] == ["83 %", "83.4 %", "12.5 %"]
    assert percent_interval(Interval(0.834, 0.8, 0.851)) == "83 % [80, 85]"
    assert percent_interval((0.834, 0.8, 0.851), digits=1, to="–") == "83.4 % [80.0–85.1]"
    assert [share(0, 0), share(1, 3), share(997, 1000), share(5, 5)] == [
        "0 %",
        "33 %",
        "more than 99 %",
        "100 %",
    ]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "< .005"), (0.72, ".72"), (0.9999, "> .995"), (0.01, ".01")]
)
def test_no_probability_is_said_that_it_is_not(value: float, text: str) -> None:
    assert probability(value) == text


def test_no_zero_stands_before_a_point() -> None:
    assert [bare(value) for value in (0.4, -0.3, 1.2, -10.0, 10.05)] == [
        ".40",
        "−.30",
        "1.20",
        "−10.00",
        "10.05",
    ]
    assert [bare(0.9996, 3), bare(-0.5, 1)] == ["1.000", "−.5"]


def test_changes_have_their_sign() -> None:
    assert [signed(value) for value in (0.42, -1.2, -0.3, 0.001)] == ["+.42", "−1.20", "−.30", ".00"]
    assert [change(0.42), change(-1.25, 1), change(12, 0)] == ["+0.42", "−1.2", "+12"]
    assert minus("-1 to -2") == "−1 to −2"


def test_numbers() -> None:
    assert [number(1200), number(-30.5755), number(0.00001234)] == ["1,200", "−30.58", "1.234e-05"]
    assert [number(9999.7), number(-12345.6)] == ["10,000", "−12,346"]
    assert [number(value, digits=2) for value in (-0.0844, 99.4, 99.6, -609.9)] == [
        "−0.084",
        "99",
        "100",
        "−610",
    ]


def test_words() -> None:
    assert [quantity(1, "file"), quantity(1200, "file")] == ["1 file", "1,200 files"]
    assert quantity(2, "other class", "other classes") == "2 other classes"
    assert [enumeration([]), enumeration(["a"]), enumeration(["a", "b", "c"])] == ["", "a", "a, b and c"]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (1000, "1 kB"),
        (999_600, "1 MB"),
        (3_412_000, "3.41 MB"),
        (232e6, "232 MB"),
    ],
)
def test_sizes(count: float, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (42, "42 s"), (200, "3 min"), (4800, "1 h 20 min")],
)
def test_durations_are_as_exact_as_an_estimate_deserves(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_what_is_no_time_is_left_as_it_is() -> None:
    assert moment("not a time") == "not a time"
    assert moment("2026-11-20T11:02:00").startswith("20 November 2026, 11:02")
