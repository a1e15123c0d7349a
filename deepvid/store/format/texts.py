"""Texts as an array of numbers, which every reader of Zarr has: UTF-8, each filled up by zeros."""

from collections.abc import Sequence

import numpy as np


def texts_as_bytes(texts: Sequence[str]) -> np.ndarray:
    """uint8 (text, byte), as wide as the longest; what is no text of UTF-8 keeps its bytes."""
    encoded = np.array([text.encode("utf-8", "surrogateescape") for text in texts] or [b""], "S")
    width = max(1, encoded.dtype.itemsize)
    return encoded.astype(f"S{width}").view(np.uint8).reshape(-1, width)[: len(texts)]


def texts_from_bytes(rows: np.ndarray) -> list[str]:
    """The texts of uint8 (text, byte); bytes that are no UTF-8 are shown as such."""
    whole = np.ascontiguousarray(rows, np.uint8)
    texts = whole.view(f"S{whole.shape[1]}").ravel().tolist() if whole.size else []
    return [text.decode("utf-8", "backslashreplace") for text in texts]
