"""The accuracy of every epoch, and one image through them."""

from typing import ClassVar, TypedDict

import param

from dashboards.views.time_travel.epoch.decoding import Line
from dashboards.views.time_travel.epoch.table import Column, Curve, Moments
from dashboards.widgets.component import Component, Nothing, source


class Image(TypedDict):
    """The image under study."""

    title: str
    story: str
    columns: list[Column]
    moments: list[Moments]
    lines: list[Line]  # about the epoch shown
    shape: list[int]


class Card(TypedDict):
    """What is shown."""

    epoch: int  # from 0
    planned: int
    curves: list[Curve]
    image: Image | None
    waiting: str  # in the place of the image, where there is none


class EpochCard(Component):
    """Shows `card`. Its one action is `go`, with an epoch from 1."""

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    picture: bytes = param.Bytes(b"", doc="uint8 (y, x, channel)")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "tiles.js", "help.js", "epoch_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "epoch_card.css")]
