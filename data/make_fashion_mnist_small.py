"""Makes the embedded data set: the first 10,000 training and all test images of Fashion-MNIST.

    python data/make_fashion_mnist_small.py --data FOLDER_OF_THE_ORIGINALS

Equal content gives equal bytes: the files carry no name and no date.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np

from deepvid.config import Dataset
from deepvid.datasets import load
from deepvid.datasets.idx import FILES, encode, pack

HERE = Path(__file__).parent / "fashion_mnist_small"
TRAIN = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="where the original files are, or a folder fashion_mnist")
    whole = load(Dataset(source="fashion_mnist"), data=parser.parse_args().data, seed=0)
    first = int((~whole.test).sum())
    for name, rows in zip(
        FILES, (slice(TRAIN), slice(TRAIN), slice(first, None), slice(first, None)), strict=True
    ):
        array = whole.images[rows, ..., 0] if "images" in name else whole.labels[rows].astype(np.uint8)
        content = pack(encode(array))
        (HERE / name).write_bytes(content)
        print(hashlib.sha256(content).hexdigest(), name)


if __name__ == "__main__":
    main()
