"""What stands where there is nothing to show yet: one sentence about what will."""

from html import escape

import panel as pn

_STYLE = (
    "display: grid; place-content: center; height: 100%; padding: 0 24px; text-align: center; "
    "color: var(--dv-quiet); font: var(--dv-body)/1.4 var(--dv-font)"
)


def empty(sentence: str) -> pn.pane.HTML:
    """The sentence in the middle of the room that a picture will take."""
    box = f'<div style="{_STYLE}">{escape(sentence)}</div>'
    return pn.pane.HTML(box, sizing_mode="stretch_both", styles={"height": "100%"})
