"""Kinds of findings, in words: terminal, pages and queries say the same."""

from collections.abc import Mapping
from typing import NamedTuple

from deepvid.wording import quantity


class Kind(NamedTuple):
    """One kind of finding."""

    noun: str
    one: str  # what one of them does, or is
    many: str
    short: str  # behind a number
    meaning: str  # of the word in a query

    def sentence(self, count: int) -> str:
        """As "12 test images are also training images", without a stop."""
        return f"{quantity(count, self.noun)} {self.one if count == 1 else self.many}"


KINDS: Mapping[str, Kind] = {
    "copied": Kind(
        "test image",
        "is also a training image",
        "are also training images",
        "also in training",
        "a test image that is also a training image",
    ),
    "near_copy": Kind(
        "test image",
        "is nearly a training image",
        "are nearly training images",
        "nearly in training",
        "a test image that is nearly a training image",
    ),
    "two_labels": Kind(
        "image",
        "has another label elsewhere",
        "have another label elsewhere",
        "with two labels",
        "the same picture has another label elsewhere",
    ),
    "repeated": Kind(
        "image",
        "occurs again in its own split",
        "occur again in their own split",
        "repeated",
        "the same picture occurs again in its own split",
    ),
    "dark": Kind(
        "image",
        "is much darker than the others",
        "are much darker than the others",
        "dark",
        "much darker than the others",
    ),
    "overexposed": Kind(
        "image",
        "is much brighter than the others",
        "are much brighter than the others",
        "overexposed",
        "much brighter than the others",
    ),
    "blurred": Kind(
        "image",
        "is much less sharp than the others",
        "are much less sharp than the others",
        "blurred",
        "much less sharp than the others",
    ),
    "plain": Kind("image", "is of one color", "are of one color", "of one color", "of one color"),
    "odd_size": Kind(
        "image",
        "comes from a file of another form or size than the others",
        "come from files of another form or size than the others",
        "of odd size",
        "its file has another form or size than the others",
    ),
}
"""By the name of the stored variable, which a query has for it, too. The gravest come first."""

LEAKS = ("copied", "near_copy")
"""Kinds that make the test accuracy too good."""
