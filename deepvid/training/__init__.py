"""Training: catalogues of optimizers and schedules, the epoch loop, snapshots, predictions."""

from deepvid.training.batches import Latents, Predictions, encode, predict, reconstruct
from deepvid.training.epoch_record import EpochRecord
from deepvid.training.rate_finder import RateSearch, find_rate
from deepvid.training.teacher import Snapshot, train_teacher
from deepvid.training.vae import VaeSnapshot, train_vae

__all__ = [
    "EpochRecord",
    "Latents",
    "Predictions",
    "RateSearch",
    "Snapshot",
    "VaeSnapshot",
    "encode",
    "find_rate",
    "predict",
    "reconstruct",
    "train_teacher",
    "train_vae",
]
