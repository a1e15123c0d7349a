"""Why one class rather than another, in one line: the student's margin as a sum, beside the teacher's."""

from typing import NamedTuple

from dashboards.data.decision import Decision
from dashboards.kit.elements import Box, Child, text
from dashboards.views.explain.pictures import signed


class Sums(NamedTuple):
    """The student's margin as a sum, to two digits; pixels + base = margin."""

    pixels: float
    base: float
    margin: float
    against: str  # what the pixels are measured against


def heading(sample: int, first: str, second: str, *tools: Child) -> Box:
    """The question, and tools beside it."""
    why = f"Why {first}, not {second}?"
    title = Box((text(f"#{sample}", look="index"), why), "h3", look="title", hint=why)
    return Box((title, Box(tools, look="tools")), look="heading")


def margin(decision: Decision | None, teacher: float, first: str, second: str) -> Box:
    """The student's margin as a sum, beside the teacher's."""
    parts: list[Child] = []
    if decision is not None:
        pixels, base, whole, against = sums(decision)
        adds = f"by how much this image differs from the {against}"
        parts = [
            _part(
                against,
                base,
                f"What the student answers to the {against}, before this image's own pixels count",
            ),
            _part("pixels", pixels, f"What the pixels of the student's picture add to it: {adds}"),
            _part("= student", whole, "What the student answers to this image"),
        ]
    hint = "The teacher's logit of the first class less that of the second"
    return text(
        text(f"{first} − {second}", look="what"),
        *parts,
        text(f"teacher {signed(teacher)}", look="part quiet teacher", hint=hint),
        tag="p",
        look="sums",
    )


def _part(name: str, value: float, hint: str) -> Box:
    return text(f"{name} ", text(signed(value), tag="b"), look="part", hint=hint)


def sums(decision: Decision) -> Sums:
    """The parts of the margin to two digits; they add up as they are shown."""
    pixels = float(decision.pixels.sum())
    whole, rounded = round(pixels + decision.base, 2), round(pixels, 2)
    against = "neighbors’ mean" if decision.against_mean else "black image"
    return Sums(rounded, round(whole - rounded, 2), whole, against)
