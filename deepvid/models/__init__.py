"""Networks, and the contract a teacher keeps."""

from deepvid.models.catalogue import NETWORKS, build, network_size, restore
from deepvid.models.classifier import Classifier, LayeredClassifier
from deepvid.models.parameters import layout, load_vector, to_vector
from deepvid.models.vae import VAE, build_vae, restore_vae, vae_size

__all__ = [
    "NETWORKS",
    "VAE",
    "Classifier",
    "LayeredClassifier",
    "build",
    "build_vae",
    "layout",
    "load_vector",
    "network_size",
    "restore",
    "restore_vae",
    "to_vector",
    "vae_size",
]
