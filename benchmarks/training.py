"""Is an epoch of the demo's teacher as fast as the same network in PyTorch's better memory layout?

Both train ResNet-8 of width 16 on random 28x28 images with Nesterov momentum, in turns, on all cores; the
median of the rounds counts. Both have a process of their own: beside JAX, which frees large blocks, glibc
keeps PyTorch's memory, too, and spares it thousands of page faults a step. What PyTorch reaches where glibc
is told to keep it is shown as well. Torch is optional: its lines are null without it.

What does the record of a training cost? At most 1.04 times a step, 1.3 times a commit (`training_record.py`).
"""

import importlib.util
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import jax
import numpy as np
from records import Baseline, Record, arguments, higher_is_better, lower_is_better, show
from training_record import recording

from deepvid import config
from deepvid.cores import use_cores
from deepvid.models import build
from deepvid.progress import SILENT
from deepvid.training import predict
from deepvid.training.loop import run_epochs
from deepvid.training.optimizers import OPTIMIZERS
from deepvid.training.teacher import init, step

SETTINGS = config.Teacher(optimizer="nesterov", learning_rate=0.05, weight_decay=5e-4)
CLASSES = tuple("0123456789")
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (10_000, 28, 28, 1), dtype=np.uint8)
LABELS = RNG.integers(0, 10, 10_000).astype(np.int32)
KEPT = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
BASELINES = {  # with the least ratio
    "PyTorch channels_last": 1.0,
    "PyTorch channels_last, memory kept": None,
    "PyTorch contiguous": None,
}
Run = Callable[[], None]


def measure(rounds: int, steps: int) -> Iterator[Record]:
    training = {"ours": ("ours", {}), **torch_ways()}
    seconds = {
        name: time_ / (steps * SETTINGS.batch) for name, time_ in timed(training, rounds, steps).items()
    }
    ours = 1 / seconds.pop("ours")
    for name, budget in BASELINES.items():
        baseline = Baseline(name, 1 / seconds[name] if name in seconds else None)
        yield higher_is_better("training images a second", ours, "1/s", baseline, budget=budget)
    labeling = timed({"labeling": ("labeling", {})}, rounds, steps)["labeling"]
    yield lower_is_better("labeling 10,000 images", labeling / (steps * SETTINGS.batch) * 10_000, "s")
    use_cores()
    yield from recording(rounds)


def torch_ways() -> dict[str, tuple[str, dict[str, str]]]:
    """Commands and their environments, by baseline; empty without torch."""
    if importlib.util.find_spec("torch") is None:
        return {}
    return {name: (name.split(",")[0], KEPT if "kept" in name else {}) for name in BASELINES}


def timed(ways: dict[str, tuple[str, dict[str, str]]], rounds: int, steps: int) -> dict[str, float]:
    """Median seconds of every way; they take turns, so that a noisy machine is noisy for all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    with ExitStack() as stack:
        turns = {name: stack.enter_context(Process(run, steps, more)) for name, (run, more) in ways.items()}
        for _ in range(rounds):
            for name, process in turns.items():
                seconds[name].append(process.turn())
    return {name: float(np.median(times)) for name, times in seconds.items()}


class Process:
    """A process that waits for its turn, with `more` in its environment."""

    def __init__(self, run: str, steps: int, more: dict[str, str]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=take_turns, args=(run, steps, theirs), daemon=True)
        before = dict(os.environ)
        os.environ.update(more)  # glibc reads it when a process begins
        self._process.start()
        os.environ.clear()
        os.environ.update(before)
        theirs.close()

    def __enter__(self) -> "Process":
        self._pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def turn(self) -> float:
        """Seconds of one run."""
        self._pipe.send("go")
        seconds: float = self._pipe.recv()
        return seconds


def take_turns(name: str, steps: int, pipe: Any) -> None:
    use_cores()
    run = RUNS[name](steps)
    run()  # compiles, fills caches
    pipe.send("ready")
    while pipe.recv():
        began = time.perf_counter()
        run()
        pipe.send(time.perf_counter() - began)


def our_training(steps: int) -> Run:
    optimizer = OPTIMIZERS[SETTINGS.optimizer](lambda _: SETTINGS.learning_rate, SETTINGS.weight_decay)
    graph, state = init(SETTINGS, optimizer, (28, 28, 1), CLASSES, key=jax.random.key(0))
    samples = steps * SETTINGS.batch
    epochs = run_epochs(
        step(SETTINGS, optimizer, graph),
        state,
        (IMAGES[:samples], LABELS[:samples]),
        first=0,
        epochs=1_000,
        batch=SETTINGS.batch,
        seed=0,
        held_out=0,
        progress=SILENT,
    )
    return lambda: (jax.block_until_ready(next(epochs).state), None)[1]


def our_labeling(steps: int) -> Run:
    network = build(SETTINGS.network, image_shape=(28, 28, 1), class_names=CLASSES, key=jax.random.key(0))
    network.eval()
    return lambda: (predict(network, IMAGES[: steps * SETTINGS.batch]), None)[1]


def torch_training(name: str, steps: int) -> Run:
    import torch

    layout = getattr(torch, LAYOUTS[name])
    network = _torch_resnet(torch).to(memory_format=layout)
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=SETTINGS.learning_rate,
        momentum=0.9,
        nesterov=True,
        weight_decay=SETTINGS.weight_decay,
    )
    images = torch.from_numpy(IMAGES.transpose(0, 3, 1, 2).copy())
    labels = torch.from_numpy(LABELS.astype(np.int64))

    def run() -> None:
        for number in range(steps):
            rows = slice(number * SETTINGS.batch, (number + 1) * SETTINGS.batch)
            batch = (images[rows].float() / 255).to(memory_format=layout)
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(batch), labels[rows]).backward()
            optimizer.step()

    return run


def _torch_resnet(torch):  # type: ignore[no-untyped-def]
    """ResNet-8 of width 16, as `deepvid.models.resnet` builds it."""
    nn = torch.nn

    def conv_norm(inputs: int, outputs: int, kernel: int, stride: int = 1):  # type: ignore[no-untyped-def]
        conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(outputs))

    class Residual(nn.Module):
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.first = conv_norm(inputs, outputs, 3, stride)
            self.second = conv_norm(outputs, outputs, 3)
            self.shortcut = conv_norm(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

        def forward(self, x):  # type: ignore[no-untyped-def]
            return torch.relu(self.second(torch.relu(self.first(x))) + self.shortcut(x))

    blocks = [Residual(16, 16, 1), Residual(16, 32, 2), Residual(32, 64, 2)]
    stem = [conv_norm(1, 16, 3), nn.ReLU()]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


LAYOUTS = {"contiguous": "contiguous_format", "channels_last": "channels_last"}
RUNS: dict[str, Callable[[int], Run]] = {
    "ours": our_training,
    "labeling": our_labeling,
    **{f"PyTorch {name}": partial(torch_training, name) for name in LAYOUTS},
}

if __name__ == "__main__":
    options = arguments(__doc__)
    show(measure(5, 20) if options.quick else measure(7, 156), options)
