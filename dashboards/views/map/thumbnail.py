"""An image of a run as a picture that a plot can show."""

import base64
import io

import numpy as np
from PIL import Image


def data_url(image: np.ndarray, least: int) -> str:
    """A PNG of uint8 (y, x, channel) in a data address, its pixels enlarged to at least `least` in all."""
    scale = max(1, -(-least // max(image.shape[:2])))
    large = image.repeat(scale, axis=0).repeat(scale, axis=1)
    file = io.BytesIO()
    Image.fromarray(large[..., 0] if large.shape[2] == 1 else large[..., :3]).save(file, "png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
