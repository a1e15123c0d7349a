"""What a run knows of the classes of its images: their labels, or that nobody labeled them."""

import numpy as np
import xarray as xr

from deepvid.metrics import runner_up
from deepvid.store import Run


def labels_of(dataset: xr.Dataset) -> np.ndarray | None:
    """int32 (sample,), of the group that the dataset stage wrote; None: they have no labels."""
    return dataset["label"].to_numpy() if "label" in dataset else None


def held_against(label: np.ndarray | None, logits: np.ndarray) -> np.ndarray:
    """int32 (sample,): what an answer is held against: its label or, without labels, the runner-up."""
    return runner_up(logits) if label is None else label


def asked_of(run: Run, samples: np.ndarray) -> np.ndarray:
    """`held_against` of some samples of a run whose teacher is there."""
    dataset = run.stages["dataset"].open()
    if "label" in dataset:
        return dataset["label"].isel(sample=samples).to_numpy()
    return runner_up(run.stages["teacher"].open("logits")["logits"].isel(sample=samples).to_numpy())
