"""Names that are cut stay different, and short ones stay as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.data.class_labels import shortened

SIGNS = (
    "limit 30 km/h", "limit 50 km/h", "limit 70 km/h", "limit 120 km/h", "no overtaking",
    "no overtaking of trucks", "yield",
)  # fmt: skip


@pytest.mark.parametrize(
    ("longest", "expected"),
    [
        (20, (*SIGNS[:5], "no overtaking of tr…", "yield")),
        (7, ("lim…30…", "lim…50…", "lim…70…", "li…120…", "no…ing", "no…cks", "yield")),
        (9, ("limit 30…", "limit 50…", "limit 70…", "limi…120…", "no o…king", "no o…ucks", "yield")),
    ],
)
def test_what_tells_names_apart_is_kept(longest: int, expected: tuple[str, ...]) -> None:
    assert shortened(SIGNS, longest) == expected


def test_names_that_differ_in_their_middle_stay_different() -> None:
    alike = tuple("a" * 8 + letter + "z" * 9 for letter in "bcd")
    assert len(set(shortened(alike, 5))) == 3


@given(st.lists(st.text("ab 12", min_size=1, max_size=12), unique=True, max_size=40), st.integers(5, 12))
def test_they_fit_differ_and_keep_what_fits(names: list[str], longest: int) -> None:
    short = shortened(tuple(names), longest)
    assert len(set(short)) == len(names)
    assert all(len(cut) <= longest for cut in short)
    assert all(cut == name for cut, name in zip(short, names, strict=True) if len(name) <= longest)
