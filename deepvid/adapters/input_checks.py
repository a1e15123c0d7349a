"""Whether a model is given its images as it wants them: in another usual range, and as large as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from deepvid import config
from deepvid.adapters.preparing import Prepared
from deepvid.errors import DataError
from deepvid.statistics import Interval, wilson
from deepvid.wording import percent

if TYPE_CHECKING:
    from jaxtyping import Float, Int, UInt8

_FEWEST = 10  # images more that another is right about: fewer may be luck
_WORTH_A_NOTE = 0.02  # of accuracy

_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_OTHER = {
    1: ("MNIST's", (0.1307,), (0.3081,)),
    3: ("CIFAR-10's", (0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)),
}


class Usual(NamedTuple):
    """One way to give images."""

    words: str
    range: int
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def settings(self) -> str:
        """As an experiment has them."""
        lists = [
            f"{name} = [{', '.join(f'{value:.4g}' for value in values)}]"
            for name, values in (("mean", self.mean), ("std", self.std))
            if values
        ]
        return ", ".join([f"range = {self.range}", *lists])


def check_normalization(
    model: Prepared,
    images: Float[np.ndarray, "sample y x channel"],
    labels: Int[np.ndarray, " sample"],
    right: int,
) -> str | None:
    """Tells, and never applies, a range in which it is far more often right than `right` times as it is set.

    Raises DataError, or returns a note.
    """
    found = [(_right(model, usual, images, labels), usual) for usual in _usual(model, images)]
    most, best = max(found, key=lambda pair: pair[0])
    count = len(labels)
    guessed = 2 * np.bincount(labels).max()
    shares = "; ".join(f"{usual.words} {percent(each, count, digits=1)}" for each, usual in found)
    if 2 * right < most and most - right >= _FEWEST and most >= min(guessed, 0.5 * count):
        raise DataError(
            "The model gets at least half as many images right as with the best of six usual ranges",
            f"{percent(right, count, digits=1)} of {count} as it is set, and with {shares}",
            f"If it was trained so, set teacher.input to {best.settings}",
        )
    if most - right >= max(_FEWEST, _WORTH_A_NOTE * count):
        set_so, best_so = (percent(each, count, digits=1) for each in (right, most))
        shares = f"{set_so} as its input is set, {best_so} with {best.words}"
        return f"Right about {shares} ({best.settings}): was it trained so?"
    return None


def _usual(model: Prepared, images: Float[np.ndarray, "sample y x channel"]) -> list[Usual]:
    plain = model.pixels.plain(images)
    channels = plain.shape[-1]
    mean, std = (_rounded(statistic(plain, axis=(0, 1, 2))) for statistic in (np.mean, np.std))
    imagenet = _IMAGENET if channels == 3 else tuple((round(float(np.mean(each)), 3),) for each in _IMAGENET)
    other, *statistics = _OTHER.get(channels, _OTHER[1])
    return [
        Usual("[0, 1]", 1, (), ()),
        Usual("[0, 255]", 255, (), ()),
        Usual("[-1, 1]", 1, (0.5,), (0.5,)),
        Usual("ImageNet's mean and std", 1, *imagenet),
        Usual("the mean and std of these images", 1, mean, std),
        Usual(f"{other} mean and std", 1, *statistics),
    ]


def _right(model: Prepared, usual: Usual, images: np.ndarray, labels: np.ndarray) -> int:
    changed = {"range": usual.range, "mean": usual.mean, "std": usual.std}
    try:
        logits = model.with_input(config.Input(**{**dict(model.input), **changed})).answers(images).logits
    except DataError:
        return 0  # it does not take such numbers
    return int(np.sum(logits.argmax(axis=1) == labels))


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    """Never 0, for images of one color have no spread."""
    return tuple(max(float(f"{value:.3g}"), 1e-3) for value in values)


_GOOD = 0.95  # agreement below which larger images are advised


class SizeAgreement(NamedTuple):
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


def size_agreement(
    model: Prepared,
    originals: UInt8[np.ndarray, "sample taken_y taken_x channel"],
    stored: UInt8[np.ndarray, "sample y x channel"],
) -> SizeAgreement:
    """Of originals in the size that the model takes, and the same images as they are stored."""
    y, x, channels = originals.shape[1:]
    own = model.taking((y, x, channels)).answers(originals.astype(np.float32) / 255).logits
    again = model.answers(stored.astype(np.float32) / 255).logits
    same = int(np.sum(own.argmax(axis=1) == again.argmax(axis=1)))
    return SizeAgreement(len(stored), wilson(same, len(stored)), stored.shape[1:3], (y, x))
