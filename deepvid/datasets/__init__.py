"""Where images come from: one catalogue of sources, one function that loads any of them."""

from deepvid.datasets.contract import ImageData
from deepvid.datasets.loading import changed, labeled, load
from deepvid.datasets.places import DataFolder, places

__all__ = ["DataFolder", "ImageData", "changed", "labeled", "load", "places"]
