"""Whether a model is given its images as it wants them: in another usual range, and as large as it takes."""

from __future__ import annotations

from collections.abc import Mapping
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
    """One way to give images, as it differs from what is set."""

    words: str
    changes: Mapping[str, Any]  # of `config.Input`

    @property
    def settings(self) -> str:
        """As an experiment has them."""
        return ", ".join(f"{name} = {_in_toml(value)}" for name, value in self.changes.items() if value != ())

    def reversed(self, channels: str) -> "Usual":
        """The same with the colors in the other order."""
        words = f"{self.words} and the colors reversed" if self.changes else "the colors reversed"
        return Usual(words, {**self.changes, "channels": "rgb" if channels == "bgr" else "bgr"})


def check_normalization(
    model: Prepared,
    images: Float[np.ndarray, "sample y x channel"],
    labels: Int[np.ndarray, " sample"],
    right: int,
) -> str | None:
    """Tells, and never applies, a form of the images in which it is far more often right than `right` times
    as it is set: one of six usual ranges or, as it is set and with the best of these, the colors in the
    other order.

    Raises DataError, or returns a note.
    """
    found = [(_right(model, usual, images, labels), usual) for usual in _usual(model, images)]
    if images.shape[-1] == len(model.pixels.channels) == 3:
        _, best = max([(right, AS_SET), *found], key=lambda pair: pair[0])
        for usual in (AS_SET,) if best is AS_SET else (AS_SET, best):
            reverse = usual.reversed(model.input.channels)
            found.append((_right(model, reverse, images, labels), reverse))
    most, best = max(found, key=lambda pair: pair[0])
    count = len(labels)
    guessed = 2 * np.bincount(labels).max()
    shares = "; ".join(f"{usual.words} {percent(each, count, digits=1)}" for each, usual in found)
    if 2 * right < most and most - right >= _FEWEST and most >= min(guessed, 0.5 * count):
        raise DataError(
            "The model gets at least half as many images right as with the best of the usual inputs",
            f"{percent(right, count, digits=1)} of {count} as it is set, and with {shares}",
            f"If it was trained so, set teacher.input to {best.settings}",
        )
    if most - right >= max(_FEWEST, _WORTH_A_NOTE * count):
        set_so, best_so = (percent(each, count, digits=1) for each in (right, most))
        shares = f"{set_so} as its input is set, {best_so} with {best.words}"
        return f"Right about {shares}. If it was trained so, set teacher.input to {best.settings}"
    return None


AS_SET = Usual("as it is set", {})


def _usual(model: Prepared, images: Float[np.ndarray, "sample y x channel"]) -> list[Usual]:
    plain = model.pixels.plain(images)
    channels = plain.shape[-1]
    mean, std = (_rounded(statistic(plain, axis=(0, 1, 2))) for statistic in (np.mean, np.std))
    imagenet = _IMAGENET if channels == 3 else tuple((round(float(np.mean(each)), 3),) for each in _IMAGENET)
    other, *statistics = _OTHER.get(channels, _OTHER[1])
    ranges = [
        ("[0, 1]", 1, (), ()),
        ("[0, 255]", 255, (), ()),
        ("[-1, 1]", 1, (0.5,), (0.5,)),
        ("ImageNet's mean and std", 1, *imagenet),
        ("the mean and std of these images", 1, mean, std),
        (f"{other} mean and std", 1, *statistics),
    ]
    return [Usual(words, {"range": top, "mean": mean, "std": std}) for words, top, mean, std in ranges]


def _right(model: Prepared, usual: Usual, images: np.ndarray, labels: np.ndarray) -> int:
    try:
        input = config.Input(**{**dict(model.input), **usual.changes})
        logits = model.with_input(input).answers(images).logits
    except DataError:
        return 0  # it does not take such numbers
    return int(np.sum(logits.argmax(axis=1) == labels))


def _in_toml(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(f'{number:.4g}' for number in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


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


def classes_of(
    model: Prepared, originals: UInt8[np.ndarray, "sample taken_y taken_x channel"]
) -> Int[np.ndarray, " sample"]:
    """Classes that the model gives images in the size that it takes."""
    y, x, channels = originals.shape[1:]
    answers = model.taking((y, x, channels)).answers(originals.astype(np.float32) / 255)
    return answers.logits.argmax(axis=1)


def size_agreement(
    model: Prepared, own: Int[np.ndarray, " sample"], stored: Int[np.ndarray, " sample"]
) -> SizeAgreement:
    """Of the classes of originals, and of the same images as they are stored; at least one."""
    same = int(np.sum(own == stored))
    return SizeAgreement(len(own), wilson(same, len(own)), model.image_shape[:2], model.size)
