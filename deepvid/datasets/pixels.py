"""Arrays of images in the forms that people keep them, as bytes (sample, y, x, channel)."""

from typing import NamedTuple

import numpy as np

from deepvid.errors import DataError

_CHANNELS = (1, 3, 4)


class Pixels(NamedTuple):
    """uint8 (sample, y, x, channel), and what was made of what."""

    images: np.ndarray
    notes: tuple[str, ...] = ()


def pixels_of(images: np.ndarray, where: str) -> Pixels:
    """From gray, RGB or RGBA, channels last or first; bytes, truths, floats in 0..1, or 0..255.

    Raises DataError, with the line of NumPy that mends it, for another shape or range.
    """
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4:
        raise DataError(
            "Images are an array (sample, y, x) or (sample, y, x, channel)",
            f"shape {images.shape} in {where}",
            f"Reshape them{_reshaped(images)}",
        )
    notes = []
    if images.shape[3] not in (*_CHANNELS, 2) and images.shape[1] in _CHANNELS:
        images = np.moveaxis(images, 1, -1)
        notes.append("Images with the channels first, read as (sample, y, x, channel)")
    if images.shape[3] == 4:
        images = images[..., :3]
        notes.append("Images with four channels without their transparency")
    as_bytes, scaled = _bytes(images, where)
    return Pixels(np.ascontiguousarray(as_bytes), (*notes, *scaled))


def _reshaped(images: np.ndarray) -> str:
    """The line that does it, where the rows are flat and square."""
    if images.ndim != 2:
        return ""
    for channels in (1, 3):
        side = round((images.shape[1] / channels) ** 0.5)
        if side * side * channels == images.shape[1]:
            shape = (len(images), side, side, channels)
            return f": images = images.reshape{shape}"
    return ""


def _bytes(images: np.ndarray, where: str) -> tuple[np.ndarray, tuple[str, ...]]:
    if images.dtype == np.bool_ or _black_and_white(images):
        return images.astype(np.uint8) * 255, ("Images of two values, 0 and 1, read as black and white",)
    if images.dtype == np.uint8:
        return images, ()
    if images.dtype.kind not in "iuf":
        raise DataError(
            "Images hold numbers", f"{images.dtype} in {where}", "images = images.astype('uint8')"
        )
    floats = images.dtype.kind == "f"
    bytes_as_floats = floats and _whole_bytes(images)
    top = 1 if floats and not bytes_as_floats else 255
    wrong = ~((images >= 0) & (images <= top))  # NaN compares false
    if wrong.any():
        sample, y, x, channel = np.argwhere(wrong)[0]
        raise DataError(
            f"Pixels of {images.dtype} lie in 0 to {top}{' or are whole, 0 to 255' if floats else ''}",
            f"{images[sample, y, x, channel]} in image {sample} of {where} ({wrong.sum():,} such pixels)",
            _mended(images, floats),
        )
    notes = ("Floats from 0 to 255, read as bytes",) if bytes_as_floats else ()
    return np.rint(images * (255 / top)).astype(np.uint8), notes


def _black_and_white(images: np.ndarray) -> bool:
    """Whether whole numbers are those of truths: as bytes they would be black and all but black."""
    return images.dtype.kind in "iu" and images.size > 0 and bool(images.min() == 0 and images.max() == 1)


def _whole_bytes(images: np.ndarray) -> bool:
    """Whether floats are those of bytes: whole, and more than 0 and 1."""
    inside = bool(images.size) and bool((images >= 0).all() and (images <= 255).all())
    return inside and bool(images.max() > 1) and bool((images == np.round(images)).all())


def _mended(images: np.ndarray, floats: bool) -> str:
    """The line of NumPy that brings them into range, as far as the values tell."""
    if np.isnan(images).any():
        return "Replace those: images = np.nan_to_num(images)"
    low, high = float(images.min()), float(images.max())
    within = {
        (0, 1.01): "images = images.clip(0, 1)",
        (0, 255): "images = images / 255",
        (-1, 1): "images = (images + 1) / 2",
    }
    if floats:
        line = f"They seem standardized: images = (images - ({low:.4g})) / {high - low:.4g}, or undo that"
        return next((text for (a, b), text in within.items() if a <= low and high <= b), line)
    if low >= 0 and 4095 < high <= 65535:
        return "images = (images // 257).astype('uint8')"
    return f"images = ((images.astype(float) - ({low:g})) * (255 / {high - low or 1:g})).astype('uint8')"
