"""Messages of errors: three parts, and never a whole file."""

import pickle

import pytest

from deepvid.errors import MOST, DataError


@pytest.mark.parametrize(
    "lengths", [(10, 10**6, 10), (10**5, 10**6, 10**7), (1, 1, 1), (660, 660, 667), (9, 1987, 0)]
)
def test_a_message_keeps_the_beginning_and_the_end_of_each_part(lengths: tuple[int, int, int]) -> None:
    parts = [f"{letter}" * length for letter, length in zip("mfa", lengths, strict=True)]
    error = DataError(*parts)
    assert len(str(error)) <= MOST
    kept = (error.must, error.found, error.action)
    for part, whole in zip(kept, parts, strict=True):
        assert (part[:1], part[-1:]) == (whole[:1], whole[-1:])
    if sum(lengths) + len(". Found: . .") <= MOST:
        assert kept == tuple(parts)
    else:
        assert f"{max(lengths):,} letters" in str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
