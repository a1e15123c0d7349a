"""Maps of the margin side by side: one scale for all, and how true each is below it."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from dashboards.data.image_maps import Explained, Method, common_end, first_in_words, quantized, weighed
from dashboards.data.trust import MAP_WORDS
from dashboards.kit.elements import Box, Button, Child, quiet, text
from dashboards.kit.pictures import Heat
from dashboards.kit.pictures import Scale as Colors
from deepvid.map_words import in_words
from deepvid.trust import MapVerdict
from deepvid.wording import change

LARGE = 99.95  # logits, from which on digits behind the point say nothing
SIGNS = {
    MapVerdict.HOLDS: "holds",
    MapVerdict.PARTLY: "partly",
    MapVerdict.DOES_NOT_HOLD: "fails",
    MapVerdict.UNKNOWN: "",
}
LOST = "Logits lost without a map’s strongest tenth of pixels, beyond the same map laid elsewhere"
COLORS, INFILL = "flat colors", "the autoencoder"


class Scale(NamedTuple):
    """Ends that pictures have in common where they are compared."""

    end: float  # of the colors, in times a picture's mean pixel
    low: float  # of the axis of what they cost, in logits
    high: float

    def at(self, value: float) -> float:
        """Percent of the axis, from below."""
        return 100 * (value - self.low) / (self.high - self.low or 1.0)


def scale_of(methods: Sequence[Method]) -> Scale:
    """The one scale of all these."""
    bands = [band for method in methods for band in (method.chance, method.infill_chance)]
    marks = [mark for method in methods for mark in (method.lost, method.infill_lost, method.median)]
    ends = [0.0, *(mark for mark in (*marks, *bands, *(-band for band in bands)) if not math.isnan(mark))]
    return Scale(common_end([method.map for method in methods]), min(ends), max(ends))


def picture(method: Method, scale: Scale, *, signs: bool = True, pressed: bool = False) -> Button:
    """A map with its verdict; a click lays it over the image, or takes it off.

    Every map is divided by its mean magnitude, so that all weigh the same and differ in shape alone.
    """
    label, what = captions(method)
    here = f"On this image it {verdict(method)}. " if method.verdict else ""
    levels = quantized(weighed(method.map), scale.end)
    spoken = f"{label}, what speaks for and against"
    return Button(
        (
            text(label, tag="b", look="disputed" if method.disputed else SIGNS[method.verdict]),
            Heat(levels, method.map.shape, scale.end, levels=True, signs=signs, label=spoken),
            quiet(what, look="what"),
        ),
        "overlay",
        None if pressed else method.name,
        pressed=pressed,
        look="method",
        hint=f"{label}: {what}. {here}{'Take it off the image' if pressed else 'Lay it over the image'}",
    )


def worth(method: Method, scale: Scale) -> Box:
    """The margin that is lost without a map, by each judge, on the axis that all share."""
    middle = _mark("median", scale, method.median)
    if math.isnan(method.lost):
        children = Box((middle,), "span", look="judge"), text("not measured", look="unmeasured quiet")
        return Box(children, look="column")
    lost, chance, second, band = method.lost, method.chance, method.infill_lost, method.infill_chance
    two = not math.isnan(second)
    told = f"; by the autoencoder {signed(second)}, ±{band:.2f}" if two else ""
    median = "" if math.isnan(method.median) else f"; the run's median is {signed(method.median)}"
    side, says, label = "beyond" if lost > chance else "within", verdict(method), captions(method)[0]
    second_bar = _bar("infill", second, band, scale) if two else None
    return Box(
        (_bar("colors", lost, chance, scale, middle), second_bar),
        role="img",
        look="column two" if two else "column",
        hint=f"{label} {says} here: {signed(lost)} logits beyond the same map laid elsewhere; "
        f"chance reaches ±{chance:.2f}{told}{median}",
        label=f"{signed(lost)} logits, {side} chance{told}: {says}",
    )


def faithfulness(shown: Explained, scale: Scale, told: str, *judge: Child) -> Box:
    """The worth of all maps on one axis, and which is the truest on the run; `judge` is said of the second
    one.
    """
    keys = key("chance", "chance"), key("median", "the run’s median"), *judge
    zero = Box((), "i", look="zero", style=f"--zero: {scale.at(0) / 100:.5g}")
    columns = (worth(method, scale) for method in shown.methods)
    axis = Box((zero, *columns), look="row axis", style=f"--pictures: {len(shown.methods)}")
    nobody = "No method beats chance on this image: the maps are gray."
    return Box(
        (
            text(LOST, *keys, tag="p", look="quiet legend"),
            axis,
            text(nobody, tag="p", look="warning nobody") if shown.beats_chance is False else None,
            text(told, tag="p", look="quiet sentence") if told else None,
        ),
        look="faithfulness",
    )


def colors(shown: Explained, scale: Scale, first: str, second: str) -> Colors:
    """Colors by the class that they speak for; where no map beats chance there is no for and against."""
    signs = shown.beats_chance is not False
    low, high = (f"for {second}", f"for {first}") if signs else ("little", "much")
    hint = (
        f"Every picture weighs the same: its mean pixel is 1, and the colors end at {scale.end:.1f}. "
        "Zero is the background."
    )
    return Colors(low, high, signs, hint=hint)


def key(look: str, words: str, kind: str = "") -> Box:
    """A mark and its meaning."""
    return text(Box((), "i", look=look), words, look=f"key {kind}".strip())


def captions(method: Method) -> tuple[str, str]:
    """Its name, and what it is in a few words."""
    label, what = in_words(method.name, method.label)
    return label, method.what or what


def verdict(method: Method) -> str:
    """How far it holds, in words; where two judges differ, which way."""
    if not method.disputed:
        return MAP_WORDS[method.verdict] if method.verdict else ""
    holds, fails = (COLORS, INFILL) if method.lost > method.chance else (INFILL, COLORS)
    return f"is disputed: it holds by {holds} and not by {fails}"


def signed(value: float) -> str:
    """Two digits behind the point, where they say something, with a sign that is as wide as a plus."""
    digits = 2 if abs(value) < LARGE else 0
    return change(value, digits) if abs(value) >= 0.005 else f"{abs(value):.2f}"


def explained_in_words(explained: Explained, images: str = "errors") -> str:
    """One sentence below the pictures."""
    return "" if explained.ranking is None else first_in_words(explained.ranking, images)


def _bar(judge: str, lost: float, chance: float, scale: Scale, middle: Child = None) -> Box:
    """The margin that is lost by one judge."""
    return Box(
        (
            _span("chance", scale, -chance, chance),
            _span("stem", scale, min(lost, 0.0), max(lost, 0.0)),
            middle,
            _mark("value", scale, lost),
            text(signed(lost), look="number", style=_above(scale, lost)),
        ),
        "span",
        look=f"judge {judge}{' beats' if lost > chance else ''}",
    )


def _mark(look: str, scale: Scale, value: float) -> Child:
    return None if math.isnan(value) else Box((), "i", look=look, style=_above(scale, value))


def _span(look: str, scale: Scale, low: float, high: float) -> Box:
    height = scale.at(high) - scale.at(low)
    return Box((), "i", look=look, style=f"{_above(scale, low)}; height: {height:.5g}%")


def _above(scale: Scale, value: float) -> str:
    return f"bottom: {scale.at(value):.5g}%"
