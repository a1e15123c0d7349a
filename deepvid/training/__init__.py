"""Training: catalogues of optimizers and schedules, the epoch loop, snapshots, predictions."""

from deepvid.training.latents import Latents, encode, reconstruct
from deepvid.training.predict import Predictions, predict
from deepvid.training.teacher import Snapshot, train_teacher
from deepvid.training.vae import VaeSnapshot, train_vae

__all__ = [
    "Latents",
    "Predictions",
    "Snapshot",
    "VaeSnapshot",
    "encode",
    "predict",
    "reconstruct",
    "train_teacher",
    "train_vae",
]
