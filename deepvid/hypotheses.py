"""Rules about images, thought of on one half of them and tried on the other (NumPy only)."""

from typing import NamedTuple

import numpy as np

from deepvid.statistics import Interval, wilson

MOST_IMAGES = 20_000  # test images that rules are tried on
DRAWS = 2_000  # of shuffled errors


def tried_samples(test: np.ndarray, seed: int) -> np.ndarray:
    """At most `MOST_IMAGES` of the samples `test` at random, ascending: as many are wrong as of all."""
    return np.sort(np.random.default_rng(seed).permutation(test)[:MOST_IMAGES])


def first_half(images: int, random: np.random.Generator) -> np.ndarray:
    """bool (image,): those that a rule may be thought of on."""
    return random.random(images) < 0.5


class Trial(NamedTuple):
    """Error rates of the images that a rule holds of, with 95 % intervals; nan: it holds of none."""

    first: Interval  # of the half that it was thought of on
    other: Interval
    usual: float  # that of all of the other half
    shuffled: Interval  # of as many of its images at random: the mean, and where 95 % of the draws are

    @property
    def is_confirmed(self) -> bool:
        """Whether more of the other half that it holds of are wrong than of all, and than by chance."""
        return self.other.low > self.usual and self.other.value > self.shuffled.high


def trial(holds: np.ndarray, wrong: np.ndarray, half: np.ndarray, *, seed: int = 0) -> Trial:
    """Tries a rule that `holds` of images, of which some are `wrong`: bool (image,) each, as is `half`."""
    rates = [wilson(int((holds & wrong & part).sum()), int((holds & part).sum())) for part in (half, ~half)]
    other = np.flatnonzero(~half)
    errors, images, held = int(wrong[other].sum()), len(other), int(holds[other].sum())
    if not held:
        return Trial(rates[0], rates[1], errors / max(images, 1), wilson(0, 0))
    drawn = np.random.default_rng(seed).hypergeometric(errors, images - errors, held, DRAWS) / held
    low, high = np.quantile(drawn, (0.025, 0.975))
    shuffled = Interval(float(drawn.mean()), float(low), float(high))
    return Trial(rates[0], rates[1], errors / images, shuffled)
