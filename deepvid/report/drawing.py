"""Pictures inside a report: PNG in the text itself, small enough to be sent."""

from base64 import b64encode
from io import BytesIO

import numpy as np
from PIL import Image

LARGE, SMALL = 320, 64
"""Pixels of a side at most: of an image or map, and of a neighbor."""

FOR, AGAINST = (8, 81, 156), (179, 71, 0)
"""Ends of the diverging scale: blue speaks for a class and orange against it, as on the page."""


def picture(image: np.ndarray, side: int = LARGE) -> str:
    """Address of an image uint8 (y, x, channel) of 1 or 3 channels that has all of it inside."""
    array = image[..., 0] if image.shape[-1] == 1 else image[..., :3]
    return _address(Image.fromarray(np.ascontiguousarray(array)), side)


def map_picture(values: np.ndarray, side: int = LARGE) -> str:
    """The same of contributions (y, x), by the largest of them; none is white."""
    largest = float(np.abs(values).max(initial=0)) or 1.0
    steps = np.rint(np.nan_to_num(values / largest) * 127) + 127
    drawn = Image.fromarray(steps.astype(np.uint8), mode="P")
    drawn.putpalette([channel for step in range(255) for channel in _color((step - 127) / 127)])
    return _address(drawn, side)


def _color(share: float) -> tuple[int, ...]:
    """From -1 to 1."""
    end = FOR if share > 0 else AGAINST
    return tuple(round(255 + (channel - 255) * abs(share)) for channel in end)


def _address(drawn: Image.Image, side: int) -> str:
    if max(drawn.size) > side:
        # colors of a palette do not mix
        drawn = drawn.convert("RGB") if drawn.mode == "P" else drawn
        drawn.thumbnail((side, side), Image.Resampling.BOX)
    file = BytesIO()
    drawn.save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
