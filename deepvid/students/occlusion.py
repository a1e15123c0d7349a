"""A second witness where a teacher has no gradients: how much of the contrast goes with each small patch.

It asks for fewer answers than a student does. It is no gradient and never called one: it says what happens
without a patch, and a gradient what happens where a pixel changes a little.
Source: Zeiler and Fergus (2014), arXiv 1311.2901, section 4.2.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

SIDE = 2  # pixels of a patch
MOST_PATCHES = 256  # of an image; patches of larger ones are larger


def occlusion(
    logits: Callable[[np.ndarray], np.ndarray],
    image: UInt8[np.ndarray, "y x channel"],
    pair: Int[np.ndarray, "2"],
) -> Float[np.ndarray, "y x"]:
    """At each pixel (m(x) − m(x with its patch P at 0)) / |P|, m the difference of two logits of `logits`.

    `pair` has their classes. P's pixels share its drop alike, so that the map sums to all drops.
    """
    pixels = image.astype(np.float32) / 255
    patches = _patches(image.shape[:2])
    # A patch that is black already changes nothing, and is not asked about.
    patches = patches[(patches[..., None] & (image > 0)).any(axis=(1, 2, 3))]
    asked = np.concatenate([pixels[None], np.where(patches[..., None], np.float32(0), pixels)])
    found = logits(asked)
    margin = found[:, pair[0]] - found[:, pair[1]]
    share = (margin[0] - margin[1:]) / patches.sum(axis=(1, 2))
    return np.tensordot(share, patches, 1).astype(np.float32)


def _patches(shape: tuple[int, ...]) -> Bool[np.ndarray, "patch y x"]:
    """Squares side by side from the upper left; the last ones of a row or column may be cut off."""
    side = SIDE
    while np.prod([-(-size // side) for size in shape]) > MOST_PATCHES:
        side += 1
    rows, columns = (np.arange(size) // side == np.arange(-(-size // side))[:, None] for size in shape)
    return (rows[:, None, :, None] & columns[None, :, None, :]).reshape(-1, *shape)
