"""How a figure looks when it was clicked."""

NO_OUTLINE = ".bk-Canvas { --outline-width: 0px; }"
"""Bokeh draws a dotted line around a canvas after a click; its width is the only part that can be reached."""
