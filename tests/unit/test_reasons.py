"""Causes in words, from what a run stores."""

import numpy as np
import pytest
from diagnosed import causes_group

from deepvid.causes import CAUSES
from deepvid.causes.one_place import place_name
from deepvid.reasons import Classes, StoredCauses, planted_shares, right

CLASSES = Classes("Coat", "Shirt", ("Coat", "Shirt", "Bag"))


def stored(**found: tuple[float, ...]) -> StoredCauses:
    """One error; of each cause its strength, and behind it its facts."""
    return StoredCauses(causes_group([7], [found]))


@pytest.mark.parametrize(
    ("name", "facts", "sentence"),
    [
        ("label_doubt", (11.5, 0.1), "whichever place is covered, Shirt stays 11.5 logits ahead of Coat."),
        ("label_doubt", (-1.0, 0.62), "Coat has 62 % of what it gives to other classes on such images."),
        ("one_place", (6, 0.83, -2.0), "the upper right: without it the answer is Coat."),
        ("one_place", (24, 0.5, 1.0), "the middle: without it Shirt leads Coat by 1.0 logits."),
        ("picture_quality", (0, -5.6), "The picture is darker than the training images, z −5.6."),
        ("picture_quality", (3, -8.7, 0.83, 0.2), "that are so as well 83 % are wrong, of others 20 %."),
        ("overlap", (0.2, 0.75, 0.41), "75 % are Shirt, 20 % are Coat."),
        ("overlap", (0, 1, 0.3), "100 % are Shirt, none is Coat."),
        ("overlap", (np.nan, np.nan, 0.3), "the teacher gives Coat .30."),
        ("unlike_training", (4.6, 4.4), "4.6 standard deviations farther from them than they usually are."),
        ("unlike_training", (4.6, 1.0), "and nearer to those of Shirt."),
        ("copies", (2, 0.0), "The same picture is labeled Bag elsewhere; here it is Coat."),
        ("copies", (2, 0.2), "Nearly the same picture is labeled Bag elsewhere; here it is Coat."),
    ],
)
def test_a_cause_is_a_sentence_with_its_evidence(name: str, facts: tuple[float, ...], sentence: str) -> None:
    (reason,) = stored(**{name: (2.0, *facts)}).reasons(0, CLASSES)
    assert sentence in reason.text
    assert (reason.title, reason.action) == (CAUSES[name].title, CAUSES[name].action)


def test_causes_come_by_how_far_they_go_and_of_none_the_nearest_is_told() -> None:
    overlap, quality = (0.2, 0.8, 0.3), (1, 4.0)
    named = stored(overlap=(1.5, *overlap), picture_quality=(2.5, *quality), copies=(0.9,))
    assert [one.title for one in named.reasons(0, CLASSES)] == ["picture quality", "classes overlap"]
    assert named.titles[int(named.first[0])] == "picture quality"
    none = stored(overlap=(0.5, *overlap), picture_quality=(0.8, *quality))
    (reason,) = none.reasons(0, CLASSES)
    assert none.titles[int(none.first[0])] == "unknown"
    assert reason.text == (
        "Of its nearest training images 80 % are Shirt, 20 % are Coat. No cause is beyond its threshold; "
        "nearest is picture quality, at .80 of it."
    )
    assert stored().reasons(0, CLASSES)[0].text == "No cause was looked for."


def test_what_an_earlier_version_stored_reads_alike() -> None:
    found = {
        "overlap": (1.2, 0.2, 0.8, 0.3),
        "picture_quality": (2.5, 1, 4.0),
        "unlike_training": (1.1, 4.6, 1.0),
    }
    now, before = (StoredCauses(causes_group([7], [found], earlier=earlier)) for earlier in (False, True))
    assert now.reasons(0, CLASSES)[:2] == before.reasons(0, CLASSES)[:2]
    assert now.reasons(0, CLASSES)[2].text == ""  # only two are told
    assert now.reasons(0, CLASSES)[2].title == before.reasons(0, CLASSES)[2].title == "unlike training"


def test_how_often_a_cause_is_right_stands_beside_it() -> None:
    assert planted_shares(CAUSES["label_doubt"]) == "77 % (Fashion-MNIST), 94 % (MNIST)"
    assert right(CAUSES["overlap"]).startswith("named first, it is right on at least 36 %")
    assert right(CAUSES["copies"]) == "how often this is right was not measured"


def test_a_cause_of_a_later_version_is_left_out() -> None:
    later = causes_group([7], [{"overlap": (2.0, 0.2, 0.8, 0.3)}])
    later.attrs["causes"] = ["ghosts", *list(CAUSES)[1:]]
    found = StoredCauses(later)
    assert [cause.name for cause in found.causes] == list(CAUSES)[1:]
    assert [one.title for one in found.reasons(0, CLASSES)] == ["classes overlap"]


@pytest.mark.parametrize(
    ("name", "facts"),
    [("copies", (99, 0.0)), ("picture_quality", (np.nan, 1.0)), ("one_place", (np.inf, 0, 0))],
)
def test_numbers_that_no_version_writes_are_no_sentence(name: str, facts: tuple[float, ...]) -> None:
    (reason,) = stored(**{name: (2.0, *facts)}).reasons(0, CLASSES)
    assert (reason.title, reason.text) == (CAUSES[name].title, "Its evidence cannot be read.")


def test_more_names_than_there_are_columns_are_left_out() -> None:
    forged = causes_group([7], [{"label_doubt": (2.0, 9.0, 0.1)}]).isel(cause=slice(2))
    assert [cause.name for cause in StoredCauses(forged).causes] == list(CAUSES)[:2]


@pytest.mark.parametrize(
    ("place", "grid", "name"),
    [
        (0, (7, 7), "the upper left"),
        (48, (7, 7), "the lower right"),
        (3, (7, 7), "the upper edge"),
        (21, (7, 7), "the left edge"),
        (3, (1, 7), "the middle"),
        (0, (1, 1), "the middle"),
    ],
)
def test_a_place_has_a_name(place: int, grid: tuple[int, int], name: str) -> None:
    assert place_name(place, grid) == name
