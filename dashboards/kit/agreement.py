"""Test images by which of two classifiers is right: four counts, each a button."""

from dashboards.data.agreement import Part, parts
from dashboards.kit.elements import Box, Button, quiet, text
from deepvid.compare import Agreement


def agreement_table(found: Agreement, first: str, second: str, *, hint: str, act: str) -> Box:
    """The two are called `first` and `second`; a click asks for `act` with {name} of a part, and its keys."""
    both, one, other, none = (_cell(part, hint, act) for part in parts(found))
    return Box(
        (
            Box(
                (_row(text("Test images", tag="th"), _name(f"{second} right"), _name(f"{second} wrong")),),
                "thead",
            ),
            Box(
                (
                    _row(_name(f"{first} right", "rowheader"), both, one),
                    _row(_name(f"{first} wrong", "rowheader"), other, none),
                ),
                "tbody",
            ),
        ),
        "table",
        look="agreement",
        label="Test images by who is right",
    )


def _row(*cells: Box) -> Box:
    return Box(cells, "tr")


def _name(words: str, role: str = "columnheader") -> Box:
    return text(words, tag="th", role=role)


def _cell(part: Part, hint: str, act: str) -> Box:
    button = Button(
        (f"{part['count']:,}",),
        act,
        {"name": part["name"]},
        keys=True,
        disabled=not part["count"],
        look="plain-text",
        hint=hint,
        data={"key": part["name"]},
    )
    return text(button, quiet(f" {part['share']}"), tag="td")
