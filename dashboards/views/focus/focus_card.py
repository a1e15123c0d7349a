"""The image under study with the teacher's probabilities."""

from typing import Any, ClassVar

import param

from dashboards.widgets.component import Component, source


class FocusCard(Component):
    """Shows `card`; an empty one shows `waiting`. Probabilities and logits change places in the browser."""

    card: dict[str, Any] = param.Dict(
        {},
        doc="sample, true, predicted (class names), confidence, shape, partial, others (how many classes are "
        "not listed), bars [{name, color, probability, logit, true, predicted}]; or waiting",
    )  # type: ignore[assignment]
    image: bytes = param.Bytes(b"", doc="uint8 (y, x, channel)")  # type: ignore[assignment]

    _esm = source(__file__, "dom.js", "focus_card.js")
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "focus_card.css")]
