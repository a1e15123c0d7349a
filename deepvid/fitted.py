"""Which images something is fitted to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool


def fitted(test: Bool[np.ndarray, " sample"]) -> Bool[np.ndarray, " sample"]:
    """The training images; of a model trained elsewhere every image may be a test image: then all."""
    return test if test.all() else ~test
