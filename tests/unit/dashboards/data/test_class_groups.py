"""Many classes as few groups: which ones stand alone, what the rest holds, and what a cell of two means."""

import numpy as np
import pytest

from dashboards.data.class_groups import ALL, cells_between, class_of, grouped, shown_words, summed

NAMES = [f"k{k}" for k in range(30)]


def _ring(classes: int = 30) -> np.ndarray:
    """Class k is taken for the one after it k times, and recognized the oftener the smaller k is."""
    count = np.diag(100 * (classes - np.arange(classes)))
    at = np.arange(classes)
    count[at, (at + 1) % classes] = at
    return count


def test_of_many_classes_the_most_confused_stand_alone_in_their_order() -> None:
    groups = grouped(_ring(), np.arange(30)[::-1])
    # class k sends k and receives k - 1, class 0 receives 29: the least are 1 .. 10
    assert groups.classes == (*range(29, 10, -1), 0)
    assert groups.rest == 10
    assert groups.of_class[1] == groups.of_class[10] == 20
    assert grouped(_ring(23), np.arange(23)).rest == 0


def test_a_class_comes_with_what_it_is_confused_with_most() -> None:
    count = _ring()
    count[3, 7] = 1000
    groups = grouped(count, np.arange(30), "3")
    assert groups.classes[0] == 3
    assert {2, 4, 7} <= set(groups.classes)  # then those with most errors
    assert {28, 29} <= set(groups.classes)
    assert len(groups.classes) == 20
    assert shown_words(groups, "3", NAMES) == "k3 and the 19 it is most confused with, of 30 classes."


def test_all_of_them_have_no_rest() -> None:
    groups = grouped(_ring(), np.arange(30)[::-1], ALL)
    assert groups.classes == tuple(range(29, -1, -1))
    assert shown_words(groups, ALL, NAMES) == "All 30 classes, in the order of their hierarchy."
    np.testing.assert_array_equal(summed(_ring(), groups), _ring()[::-1, ::-1])


@pytest.mark.parametrize("wanted", ["", "30", "-1", "1.5", "x", "٣", "9" * 5000])
def test_what_names_no_class_shows_the_most_confused(wanted: str) -> None:
    assert wanted == "٣" or class_of(wanted, 30) is None
    expected = "3" if wanted == "٣" else ""  # a digit of another script is a digit
    assert (
        grouped(_ring(), np.arange(30), wanted).classes == grouped(_ring(), np.arange(30), expected).classes
    )


def test_nothing_is_lost_between_the_groups() -> None:
    count = _ring()
    groups = grouped(count, np.arange(30))
    assert summed(count, groups).sum() == count.sum()
    within = [cell for cell in cells_between(groups, count, 20, 20) if count[cell]]
    assert sum(int(count[cell]) for cell in within) == summed(count, groups)[20, 20]
    assert len(cells_between(groups, count, 0, None)) == 30  # a row of a single class is whole
