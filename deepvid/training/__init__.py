"""Training: catalogues of optimizers and schedules, the epoch loop, snapshots, predictions."""

from deepvid.training.predict import Predictions, predict
from deepvid.training.teacher import Snapshot, train_teacher

__all__ = ["Predictions", "Snapshot", "predict", "train_teacher"]
