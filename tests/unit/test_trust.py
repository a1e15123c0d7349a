import numpy as np
import pytest

from deepvid.trust import Evidence, Verdict, reasons, verdicts

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
        ({"margin_lost": 0.4}, Verdict.WEAK, "random ones"),
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
