"""The river in the browser: a column a layer, and ribbons from what images look like here to there."""

from typing import Any, ClassVar, TypedDict

import param

from dashboards.views.network.river.table import Way
from dashboards.widgets.component import Component, Nothing, source


class Card(TypedDict):
    """What is shown; columns, boxes and ribbons as `dashboards.views.network.river.table` has them."""

    columns: list[dict[str, Any]]
    groups: list[dict[str, str]]
    boxes: list[list[list[int]]]
    ribbons: list[list[list[int]]]
    total: int  # images in a column
    partial: bool  # whether some of them are selected here, so that the rest is pale
    pressed: list[list[list[int]]]  # places [column, group] of the boxes and ribbons that are selected
    chosen: int  # column of the layer shown
    lines: list[list[str]]  # [text, hint]


class RiverCard(Component):
    """Shows `card`, and over it the `way` of one image.

    Actions: `select` {places, shift, ctrl} of [column, group]; `layer` a column's name.
    """

    card: Card | Nothing = param.Dict({}, doc="a `Card`")  # type: ignore[assignment]
    way: Way | Nothing = param.Dict({}, doc="a `Way`")  # type: ignore[assignment]

    _esm = "views/network/river/river_card.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "river_card.css")]
