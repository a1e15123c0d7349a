"""Links between two epochs, and epochs that have no map."""

import numpy as np
import pytest

from deepvid.errors import DataError
from deepvid.timetravel.contract import Epoch, Fitted, Head, check
from deepvid.timetravel.ground import tie

HEAD = Head(np.ones((3, 2), np.float32), np.zeros(2, np.float32))
FEATURES = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
EPOCH = Epoch(np.arange(20), FEATURES, FEATURES[:2], HEAD)


def test_samples_are_tied_by_name_and_by_what_their_neighborhoods_share() -> None:
    """Sample 7 keeps one of its two neighbors, 5 none; 9 is new, and 6 has left."""
    before = Fitted(
        np.array([5, 6, 7]),
        np.array([[1.0, 2], [3, 4], [5, 6]]),
        np.zeros((0, 2)),
        np.array([[6, 7], [5, 7], [5, 6]]),
        model=None,  # type: ignore[arg-type]
    )
    epoch = Epoch(np.array([7, 9, 5]), FEATURES[:3], FEATURES[:1], HEAD)
    tied = tie(epoch, np.array([[5, 9], [5, 7], [9, 8]]), before)
    assert tied.position.tolist() == [[5, 6], [0, 0], [1, 2], [0, 0]]
    assert tied.tied.tolist() == [True, False, True, False]  # the last is a boundary point
    assert tied.rate.tolist() == [0.5, 0, 0, 0]


def test_nothing_ties_the_first_epoch() -> None:
    tied = tie(EPOCH, np.zeros((20, 15), int), None)
    assert not tied.tied.any()
    assert not tied.rate.any()


def test_an_epoch_with_a_map_passes() -> None:
    check(EPOCH)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"features": np.where(np.arange(20)[:, None] == 3, np.nan, FEATURES)}, "1 of 20 samples with NaN"),
        ({"features": FEATURES[:15]}, "15 samples"),
        ({"sample": np.arange(19)}, r"\(19,\)"),
        ({"boundary": np.zeros((2, 4))}, r"\(2, 4\)"),
        ({"head": Head(np.ones((4, 2)), np.zeros(2))}, r"\(4, 2\)"),
    ],
    ids=["nan", "few", "names", "boundary", "head"],
)
def test_an_epoch_without_a_map_is_refused(change: dict[str, object], found: str) -> None:
    with pytest.raises(DataError, match=found):
        check(EPOCH._replace(**change))  # type: ignore[arg-type]
