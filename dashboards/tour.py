"""Three steps for who comes first: where it is wrong, why, and what to do about it."""

from dashboards.kit.menus import TourStep

STEPS = (
    TourStep(
        "Where is it wrong?",
        "Click a part of this bar, or a dark cell of the matrix: its errors are selected in every view.",
        (".causes-bar .parts", "[data-cell]"),
    ),
    TourStep(
        "Why, and can that be believed?",
        "One error at a time: its cause with the evidence, and whether the map beside the image holds there.",
        (".focus-card",),
    ),
    TourStep(
        "Then mark or compare",
        "The flag says that the label is wrong, Pin keeps the image beside the next one.",
        (".focus-card .head",),
    ),
)
