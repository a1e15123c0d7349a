"""Where images come from: one catalogue of sources, one function that loads any of them."""

from deepvid.datasets.contract import DataFolder, ImageData, places
from deepvid.datasets.loading import changed, first_size, further_columns, labeled, load

__all__ = ["DataFolder", "ImageData", "changed", "first_size", "further_columns", "labeled", "load", "places"]
