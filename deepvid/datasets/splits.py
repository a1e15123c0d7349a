"""The parts of a data set that somebody has split, by the words that people use for them."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Part = Literal["training", "validation", "test"]

PARTS: dict[str, Part] = {
    **dict.fromkeys(("train", "training"), "training"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
"""Part by its word, in small letters."""

WORDS: dict[str, Part] = {**PARTS, "0": "training", "false": "training", "1": "test", "true": "test"}
"""Part by its word or number, in tables."""


class TestImages(NamedTuple):
    """Which images are test images, bool (image,), and what became of those for validation."""

    test: list[bool]
    notes: tuple[str, ...]


def test_images(parts: Sequence[Part]) -> TestImages:
    """Those of the test part. Validation images are training images, or test images where no others are."""
    held_out = "test" if "test" in parts else "validation"
    count = parts.count("validation")
    becomes = "training images, for there are test images" if held_out == "test" else "the test images"
    return TestImages(
        [part == held_out for part in parts],
        (f"The {count:,} validation images are {becomes}",) if count else (),
    )
