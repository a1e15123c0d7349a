"""Switches that may hold a maximized picture back; imports no JAX, for a page draws them."""

from typing import NamedTuple


class Switches(NamedTuple):
    """Five, of d = x − m, a picture less the mean image; 0 switches one off."""

    decay: float = 0.0  # share of d that each step takes
    blur: float = 0.0  # standard deviation in pixels, every few steps
    values: float = 0.0  # share of the numbers that count as small
    norms: float = 0.0  # and of the pixels, by their norm over channels
    contributions: float = 0.0  # and by what they contribute


NONE = Switches()
SHOWN = Switches(decay=0.01, blur=0.5, contributions=0.2)
"""Those a page begins with: of the demo's last layer it leaves responses beyond the ninth image's."""
MOST = Switches(decay=0.2, blur=2.0, values=0.9, norms=0.9, contributions=0.9)
"""Where its sliders end."""
