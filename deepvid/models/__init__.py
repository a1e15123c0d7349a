"""Networks, and the contract a teacher keeps."""

from deepvid.models.catalogue import NETWORKS, build, restore
from deepvid.models.classifier import Classifier, Tier
from deepvid.models.layered import LayeredClassifier
from deepvid.models.parameters import load_vector, to_vector

__all__ = [
    "NETWORKS",
    "Classifier",
    "LayeredClassifier",
    "Tier",
    "build",
    "load_vector",
    "restore",
    "to_vector",
]
