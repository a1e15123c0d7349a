"""Maps smoothed to what their method can resolve: finer detail is another one with other neighbors."""

import numpy as np

SMOOTH = frozenset(
    {
        "occlusion",
        "places",
        "rise",
        "lime_grid",
        "lime_quickshift",
        "cam",
        "gradcam",
        "hirescam",
        "gradcam_plus_plus",
        "score_cam",
    }
)
"""Methods that ask about parts or layers: they are no finer than these as they are."""

FINEST = 14  # details along a side that a gradient, or a student of pixels, tells apart
_PER_SIGMA = 2.355  # width at half height over the standard deviation


def resolution(method: str, shape: tuple[int, ...]) -> int:
    """Pixels that a method's map of an image is smoothed to; 0: it is left as it is."""
    return 0 if method in SMOOTH else max(shape[:2]) // FINEST


def smoothed(values: np.ndarray, pixels: int) -> np.ndarray:
    """f32 (y, x): its mean under a normal distribution as wide as so many pixels at half its height.

    Beyond the edge there is nothing, which takes no part in the mean; 0 leaves it as it is.
    """
    for axis in range(2 if pixels else 0):
        kernel = _kernel(values.shape[axis], pixels / _PER_SIGMA)
        values = np.moveaxis(np.tensordot(kernel, values, axes=(1, axis)), 0, axis)
    return np.asarray(values, np.float32)


def _kernel(size: int, sigma: float) -> np.ndarray:
    """(to, from), rows of sum 1."""
    away = np.arange(size)[:, None] - np.arange(size)
    weight = np.exp(-0.5 * (away / sigma) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))
