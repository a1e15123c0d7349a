"""The image and the map that is looked at, side by side or one over the other, and all methods small."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.explanations import Explanation
from dashboards.data.image_maps import Explained, Method, common_end, quantized, weighed
from dashboards.data.trust import MAP_WORDS
from dashboards.keys import SHORTCUTS
from dashboards.kit.elements import Box, Button, Child, Element, Icon, quiet, text
from dashboards.kit.pictures import Heat, Overlay, Scale
from deepvid.map_smoothing import resolution, smoothed
from deepvid.map_words import MapFacts, facts_of_maps, in_words, representatives
from deepvid.trust import MapVerdict
from deepvid.wording import change

CLIPPED = 0.995  # share of a map's pixels inside its scale
MOST = 6  # small maps
SIGNS = {
    MapVerdict.HOLDS: "holds",
    MapVerdict.PARTLY: "partly",
    MapVerdict.DOES_NOT_HOLD: "fails",
    MapVerdict.UNKNOWN: "",
}
OFF = "M4 4 L12 12 M12 4 L4 12"


class ShownMaps(NamedTuple):
    """Maps of one image, and which of them is looked at."""

    explained: Explained
    shown: tuple[Method, ...]  # one of each family, the one that is worth the most first
    chosen: Method
    facts: MapFacts | None  # of the chosen one, where it was measured
    raw: bool
    end: float  # of the one scale of the colors
    over: bool  # the map lies over the image

    def values(self, method: Method) -> np.ndarray:
        """Its map as it is drawn."""
        return method.map if self.raw else smoothed(method.map, self.pixels(method))

    def pixels(self, method: Method) -> int:
        """How wide it can be smoothed; 0: it is left as it is."""
        return resolution(method.name, method.map.shape)


def choose_maps(
    found: Explained, explanation: Explanation | None, wanted: str, beside: Sequence[Method], *, raw: bool,
    over: bool,
) -> ShownMaps:  # fmt: skip
    """Chooses `wanted`, or the map that is worth the most; `beside` are maps that share its scale."""
    methods = found.methods
    places = representatives([each.name for each in methods], [each.worth for each in methods])
    shown = tuple(methods[place] for place in places) or methods
    chosen = next((each for each in methods if each.name == wanted), shown[0])
    facts = None
    if explanation is not None and chosen.verdict:
        known = facts_of_maps(explanation.methods, explanation.evidence)
        facts = known[explanation.methods.index(chosen.name)]
    shown = shown[:MOST]
    if chosen not in shown:
        shown = (*shown[: MOST - 1], chosen)
    made = ShownMaps(found, shown, chosen, facts, raw, 1.0, over)
    return made._replace(end=common_end([made.values(each) for each in (*shown, *beside)]))


def chosen_map(shown: ShownMaps) -> Button:
    """The map beside its image, large; a click lays it over the image."""
    method = shown.chosen
    return Button(
        (_heat(shown, method),),
        "overlay",
        method.name,
        look="chosen plain",
        hint="Lay it over the image",
        label=f"{in_words(method.name, method.label)[0]}: lay it over the image",
    )


def choice(shown: ShownMaps) -> Box:
    """All methods, small and on one scale, each with how far it holds and what it is worth here."""
    buttons = (_method(shown, each) for each in shown.shown)
    others = len(shown.explained.methods) - len(shown.shown)
    more = quiet(f"and {others} that are alike or worth less: tab Why", look="more") if others else None
    return Box((*buttons, more), look="methods", roving="radio", role="group", label="Maps of this image")


def _method(shown: ShownMaps, method: Method) -> Button:
    name, what = in_words(method.name, method.label)
    sign = "disputed" if method.disputed else SIGNS[method.verdict]
    told = (
        f"{MAP_WORDS[method.verdict]}, {change(method.worth)} logits beyond chance" if method.verdict else ""
    )
    return Button(
        (
            _heat(shown, method),
            text(name, look="name"),
            text(change(method.worth, 1) if method.verdict else "–", look=f"worth {sign}".strip()),
        ),
        "method",
        method.name,
        pressed=method.name == shown.chosen.name,
        look="method plain",
        hint=": ".join(filter(None, (name, method.what or what, told))),
    )


def _heat(shown: ShownMaps, method: Method) -> Heat:
    levels = quantized(weighed(shown.values(method)), shown.end)
    signs = shown.explained.beats_chance is not False
    label = f"{in_words(method.name, method.label)[0]}, what speaks for and against"
    return Heat(levels, method.map.shape, shown.end, levels=True, signs=signs, label=label)


def legend(shown: ShownMaps, first: str, second: str) -> Box:
    """Colors by the class that they speak for, and how fine the map is."""
    signs, pixels = shown.explained.beats_chance is not False, shown.pixels(shown.chosen)
    low, high = (f"for {second}", f"for {first}") if signs else ("little", "much")
    hint = "Every map weighs the same: its mean pixel is 1. Zero is the background."
    name = in_words(shown.chosen.name, shown.chosen.label)[0]
    fine = "as measured" if shown.raw or not pixels else f"smoothed to {pixels} px"
    raw = Button(
        ("raw",),
        "raw",
        pressed=shown.raw,
        look="chip",
        shortcut=SHORTCUTS["raw"],
        hint=f"Every pixel as measured (W); finer than {pixels} px is another one with other neighbors",
    )
    return Box(
        (
            None if shown.over else Scale(low, high, signs, hint=hint),
            quiet(name, look="chosen-name", hint=name),
            quiet(fine),
            raw if pixels else None,
            None if signs else quiet("No map beats chance here: all are gray.", look="nobody"),
        ),
        look="legend",
    )


def image(
    pixels: np.ndarray,
    shown: ShownMaps | None,
    sides: tuple[str, ...],
    place: tuple[float, float, float, float] | None,
    *below: Child,
    main: bool,
) -> Overlay:
    """The image, under the map where that lies over it, and a frame around the `place` that decides."""
    laid = b"" if shown is None or not shown.over else overlay(shown.values(shown.chosen))
    name = "" if shown is None or not laid else in_words(shown.chosen.name, shown.chosen.label)[0]
    return Overlay(
        pixels.tobytes(),
        pixels.shape,
        laid,
        name,
        sides,
        (_take_off(), None if place is None else _frame(place, pixels.shape), *below),
        main=main,
        label="The image under study",
        look="look",
    )


def _frame(place: tuple[float, float, float, float], shape: tuple[int, ...]) -> Element:
    longer, (height, width) = max(shape[:2]), shape[:2]
    top, left, tall, wide = place
    style = (
        f"--top:{top * longer / height:.4f};--left:{left * longer / width:.4f};"
        f"--tall:{tall * longer / height:.4f};--wide:{wide * longer / width:.4f}"
    )
    return Box((), "i", look="place", style=style, label="The place that decides", role="img")


def overlay(values: np.ndarray) -> bytes:
    """int8 (y, x) of a map in 127ths of its own end."""
    end = float(np.quantile(np.abs(values), CLIPPED)) or 1.0
    return np.clip(np.rint(values / end * 127), -127, 127).astype(np.int8).tobytes()


def _take_off() -> Button:
    hint = "Show it beside the image"
    return Button((Icon(OFF),), "overlay", look="plain", hint=hint, label=hint)
