"""An image that can be drawn on, and what follows from it."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.network.what_if.table import Shown
from dashboards.widgets.component import Component, Nothing, source


class Card(TypedDict):
    """The image that is drawn on."""

    sample: int
    shape: list[int]  # y, x, channel
    refusal: str  # why nothing can be asked; empty: it can
    stored: Shown | None  # what is known without asking


class Unit(TypedDict):
    """One unit of a layer."""

    layer: str
    unit: int


class Silence(TypedDict):
    """What is silenced, and the unit that the page shows in full."""

    offer: Unit | None
    units: list[Unit]


class Answer(TypedDict):
    """What came of the last question."""

    sample: int
    asked: int  # its number
    error: str
    shown: Shown | None


class WhatIfCard(Component):
    """Shows `card` with its `image` and follows the `answer`.

    Actions: `edit` {sample, asked, image}, the bytes of the drawn image in base64; `silence` {layer, unit,
    on}, or null: every unit answers again.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    image: bytes = param.Bytes(b"", doc="uint8 (y, x, channel), as it is stored")  # type: ignore[assignment]
    silence: Silence | Nothing = param.Dict({}, doc="a `Silence`")  # type: ignore[assignment]
    answer: Answer | Nothing = param.Dict({}, doc="an `Answer`")  # type: ignore[assignment]

    _esm = "views/network/what_if/what_if_card.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "what_if_card.css")]
