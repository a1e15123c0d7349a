"""Cost of recording the steps of a PyTorch training: `run.step` and `run.watch` against neither.

Epochs of 20 steps in turns, in a random order, CPU time of one thread; `bare` twice says how far noise goes.
A small convolutional network on 28x28 images, batches of 64, AdamW. Null where torch is not installed.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"

import importlib.util
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from records import Baseline, Record, arguments, at_most, lower_is_better, show

from deepvid.logger import LoggedRun, log_run

STEPS, BATCH, ROUNDS = 20, 64, 30
MOST = at_most(1.05)
RNG = np.random.default_rng(0)


def measure(rounds: int) -> Iterator[Record]:
    """Medians over the rounds of the ratio to the mean of both bare epochs of the same round."""
    if importlib.util.find_spec("torch") is None:
        return
    images = RNG.integers(0, 256, (40, 28, 28), np.uint8)
    labels, test = np.arange(40) % 10, np.arange(40) >= 20
    with tempfile.TemporaryDirectory() as folder:
        log = {"test": test, "epochs": 1, "store": Path(folder)}
        with log_run("each", images, labels, **log) as each, log_run("tenth", images, labels, **log) as tenth:
            ways = {
                "bare": _training(None, 0),
                "bare again": _training(None, 0),
                "step and watch": _training(each, 1),
                "step, and watch every tenth": _training(tenth, 10),
            }
            seconds = _in_turns(ways, rounds)
            for run in (each, tenth):
                run.epoch(logits=np.zeros((40, 10)), features=np.zeros((40, 2)))
    bare = (seconds["bare"] + seconds["bare again"]) / 2
    base = Baseline("bare", 1e3 * float(np.median(bare)) / STEPS)
    assert base.value is not None
    for name, found in seconds.items():
        value = base.value * float(np.median(found / bare))
        yield lower_is_better(f"a step, {name}", value, "ms", base, budget=None if "bare" in name else MOST)


def _in_turns(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, np.ndarray]:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for train in ways.values():
        train()
    for _ in range(rounds):
        for name in RNG.permutation(list(ways)):
            began = time.process_time()
            ways[name]()
            seconds[name].append(time.process_time() - began)
    return {name: np.array(times) for name, times in seconds.items()}


def _training(run: LoggedRun | None, every: int) -> Callable[[], object]:
    """An epoch of a network of its own."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    net = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, 1, 1), nn.BatchNorm2d(16), nn.ReLU()),
        *(nn.Conv2d(16, 32, 3, 2, 1), nn.BatchNorm2d(32), nn.ReLU()),
        *(nn.Conv2d(32, 64, 3, 2, 1), nn.BatchNorm2d(64), nn.ReLU()),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)),
    )
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3)
    if run is not None:
        run.watch(net, optimizer, every=every)
    x, y = torch.rand(BATCH, 1, 28, 28), torch.arange(BATCH) % 10

    def epoch() -> Any:
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            if run is not None:
                run.step(loss)

    return epoch


if __name__ == "__main__":
    options = arguments(__doc__)
    show(measure(3 if options.quick else ROUNDS), options)
