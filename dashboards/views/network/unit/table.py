"""One unit, or a group of them: where it answers most, how it answers whom, what it does, what drives it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dashboards.data.class_labels import shortened
from dashboards.data.layers import Column, Layers
from dashboards.data.population import Mask, Population
from dashboards.data.unit_groups import LayerGroups
from dashboards.data.units import LayerUnits
from dashboards.kit.charts import Histogram
from dashboards.kit.elements import (
    Box,
    Button,
    Choice,
    Element,
    column,
    header,
    quiet,
    swatch,
    text,
    with_label,
)
from dashboards.session.gestures.response import Answers
from dashboards.session.selection import Mode, Steps
from dashboards.theme import class_color
from dashboards.views.network.comparing import Compared
from dashboards.views.network.unit.of_group import shown_in_full
from dashboards.views.network.unit.of_unit import OfUnit, Source
from dashboards.views.network.unit.patches import offers, patches, reach, strongest, whose_patches
from deepvid import wording

BINS = 48
LOGITS = 10  # that are told at most
LONGEST = 12  # letters of a class
RESPONSES = (
    "Its mean response over the places of an image; the height is the square root of the share of images, of "
    "all and of the selection each on its own"
)
WITHOUT = {
    LayerUnits.word: (
        "silenced",
        "while it is silenced",
        "What becomes of each logit while the unit is held at its usual response, in nats ± SE: a mean over "
        "test images of these classes: those of the selection, in its shares, else the one it answers most",
    ),
    LayerGroups.word: (
        "without it",
        "without it",
        "What becomes of each logit while the group's part is taken from the layer, in nats ± SE: a mean "
        "over the selection, or where more than a mean and a linear layer follow, over test images of its "
        "classes; without a selection those of the class it answers most",
    ),
}
SHARES = "Share of each unit in the group's answer; a click shows the unit"
DRIVEN = (
    "Each number is how far this unit moves, in its own standard deviations, while that one is held at its "
    "usual response: the root mean square over test images; + where more of it raises this unit"
)


class Effect(NamedTuple):
    """What silencing the unit, or taking the group away, changes of a logit."""

    name: str
    short: str
    color: str
    change: float
    error: float  # 0: it is not known
    hint: str


def card(
    table: Population,
    layers: Layers,
    found: Compared,
    steps: Steps,
    mask: Mask | None,
    asked: str,
    *,
    silences: bool,
) -> Element:
    """The unit, or group, in full that the page shows; `asked` is whose patches. It `silences` a unit where
    the network can be asked.
    """
    told, options = shown_in_full(found), offers(table, mask)
    name = f"{found.units.word.capitalize()} {told.index} of {found.units.name}"
    value = asked if asked in [each for each, _, _ in options] else ""
    changed, whose = effects(table, told, mask)
    layer = layers.columns[found.units.number]
    facts = [*_facts(table, layers, layer, told), *told.facts()]
    among, words = whose_patches(table, mask, asked)
    best = strongest(found.units, found.unit, among)
    none = quiet(f"It answers no image of {words}.", tag="p")
    why = quiet(told.lacking(layers), tag="p")
    return column(
        header(
            name,
            _silence() if silences and found.units.word == LayerUnits.word else None,
            with_label(Choice("patches", options, value, label="patches")),
        ),
        Box(
            (
                Box(tuple(text(fact, hint=hint) for fact, hint in facts), "p", look="facts quiet"),
                Box(
                    patches(table, found.units, found.unit, best, layer) or (none,),
                    look="patches",
                    role="group",
                    label="Where it answers most strongly",
                ),
                Box(_changes(found.units.word, changed, whose) if changed else (why,), look="effects"),
                responses(told, steps, mask),
                Box(_sources(told, layers, known=bool(changed)), "p", look="sources quiet"),
            ),
            look="plot",
        ),
        data={"unit": f"{found.units.name} {told.index}"},
    )


def _silence() -> Button:
    hint = "Ask what the image under study is taken for while this unit is held at its usual response"
    return Button(("Silence in What if",), "silence", look="chip", hint=hint)


def responses(told: OfUnit, steps: Steps, mask: Mask | None) -> Histogram:
    """How it answers all images, and the selected ones; the first gesture on that is marked."""
    units = told.units
    response = units.response[:, told.place]
    edges = _edges(response)
    chosen = () if mask is None else np.histogram(response[mask[units.rows]], edges)[0].tolist()
    bands = (
        (gesture.low, gesture.high)
        for mode, gesture in steps
        if isinstance(gesture, Answers)
        and mode is not Mode.SUBTRACT
        and gesture == told.answering(gesture.low, gesture.high)
    )
    name = f"{units.word} {told.index} of {units.name}"

    def tenth(words: str, *, least: bool) -> Button:
        return Button((words,), "extreme", {"name": name, "least": least}, keys=True, look="plain-text")

    both = (", all and ", text("selected", look="lit")) if mask is not None else ()
    return Histogram(
        "brush",
        name,
        tuple(edges.tolist()),
        tuple(np.histogram(response, edges)[0].tolist()),
        tuple(chosen),
        next(bands, None),
        (
            text(f"responses {_brief(edges[0])} to {_brief(edges[-1])}", *both, hint=RESPONSES),
            text(
                "select the ",
                tenth("weakest", least=True),
                " · ",
                tenth("strongest", least=False),
                " tenth",
                look="tenths",
            ),
        ),
        look="responses",
    )


def _brief(value: float) -> str:
    return wording.minus(np.format_float_positional(float(f"{value:.3g}"), trim="-"))


def _changes(word: str, changed: list[Effect], whose: str) -> tuple[Box, ...]:
    """A bar for each logit, from the middle on."""
    most = max(abs(one.change) + one.error for one in changed) or 1.0
    without, while_, hint = WITHOUT[word]
    return (
        quiet(f"{without}, logits on ", text(whose, look="ink"), tag="p", look="line", hint=hint),
        Box(
            (Box(tuple(_change(one, most) for one in changed), "tbody"),),
            "table",
            label=f"Change of each logit {while_}, on {whose}",
        ),
    )


def _change(one: Effect, most: float) -> Box:
    wide, off, at = (48 * part / most for part in (abs(one.change), one.error, one.change))
    side = "right" if one.change < 0 else "left"
    bar = Box((), "i", style=f"background:{one.color}; width:{wide:.2f}%; {side}:50%")
    error = Box((), "b", style=f"left:{50 + at - off:.2f}%; width:{2 * off:.2f}%") if off else None
    return Box(
        (
            text(swatch(one.color), one.short, tag="th", role="rowheader", hint=one.name),
            Box((Box((bar, error), "span", look="track"),), "td"),
            text(wording.change(one.change), tag="td", look="number"),
        ),
        "tr",
        hint=one.hint,
    )


def _sources(told: OfUnit, layers: Layers, *, known: bool) -> tuple[Box | Button, ...]:
    """What drives it, or what it is made of: each opens."""
    before, group = told.before(layers), told.units.word == LayerGroups.word
    if not before:
        return (text("The first layer with units: pixels drive it." if known else ""),)
    head = text(f"units of {before}", hint=SHARES) if group else text(f"driven by {before}", hint=DRIVEN)
    closed = told.closed()

    def chip(one: Source) -> Button:
        much = f"{100 * one.moved:.0f} %" if group else wording.change(one.moved)
        return Button(
            (text(str(one.unit), tag="b"), f" {much}"),
            "source",
            {"layer": before, "unit": one.unit},
            disabled=one.unit in closed,
            look="chip",
            hint="Not among the units that are kept (units.units)" if one.unit in closed else "",
            label=f"Unit {one.unit} of {before}, {much}{'' if group else ' sd'}",
            data={"source": one.unit},
        )

    return head, *map(chip, told.sources())


def _edges(response: np.ndarray) -> np.ndarray:
    low, high = float(response.min(initial=np.inf)), float(response.max(initial=-np.inf))
    if not low < high:
        low, high = (low - 0.5, low + 0.5) if np.isfinite(low) else (0.0, 1.0)
    return np.linspace(low, high, BINS + 1)


def _facts(table: Population, layers: Layers, column: Column, told: OfUnit) -> list[list[str]]:
    chance = min(1, (table.class_count - 1) / max(1, layers.attrs["training_images"] - 1))
    share = wording.percent(told.units.spread[told.place])
    explained = f"classes explain {share} (chance {wording.percent(chance, digits=1)})"
    hint = "Share of the variance of its mean response that lies between classes, over training images: η²"
    if column.sees is None:
        seen = ["sees all of the image", "It has one response for an image, and no places"]
    else:
        y, x, _ = table.image_shape
        sizes = [size for _, _, size in reach(column, told.units)]
        seen = [
            f"sees {sizes[0]}x{sizes[1]} of {y}x{x} px",
            "At each place, measured by gradients; patches are cut by it",
        ]
    return [[explained, hint], seen]


def effects(table: Population, told: OfUnit, mask: Mask | None) -> tuple[list[Effect], str]:
    """On the classes of the selection, in its shares, else on the class that it answers most: over all they
    cancel. Of many logits, those that change most.
    """
    count = _counted(table, told, mask)
    change, error = told.changed(table, count, mask)
    if not (len(change) and np.isfinite(change).all()):
        return [], ""
    most = np.sort(np.argsort(-np.abs(change), kind="stable")[:LOGITS])
    short = shortened(tuple(table.class_names), LONGEST)
    of = np.argsort(-count, kind="stable")[: np.count_nonzero(count)]
    if mask is None:
        whose = f"{table.class_names[of[0]]}, its strongest"
    elif told.of_selection():
        whose = wording.quantity(int(np.count_nonzero(mask)), "selected image")
    else:
        whose = _whose(table, of.tolist(), count)
    return (
        [
            Effect(
                table.class_names[index],
                short[index],
                class_color(index),
                float(change[index]) + 0,  # zero has no sign
                float(np.nan_to_num(error[index])),
                told.told(table, of[:4].tolist(), index),
            )
            for index in most.tolist()
        ],
        whose,
    )


def _counted(table: Population, told: OfUnit, mask: Mask | None) -> np.ndarray:
    """How much each class counts: its selected images, or one of the class that is answered most."""
    if mask is not None:
        return np.bincount(table.filed[mask], minlength=table.class_count)
    of_class = told.units.of_classes(table.filed, table.class_count)
    response = [np.nan_to_num(each.mean[told.place], nan=-np.inf) for each in of_class]
    return (np.arange(table.class_count) == np.argmax(response)).astype(int)


def _whose(table: Population, of: Sequence[int], count: np.ndarray) -> str:
    """ "100 % Shirt", "60 % Shirt + 30 % Coat + 10 % others": how effects are weighted."""
    total = max(1, int(count.sum()))
    told = [f"{wording.percent(count[index], total)} {table.class_names[index]}" for index in of[:2]]
    rest = total - int(count[list(of[:2])].sum())
    return " + ".join([*told, *([f"{wording.percent(rest, total)} others"] if rest else [])])
