"""One size for images of many: cropped, padded or stretched by Pillow."""

import numpy as np
from PIL import Image, ImageOps

from deepvid.datasets.contract import Form

_FILTER = Image.Resampling.LANCZOS
DONE = {"crop": "cropped", "pad": "padded in black", "stretch": "stretched"}


def fitted(picture: Image.Image, form: Form) -> Image.Image:
    """The picture in the size of `form`; one that has it stays as it is.

    `crop` keeps the middle, `pad` all of it, both with its proportions; `stretch` gives them up.
    """
    size = (form.size[1], form.size[0])  # Pillow's order: x, y
    if picture.size == size:
        return picture
    if form.fit == "crop":
        return ImageOps.fit(picture, size, _FILTER)
    if form.fit == "pad":
        return ImageOps.pad(picture, size, _FILTER, color=0)
    return picture.resize(size, _FILTER)


def all_fitted(images: np.ndarray, form: Form) -> np.ndarray:
    """uint8 (sample, y, x, channel) in the size of `form`."""
    if images.shape[1:3] == form.size:
        return images
    planes = images[..., 0] if images.shape[3] == 1 else images
    pictures = [np.asarray(fitted(Image.fromarray(plane), form)) for plane in planes]
    return np.stack(pictures).reshape(len(images), *form.size, images.shape[3])
