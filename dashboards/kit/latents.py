"""An element of an autoencoder's latents, which a hand moves."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboards.kit.elements import Children, Element

FURTHEST = 1e6  # in units of a latent, whose prior has a standard deviation of 1


class Axis(NamedTuple):
    """One latent, or one direction; values are in its own units."""

    number: int
    value: float  # mean of the image
    deviation: float  # standard deviation of the image's own posterior
    low: float  # 5 % of the run's images are below
    high: float
    center: float  # mean of the run's images
    spread: float  # their standard deviation
    band: float | None = None  # half-width that neighbors are drawn within; a direction has none
    kl: float | None = None  # nats, mean over the run's images; None: a direction
    sensitivity: float | None = None  # change of the predicted class's probability; None: not measured
    share: float | None = None  # of the variance of all latents; None: a latent


class OtherLatents(NamedTuple):
    """The inactive latents, folded into one axis."""

    latents: int
    band: float  # half-width of all of them, in standard deviations of each


class LatentRow(NamedTuple):
    """One row of a heat map."""

    name: str
    sample: int | None  # None: the mean of a class


@dataclass(frozen=True)
class Latents(Element):
    """Latents of a `sample` on parallel axes, or as the first row of a heat map, before other images.

    The browser keeps how far they are moved. Asks for `edit` with {sample, shift: one number a latent, asked}
    when the last is answered; for `fit` with {sample, bands: [latent, half-width] pairs, others: half-width
    of the folded ones or None}; for `study` with the sample of a row. `children` stand in the head.
    """

    sample: int
    latents: int  # how many there are
    axes: tuple[Axis, ...]  # of the active ones, or the directions
    folded: OtherLatents | None
    heat: bool
    vectors: bytes  # float32 (direction, latent); empty: axes are latents
    places: bytes  # int8 (image, 1 + axis): the color of its class, then 127ths of `reach`
    rows: tuple[LatentRow, ...]  # of a heat map, means of classes first
    colors: tuple[str, ...]  # of classes
    reach: float  # standard deviations from the mean to the end of what `places` tell
    fixed: bool  # nothing can be moved
    warning: str
    children: Children

    def offers(self, action: str, value: Any) -> bool:
        match action, value:
            case "study", int(sample):
                return any(row.sample == sample for row in self.rows)
            case "edit", {"sample": self.sample, "asked": int(), "shift": [*shift]} if not self.fixed:
                return len(shift) == self.latents and all(map(_is_near, shift))
            case "fit", {"sample": self.sample, "bands": [*bands], "others": others} if not self.fixed:
                return all(map(self._is_band, bands)) and (others is None or _is_near(others))
        return False

    def _is_band(self, band: Any) -> bool:
        match band:
            case [int(latent), half]:
                return 0 <= latent < self.latents and _is_near(half)
        return False


def _is_near(value: Any) -> bool:
    """A shift or a half-width that makes sense; no comparison holds for what is no number."""
    return type(value) in (int, float) and abs(value) <= FURTHEST
