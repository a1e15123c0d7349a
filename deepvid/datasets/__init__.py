"""Where images come from: one catalogue of sources, one function that loads any of them."""

from deepvid.datasets.contract import ImageData
from deepvid.datasets.loading import changed, labeled, load
from deepvid.datasets.places import Place, places

__all__ = ["ImageData", "Place", "changed", "labeled", "load", "places"]
