"""One picture file as pixels: upright, gray or RGB, 8 bits a channel, and fitted to one size."""

import io
import re
import warnings
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image, ImageOps, features

from deepvid.config.sections.dataset import LARGEST
from deepvid.datasets.contract import Form
from deepvid.datasets.white import BYTE, WORD, White, scale_to_bytes

_FILTER = Image.Resampling.LANCZOS
DONE = {"crop": "cropped", "pad": "padded in black", "stretch": "stretched"}


def fit_picture(picture: Image.Image, form: Form) -> Image.Image:
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


def fit_pictures(images: np.ndarray, form: Form) -> np.ndarray:
    """uint8 (sample, y, x, channel) in the size of `form`."""
    if images.shape[1:3] == form.size:
        return images
    planes = images[..., 0] if images.shape[3] == 1 else images
    pictures = [np.asarray(fit_picture(Image.fromarray(plane), form)) for plane in planes]
    return np.stack(pictures).reshape(len(images), *form.size, images.shape[3])


FORMATS = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "WEBP": (".webp",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "GIF": (".gif",),
    **({"AVIF": (".avif",)} if features.check("avif") else {}),
}
"""Formats that are read, by Pillow's names: the endings of file names."""

SUFFIXES = frozenset(suffix for suffixes in FORMATS.values() for suffix in suffixes)
ENDINGS = ", ".join(suffixes[0] for suffixes in FORMATS.values())

Change = Literal["turned", "deep", "floats", "transparent", "frames", "one color"]

_GRAY = frozenset({"1", "L", "LA", "La"})
_COLOR = frozenset({"P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "HSV"})
_TRANSPARENT = frozenset({"LA", "PA", "RGBA"})
_MULTIPLIED = {"La": "LA", "RGBa": "RGBA"}  # colors times their opacity: the same as they were
_RAW_16 = re.compile(r";16[BLN]")  # of Pillow's names for pixels as a file has them
_ORIENTATION, _ASIDE = 0x0112, range(5, 9)  # the EXIF tag, and its values for pictures that lie on a side


class Decoded(NamedTuple):
    """A picture file that can be read."""

    pixels: np.ndarray | None  # uint8 (y, x, channel); None where it is too large to be taken as it is
    size: tuple[int, int]  # (y, x) before it was fitted, upright
    channels: int
    changes: frozenset[Change]
    largest: int = 0  # of its numbers in the file, of 16 bits where it is "deep", else of 8


def decode(content: bytes, form: Form | None, white: White) -> Decoded:
    """The picture in the file, in the size of `form` if there is one; of several frames the first.

    Transparent pixels are laid on white.

    Raises ValueError, with why in words, for what is no whole picture of a format that is read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd tags
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=tuple(FORMATS)) as picture:
                return _decoded(picture, form, white)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise ValueError(f"more than {Image.MAX_IMAGE_PIXELS:,} pixels") from error
    except Image.UnidentifiedImageError as error:
        raise ValueError(
            f"no picture of a format that is read ({ENDINGS})" if content else "empty"
        ) from error
    except Exception as error:  # decoders of broken files raise whatever there is
        raise ValueError(str(error) or type(error).__name__) from error


def _decoded(picture: Image.Image, form: Form | None, white: White) -> Decoded:
    changes: set[Change] = {"deep"} if _is_deep(picture) else set()  # first: reading EXIF may read it all
    orientation = picture.getexif().get(_ORIENTATION, 1)
    if orientation not in (0, 1):
        changes.add("turned")
    if getattr(picture, "n_frames", 1) > 1:
        changes.add("frames")
    x, y = picture.size
    size = (x, y) if orientation in _ASIDE else (y, x)
    if form is None and max(size) > LARGEST:
        return Decoded(None, size, 1 if picture.mode in _GRAY else 3, frozenset(changes))
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in _MULTIPLIED:
        upright = upright.convert(_MULTIPLIED[upright.mode])
    if upright.mode in _GRAY | _COLOR:
        deep = "deep" in changes
        plain, largest = _of_bytes(upright, white, deep=deep)
    else:
        plain, largest = _of_numbers(upright, white)
        changes.add("floats" if upright.mode == "F" else "deep")
    if (opacity := _opacity(upright)) is not None:
        plain = Image.composite(plain, Image.new(plain.mode, plain.size, "white"), opacity)
        changes.add("transparent")
    pixels = np.asarray(plain if form is None else fit_picture(plain, form))
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    if (pixels == pixels[:1, :1]).all() and any(low < high for low, high in _extrema(upright)):
        changes.add("one color")
    return Decoded(pixels, plain.size[::-1], pixels.shape[2], frozenset(changes), largest)


def _extrema(picture: Image.Image) -> tuple[tuple[float, float], ...]:
    """The least and the largest number of each channel."""
    bands = picture.getextrema()
    return bands if isinstance(bands[0], tuple) else (bands,)


def _opacity(picture: Image.Image) -> Image.Image | None:
    """Gray of 8 bits, white where the picture is opaque; None where all of it is."""
    if picture.mode in _TRANSPARENT:
        opacity = picture.getchannel("A")
    elif "transparency" not in picture.info:
        return None
    elif picture.mode in _GRAY | _COLOR:
        opacity = picture.convert("RGBA").getchannel("A")
    else:
        opacity = Image.fromarray(np.asarray(picture) != picture.info["transparency"]).convert("L")
    return None if opacity.getextrema()[0] == BYTE else opacity


def _is_deep(picture: Image.Image) -> bool:
    """Whether an unread file has more than 8 bits a channel: those of colors Pillow cuts while it reads."""
    for tile in getattr(picture, "tile", ()):
        most = tile.args[-1] if tile.codec_name.startswith("ppm") and isinstance(tile.args, tuple) else 0
        if _RAW_16.search(str(tile.args)) or most > 255:
            return True
    return False


def _of_bytes(picture: Image.Image, white: White, *, deep: bool) -> tuple[Image.Image, int]:
    """Gray or RGB, and the largest number; of 16 bits Pillow has read the upper 8."""
    plain = picture.convert("L" if picture.mode in _GRAY else "RGB")
    unit, top = (WORD // BYTE, white.word) if deep else (1, white.byte)
    largest = unit * int(max(high for _, high in _extrema(plain)))
    if top == unit * BYTE:
        return plain, largest
    return Image.fromarray(scale_to_bytes(np.asarray(plain).astype(np.uint16) * unit, top)), largest


def _of_numbers(picture: Image.Image, white: White) -> tuple[Image.Image, int]:
    """Gray of 16 bits, or of floats from 0 to 1, and the largest number. Raises ValueError for others."""
    if not picture.mode.startswith(("I", "F")):
        raise ValueError(f"{picture.mode} pixels, which are neither gray nor RGB")
    numbers = np.asarray(picture).astype(np.float64)
    shares = picture.mode == "F"
    top = 1 if shares else WORD
    if not ((numbers >= 0) & (numbers <= top)).all():  # NaN compares false
        raise ValueError(f"pixels from {numbers.min():g} to {numbers.max():g}, not from 0 to {top}")
    gray = Image.fromarray(scale_to_bytes(numbers, 1 if shares else white.word))
    return gray, 0 if shares else int(numbers.max())
