"""Cost of the rate of `deepvid find-rate`, against the best of a grid.

    .venv/bin/python benchmarks/rate_finder.py [--seeds 4]

Small networks on 2,000 images, as in training_alarms.py. A cost is the accuracy on test images that the best
rate of the grid has more; of the other choices, "steepest" is the rate at which the smoothed loss falls
fastest, as is common. MNIST and CIFAR-10 are read from DEEPVID_DATA, and left out without.
"""

import argparse
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from records import Record, arguments, show
from training_alarms import MLP, Data, drawn, pooled

from deepvid import config
from deepvid.errors import DivergedError
from deepvid.training import RateSearch, find_rate, train_teacher

GRID = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
NETWORKS = {"MLP": MLP["network"], "ResNet-8": {"kind": "resnet", "depth": 8, "width": 8}}
OPTIMIZERS = ("adamw", "nesterov")
EDGE = 5  # steps at each end whose slope is not looked at


def accuracy(data: Data, settings: config.Teacher, rate: float, seed: int) -> float:
    """On the test images, at the end; 0 where it diverged."""
    names = tuple(map(str, range(data.classes)))
    section = settings.model_copy(update={"learning_rate": rate})
    try:
        *_, last = train_teacher(section, data.images, data.labels, data.test, names, seed=seed)
    except DivergedError:
        return 0.0
    return last.metrics["test_accuracy"]


def choices(search: RateSearch) -> dict[str, float]:
    slope = np.gradient(search.smoothed[EDGE:-EDGE])
    return {
        "minimum / 10": search.rate,
        "minimum / 3": search.rate * 10 / 3,
        "steepest": float(search.rates[EDGE + slope.argmin()]),
        "3e-3 always": 3e-3,
    }


def measured(options: argparse.Namespace) -> Iterator[Record]:
    """Mean and largest cost of each choice, by network and optimizer, over data sets and seeds."""
    costs: dict[tuple[str, str, str], list[float]] = {}
    seeds = range(1 if options.quick else options.seeds)
    sources = ("fashion_mnist_small", "mnist", "cifar10")[: 1 if options.quick else None]
    for network, optimizer in product(NETWORKS, OPTIMIZERS):
        for source, seed in product(sources, seeds):
            if (whole := pooled(source, options.data)) is None:
                continue
            data = drawn(whole, 7000 + seed)
            settings = config.Teacher.model_validate(
                {**MLP, "network": NETWORKS[network], "optimizer": optimizer, "weight_decay": 0.0}
            )
            images, labels = data.images[~data.test], data.labels[~data.test]
            search = find_rate(settings, images, labels, tuple(map(str, range(data.classes))), seed=seed)
            best = max(accuracy(data, settings, rate, seed) for rate in GRID)
            for choice, rate in choices(search).items():
                cost = best - accuracy(data, settings, rate, seed)
                costs.setdefault((network, optimizer, choice), []).append(cost)
    for (network, optimizer, choice), values in costs.items():
        name = f"{network}, {optimizer}, {choice}: of {len(values)} trainings"
        yield Record(f"{name}, mean cost", float(np.mean(values)), "")
        yield Record(f"{name}, largest cost", float(np.max(values)), "")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=4, help="of each data set (1 with --quick)")
    parser.add_argument("--data", type=Path, help="folder of data sets")
    options = arguments(__doc__, parser)
    show(measured(options), options)
