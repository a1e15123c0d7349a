"""Where images come from: one catalogue of sources, one function that loads any of them."""

from deepvid.datasets.contract import DataFolder, ImageData, places
from deepvid.datasets.loading import changed, labeled, load

__all__ = ["DataFolder", "ImageData", "changed", "labeled", "load", "places"]
