import numpy as np
import pytest

from deepvid.trust import (
    Evidence,
    MapEvidence,
    MapVerdict,
    Verdict,
    beyond_draws,
    map_verdicts,
    reasons,
    verdicts,
)

# Agreement of at least .9 where guessing reaches .7; all criteria are met.
GOOD = {
    "agreement_low": 0.9,
    "floor": 0.7,
    "kl": 0.02,
    "gate": 1.0,
    "agrees_on_sample": 1.0,
    "stability": 0.95,
    "margin_lost": 3.0,
    "margin_chance": 0.5,
}


def evidence(**changes: float) -> Evidence:
    return Evidence(**{name: np.array([value]) for name, value in (GOOD | changes).items()})


def verdict(**changes: float) -> Verdict:
    return Verdict(int(verdicts(evidence(**changes))[0]))


@pytest.mark.parametrize(
    ("changes", "expected", "words"),
    [
        ({}, Verdict.EXPLAINED, ""),
        ({"agreement_low": 0.7}, Verdict.CANNOT_TELL, "more often than guessing"),
        ({"floor": 1.0, "agreement_low": 0.96}, Verdict.CANNOT_TELL, "more often than guessing"),
        ({"kl": 0.11}, Verdict.WEAK, "0.1 nat"),
        ({"gate": 0.0}, Verdict.WEAK, "autoencoder"),
        ({"agrees_on_sample": 0.0}, Verdict.WEAK, "this very image"),
        ({"stability": 0.6}, Verdict.WEAK, "another picture"),
        ({"margin_lost": 0.4}, Verdict.WEAK, "laid elsewhere"),
        ({"margin_lost": np.nan, "margin_chance": np.nan}, Verdict.EXPLAINED, ""),
        ({"stability": np.nan}, Verdict.EXPLAINED, ""),
    ],
)
def test_each_criterion_decides(changes: dict[str, float], expected: Verdict, words: str) -> None:
    assert verdict(**changes) == expected
    one = Evidence(*(np.asarray(values)[0] for values in evidence(**changes)))
    told = reasons(one)
    assert words in " ".join(told)
    assert bool(told) == (expected != Verdict.EXPLAINED)


def test_students_are_judged_side_by_side() -> None:
    several = Evidence(*(np.array([value, value]) for value in GOOD.values()))._replace(
        kl=np.array([0.02, 0.5])
    )
    assert verdicts(several).tolist() == [Verdict.EXPLAINED, Verdict.WEAK]


def test_a_map_holds_beyond_the_luckiest_of_as_many_that_mean_nothing() -> None:
    lost, chance = np.array([0.9, 1.1, 1.6, np.nan]), np.ones(4)
    expected = [MapVerdict.DOES_NOT_HOLD, MapVerdict.PARTLY, MapVerdict.HOLDS, MapVerdict.UNKNOWN]
    assert map_verdicts(lost, chance, 9).tolist() == expected
    assert map_verdicts(lost, chance, 1).tolist()[1] == MapVerdict.HOLDS  # there is nothing to choose from


def test_a_map_holds_by_all_judges_that_were_asked() -> None:
    """Chance is 1, the luckiest of nine 1.5."""
    colors, infill = np.array([2.0, 2.0, 2.0, 1.2, 0.5, 0.5]), np.array([np.nan, 2.0, 0.5, 1.2, 0.5, 3.0])
    found = MapEvidence(colors, np.ones(6), infill, np.where(np.isnan(infill), np.nan, 1.0))
    holds, partly, fails = MapVerdict.HOLDS, MapVerdict.PARTLY, MapVerdict.DOES_NOT_HOLD
    assert found.verdicts(9).tolist() == [holds, holds, partly, partly, fails, partly]
    assert found.disputed(9).tolist() == [False, False, True, False, False, True]
    assert found.worth.tolist() == [2.0, 2.0, 1.25, 1.2, 0.5, 1.75]
    unknown = MapEvidence(*np.full((4, 1), np.nan))
    assert unknown.verdicts(9).tolist() == [MapVerdict.UNKNOWN]
    assert not unknown.disputed(9).any()


@pytest.mark.parametrize("maps", [1, 9])
def test_the_best_of_several_maps_that_mean_nothing_holds_in_one_case_of_forty(maps: int) -> None:
    random, degrees = np.random.default_rng(0), 10
    draws = random.normal(size=(20000, maps, degrees))
    high = beyond_draws(degrees) * draws.std(axis=2, ddof=1)
    own = random.normal(size=(20000, maps)) - draws.mean(axis=2)
    held = (map_verdicts(own, high, maps) == MapVerdict.HOLDS).any(axis=1)
    assert held.mean() == pytest.approx(0.025, abs=0.008)
