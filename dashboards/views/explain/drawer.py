"""The drawer of the Explain card: every class in a column, what its pixels add and its weights."""

from collections.abc import Iterable, Sequence

import numpy as np

from dashboards.kit.elements import Alternatives, Box, Choice, Element, quiet, text
from dashboards.kit.forms import Fold
from dashboards.kit.pictures import Heat
from dashboards.views.explain.classes import ALL, COLORS, Classes, Fit
from dashboards.views.explain.pictures import quantized, signed
from deepvid import wording

BLANK = "\u00a0"
FIT, HOW = "fit", "colors"  # what is chosen in the drawer alone
WHOLE, APART = "all classes", "by color"
PARTS = (
    (WHOLE, WHOLE, "Each class, its colors summed"),
    (APART, APART, "Red, green and blue of the two classes in question"),
)
LOOKS = ("name", "role", "", "of-map", "of-map", "student", "teacher")
"""Of a column's words, from its name down to its logits."""


def drawer(found: Classes, roles: Sequence[str], about: str, students: Element | None, fit: int) -> Fold:
    """All classes in columns, behind how many they are: what a fit says of them, `fit` at first, or of
    colors. `students` chooses among those of the image, and `about` tells the settings of this one.
    """
    others = "1 other" if found.others == 1 else f"{found.others} others"
    folded = f", {others} together {wording.probability(found.rest)}" if found.others else ""
    which = f"the {len(found.classes)} most probable{folded}"
    sentences = (text(each.sentence, tag="p", look="fidelity") for each in found.fits)
    told = Box((_of_fits(sentences, fit), quiet(about, tag="p")), look="words")
    parts = Choice(HOW, PARTS, WHOLE, segments=True, label="Colors", local=True) if found.colored else None
    fits = Choice(FIT, _fits(found), str(fit), segments=True, label="Fit", local=True)
    columns = _of_fits((_classes(found, each, roles) for each in found.fits), fit)
    if found.colored:
        columns = Alternatives(HOW, (columns, _of_fits((_colors(found, each) for each in found.fits), fit)))
    content = Box((told, students, parts, fits if len(found.fits) > 1 else None), look="controls"), columns
    summary = "All classes", quiet(f" {which}")
    return Fold("classes", summary, (Box(content, look="content"),), look="drawer", hint=which)


def _of_fits(children: Iterable[Element], first: int) -> Element:
    """One of these, as the fit is chosen."""
    return Alternatives(FIT, tuple(children), first)


def _fits(found: Classes) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (
            str(number),
            "smoothed" if fit.smoothness else "plain",
            f"Fitted with smoothness {fit.smoothness:g}: readable shapes; the picture above"
            if fit.smoothness
            else "Fitted without smoothing",
        )
        for number, fit in enumerate(found.fits)
    )


def _classes(found: Classes, fit: Fit, roles: Sequence[str]) -> Box:
    """A class each, behind the names of the rows."""
    rows = (BLANK, BLANK, "probability", "pixels add", "weights", "student’s logit", "teacher’s logit")
    columns = [_column("names", rows)]
    for place, (shown, (pixels, base)) in enumerate(zip(found.classes, fit.sums, strict=True)):
        name, short, probability, teacher = shown
        role = roles[found.contrast.index(place)] if place in found.contrast else ""
        (weights, inputs), (end, most) = fit.maps[:, place], fit.ends
        cells = (
            short,
            role or BLANK,
            wording.probability(probability),
            _map(inputs, most, f"{name}, what its pixels add"),
            _map(weights, end, f"{name}, weights"),
            signed(pixels + base),
            signed(teacher),
        )
        hint = (
            f"{name}. Pixels {signed(pixels)}, base {signed(base)}: the student’s logit is "
            f"{signed(pixels + base)}, the teacher’s {signed(teacher)}"
        )
        columns.append(_column("contrast" if role else "", cells, hint))
    return _columns(columns)


def _colors(found: Classes, fit: Fit) -> Box:
    """A color each of the classes in question, and how much all three say, behind the names of the rows."""
    assert fit.colors is not None
    columns = [_column("names", (BLANK, BLANK, BLANK, "pixels add", "weights", "sum added", BLANK))]
    parts = ((found.classes[place], color) for place in found.contrast for color in (*COLORS, ALL))
    for (shown, color), (weights, inputs), added in zip(
        parts, fit.colors.swapaxes(0, 1), fit.added, strict=True
    ):
        name, signs = shown.name, color != ALL
        cells = (
            shown.short,
            color,
            BLANK,
            _map(inputs, 1.0, f"{name}, what the {color} of its pixels adds", signs=signs),
            _map(weights, 1.0, f"{name}, weights of {color}", signs=signs),
            signed(added) if signs else f"{added:.2f}",
            BLANK,
        )
        one = f"{name}: the {color} of its pixels adds {signed(added)} to its logit"
        every = f"{name}: how much all colors add, whether for it or against it"
        columns.append(_column("contrast", cells, one if signs else every))
    return _columns(columns)


def _columns(columns: Sequence[Box]) -> Box:
    return Box(tuple(columns), look="columns", style=f"--columns: {len(columns) - 1}")


def _column(look: str, cells: Sequence[str | Element], hint: str = "") -> Box:
    """Words and maps, from a name down to logits."""
    made = (
        text(cell, tag="b" if own == "name" else "span", look=own) if isinstance(cell, str) else cell
        for cell, own in zip(cells, LOOKS, strict=True)
    )
    return Box(tuple(made), look=f"column {look}".strip(), hint=hint)


def _map(values: np.ndarray, end: float, label: str, *, signs: bool = True) -> Box:
    heat = Heat(quantized(values, end), values.shape, end, levels=True, signs=signs, label=label)
    return Box((heat,), look="holder")
