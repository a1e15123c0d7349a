"""Whether a model says of an image that was stored smaller what it says of the image itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from deepvid.adapters.preparing import Prepared
from deepvid.statistics import Interval, wilson

if TYPE_CHECKING:
    from jaxtyping import UInt8

_GOOD = 0.95  # agreement below which larger images are advised


class Resized(NamedTuple):
    """How often a model agrees with itself, between images at its own size and what is stored of them."""

    images: int
    agreement: Interval  # of the classes
    stored: tuple[int, int]  # (y, x)
    taken: tuple[int, int]  # (y, x)

    def attrs(self) -> dict[str, Any]:
        """As a run keeps it."""
        numbers = {"agreement": self.agreement.value, "low": self.agreement.low, "high": self.agreement.high}
        return {"images": self.images, **numbers, "stored": list(self.stored), "taken": list(self.taken)}

    def sentence(self, largest: int) -> str:
        """For a person, without its stop; images are stored at most `largest` pixels a side."""
        value, low, high = (round(100 * share) for share in self.agreement)
        (y, x), (taken_y, taken_x) = self.stored, self.taken
        said = (
            f"Images are stored at {y}x{x}, and the model takes {taken_y}x{taken_x}: from these it gives "
            f"{value} % of {self.images} images the class that it gives the originals ({low}–{high} %)"
        )
        if self.agreement.value >= _GOOD or max(y, x) >= largest:
            return said
        return f"{said}. Larger ones may do better: --size {largest} at most, or dataset.size"


def resized(
    model: Prepared,
    originals: UInt8[np.ndarray, "sample taken_y taken_x channel"],
    stored: UInt8[np.ndarray, "sample y x channel"],
) -> Resized:
    """Of originals in the size that the model takes, and the same images as they are stored."""
    y, x, channels = originals.shape[1:]
    own = model.taking((y, x, channels)).answers(originals.astype(np.float32) / 255).logits
    again = model.answers(stored.astype(np.float32) / 255).logits
    same = int(np.sum(own.argmax(axis=1) == again.argmax(axis=1)))
    return Resized(len(stored), wilson(same, len(stored)), stored.shape[1:3], (y, x))
