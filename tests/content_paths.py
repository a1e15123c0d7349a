"""A content path as the tools of DVI write it: 30 training samples, of which 24 are in use, and 6 others."""

import json
from collections import OrderedDict
from pathlib import Path

import numpy as np
from tensors import save, tensor

RNG = np.random.default_rng(0)
TRAIN, TEST = RNG.normal(size=(30, 4)).astype(np.float32), RNG.normal(size=(6, 4)).astype(np.float32)
WEIGHT, BIAS = RNG.normal(size=(3, 4)).astype(np.float32), np.float32([1, 2, 3])
ROWS = [5, 2, *range(6, 28)]


def make_content_path(folder: Path) -> Path:
    """Its folder, without images."""
    for name, samples in (("Training", 30), ("Testing", 6)):
        labels = tensor(np.arange(samples, dtype=np.int64) % 3)
        save(folder / f"{name}_data" / f"{name.lower()}_dataset_label.pth", labels)
    for number in (2, 10):
        epoch = folder / "Model" / f"Epoch_{number}"
        parameters = {
            "conv.weight": tensor(np.zeros((3, 1, 2, 2), np.float32)),
            "fc.weight": tensor(WEIGHT),
            "fc.bias": tensor(BIAS),
            "bn.num_batches_tracked": tensor(np.array(7)),
        }
        save(epoch / "subject_model.pth", OrderedDict(parameters))
        (epoch / "index.json").write_text(json.dumps(ROWS))
        np.save(epoch / "train_data.npy", TRAIN)
        np.save(epoch / "test_data.npy", TEST)
        np.save(epoch / "border_centers.npy", TRAIN[:5] + 1)
    return folder
