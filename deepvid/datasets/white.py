"""The number that is white, found from all images of a set: 16-bit files may use 12 of their bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import UInt8

BYTE, WORD = 255, 65535
TWO = "Images of two values, 0 and 1, read as black and white"


class White(NamedTuple):
    """Of whole numbers of 8 bits, and of wider ones. Black is 0."""

    byte: int = BYTE
    word: int = WORD


def white_byte(largest: int) -> int:
    """1 where the largest number of the set is 1: as bytes, masks would be black and all but black."""
    return 1 if largest == 1 else BYTE


def white_word(largest: int) -> int:
    """1, or the least of 255, 511, 1023 ... 65535 that is no smaller than the largest number of the set."""
    return 1 if largest == 1 else max(BYTE, (1 << int(largest).bit_length()) - 1)


def scale_to_bytes(numbers: np.ndarray, white: float) -> UInt8[np.ndarray, "..."]:
    """round(255 x / white), at most 255, of numbers from 0."""
    return np.rint(np.minimum(numbers, white) * (BYTE / white)).astype(np.uint8)


def laid_on_white(
    colors: UInt8[np.ndarray, "... channel"], opacity: UInt8[np.ndarray, "... 1"]
) -> UInt8[np.ndarray, "... channel"]:
    """c a + (1 - a) 255, so that transparent colors never come to light."""
    wide = opacity.astype(np.uint16)
    return ((colors * wide + BYTE * (BYTE - wide) + BYTE // 2) // BYTE).astype(np.uint8)
