"""Principal directions: along which the means of a run's latents differ most."""

from typing import NamedTuple

import numpy as np


class Directions(NamedTuple):
    """The first few; arrays are float32."""

    vector: np.ndarray  # (direction, latent), orthonormal; the largest entry of each is positive
    share: np.ndarray  # (direction,): of the variance of all latents together
    spread: np.ndarray  # (direction,): standard deviation of the images along it


def principal(means: np.ndarray, most: int) -> Directions:
    """Eigenvectors of Cov(μ), of the greatest eigenvalues first, of `means` (image, latent). Source: Pearson
    1901.
    """
    centered = means - means.mean(axis=0)
    value, vector = np.linalg.eigh(centered.T @ centered / len(centered))
    value, vector = np.maximum(value, 0)[::-1], vector.T[::-1]
    largest = np.take_along_axis(vector, np.abs(vector).argmax(axis=1)[:, None], axis=1)
    share = value / max(float(value.sum()), np.finfo(np.float32).tiny)
    kept = slice(min(most, len(value)))
    return Directions(
        (vector * np.sign(largest))[kept].astype(np.float32),
        share[kept].astype(np.float32),
        np.sqrt(value[kept]).astype(np.float32),
    )
