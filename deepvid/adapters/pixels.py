"""Images as a model takes them: u = (range · C R x - mean) / std, and what follows from it for slopes.

R resizes, C makes the channels; both are linear, so that ds/dx = Rᵀ Cᵀ (range / std · ds/du).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid import config
from deepvid.config import names
from deepvid.errors import ConfigError

if TYPE_CHECKING:
    from jaxtyping import Float

_LUMA = (0.299, 0.587, 0.114)  # of ITU-R BT.601, as Pillow and OpenCV have it


class Pixels(NamedTuple):
    """Between images (sample, y, x, channel) in [0, 1] and the inputs of one model."""

    rows: Float[np.ndarray, "taken_y y"]
    columns: Float[np.ndarray, "taken_x x"]
    channels: Float[np.ndarray, "taken_channel channel"]
    scale: Float[np.ndarray, " taken_channel"]  # range / std
    shift: Float[np.ndarray, " taken_channel"]  # mean / std
    first: bool  # whether the channels come before y
    flat: bool  # whether the model takes rows of numbers

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one input."""
        y, x, channel = len(self.rows), len(self.columns), len(self.channels)
        if self.flat:
            return (y * x * channel,)
        return (channel, y, x) if self.first else (y, x, channel)

    def inputs(self, images: Float[np.ndarray, "sample y x channel"]) -> Float[np.ndarray, "sample ..."]:
        taken = self.plain(images) * self.scale - self.shift
        if self.first:
            taken = taken.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(taken.reshape(len(images), *self.shape), np.float32)

    def plain(
        self, images: Float[np.ndarray, "sample y x channel"]
    ) -> Float[np.ndarray, "sample taken_y taken_x taken_channel"]:
        """Of the size and the channels that the model takes, in [0, 1]."""
        images = np.asarray(images, np.float32)
        return _turned(_turned(_turned(images, self.rows, 1), self.columns, 2), self.channels, 3)

    def slopes(
        self, slopes: Float[np.ndarray, "sample asked ..."]
    ) -> Float[np.ndarray, "sample asked y x channel"]:
        """By the pixels of the images, of slopes by the inputs."""
        y, x, channel = len(self.rows), len(self.columns), len(self.channels)
        shape = (channel, y, x) if self.first else (y, x, channel)
        taken = slopes.reshape(*slopes.shape[:2], *shape)
        if self.first:
            taken = taken.transpose(0, 1, 3, 4, 2)
        stored = _turned(taken * self.scale, self.channels.T, 4)
        return _turned(_turned(stored, self.columns.T, 3), self.rows.T, 2).astype(np.float32, copy=False)


def pixels(
    given: config.Input,
    image_shape: tuple[int, int, int],
    *,
    layout: names.Layout,
    flat: bool = False,
) -> Pixels:
    """`layout` is the model's own, where the settings leave it open. Raises ConfigError."""
    channels = _channels(given.channels, image_shape[2])
    mean, std = (
        _each(values, len(channels), name) for name, values in (("mean", given.mean), ("std", given.std))
    )
    std = np.ones(len(channels), np.float32) if std is None else std
    y, x = given.size or image_shape[:2]
    return Pixels(
        rows=_resizing(image_shape[0], y),
        columns=_resizing(image_shape[1], x),
        channels=channels,
        scale=given.range / std,
        shift=0 * std if mean is None else mean / std,
        first=(layout if given.layout == "auto" else given.layout) == "NCHW",
        flat=flat,
    )


def _turned(array: np.ndarray, matrix: np.ndarray, axis: int) -> np.ndarray:
    """Each vector along `axis` times `matrix`."""
    if matrix.shape[0] == matrix.shape[1] and (matrix == np.eye(len(matrix))).all():
        return array
    return np.moveaxis(np.moveaxis(array, axis, -1) @ matrix.T, -1, axis)


def _channels(wanted: names.Channels, stored: int) -> Float[np.ndarray, "taken_channel channel"]:
    if wanted == "as stored":
        return np.eye(stored, dtype=np.float32)
    if wanted == "gray":
        return np.ones((1, 1), np.float32) if stored == 1 else np.array([_LUMA], np.float32)
    if stored == 1:
        return np.ones((3, 1), np.float32)
    return np.eye(3, dtype=np.float32)[:: -1 if wanted == "bgr" else 1]


def _resizing(old: int, new: int) -> Float[np.ndarray, "new old"]:
    """Bilinear; where images shrink, the triangle is as wide as a new pixel, as in Pillow."""
    width = max(old / new, 1.0)
    centers = (np.arange(new) + 0.5) * old / new
    weights = np.maximum(0, 1 - abs(np.arange(old) + 0.5 - centers[:, None]) / width)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _each(values: tuple[float, ...], channels: int, name: str) -> Float[np.ndarray, " channel"] | None:
    if not values:
        return None
    if len(values) not in (1, channels):
        raise ConfigError(
            f"teacher.input.{name} is one number, or one for each channel that the model takes ({channels})",
            f"{len(values)} numbers",
            "Give one, or set teacher.input.channels",
        )
    return np.broadcast_to(np.asarray(values, np.float32), channels)
