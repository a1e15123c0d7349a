"""A run and one more image, which anybody may bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from deepvid.adapters.contract import Model
from deepvid.models import VAE, Classifier
from deepvid.pipeline.trained import TrainedRun


@dataclass(frozen=True, eq=False, kw_only=True)
class RunWithImage(TrainedRun):
    """A run with an image behind its own, as the sample of the next number. Its models are those of
    `run_itself`, which are loaded and compiled once.
    """

    run_itself: TrainedRun
    image_behind: np.ndarray  # uint8 (y, x, channel)
    classes: tuple[int, int]  # in question: the predicted one and the runner-up

    @cached_property
    def sample(self) -> int:
        """Its number."""
        return int(self.run.stages["dataset"].open("test").sizes["sample"])

    @cached_property
    def teacher(self) -> Classifier | Model:
        """That of the run."""
        return self.run_itself.teacher

    @cached_property
    def vae(self) -> VAE:
        """That of the run."""
        return self.run_itself.vae

    @cached_property
    def mean_color(self) -> np.ndarray:
        """That of the run."""
        return self.run_itself.mean_color

    def images(self, samples: Sequence[int]) -> np.ndarray:
        """As those of the run."""
        own = [sample for sample in samples if sample != self.sample]
        found = iter(self.run_itself.images(own))
        return np.stack([self.image_behind if one == self.sample else next(found) for one in samples])

    def contrast(self, sample: int) -> tuple[int, int]:
        """As those of the run."""
        return self.classes if sample == self.sample else self.run_itself.contrast(sample)
