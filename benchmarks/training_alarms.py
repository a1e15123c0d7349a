"""How often do alarms ring on healthy trainings, and on which planted faults?

    .venv/bin/python benchmarks/training_alarms.py [--healthy 150] [--faulty 6]

Healthy ones: small networks on three data sets with five optimizers, dropout, smoothed labels, other batches
and schedules, classes at 20:1, two classes, few images, 24 epochs; another seed each. MNIST and CIFAR-10 are
read from DEEPVID_DATA, and left out without. A fault is planted in the same networks. A run counts as one,
however many of its epochs are looked at; every rule is judged with its thresholds of the product.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import count, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from records import Record, arguments, show

from deepvid import config, datasets
from deepvid.alarms import RULES, Answers, TrainingFacts, alarms, layer_record
from deepvid.errors import DivergedError, UserError
from deepvid.statistics import wilson
from deepvid.training import train_teacher

SIDE = 14  # pixels, pooled
TRAIN, TEST = 2_000, 1_000
POOL = 4  # times as many images that a training draws its own from
EPOCHS, LONG = 8, 24


class Data(NamedTuple):
    """Images uint8 (sample, y, x, channel), labels (sample,), the held-out ones, and how many classes."""

    images: np.ndarray
    labels: np.ndarray
    test: np.ndarray
    classes: int


class Setting(NamedTuple):
    """How a training differs from the usual one."""

    name: str
    teacher: Mapping[str, Any] = MappingProxyType({})
    change: Callable[[Data, np.random.Generator], Data] | None = None


@cache
def pooled(source: str, folder: Path | None) -> Data | None:
    """A data set in small pictures; None where it is not here."""
    section = config.Dataset(source=source, train=POOL * TRAIN, test=POOL * TEST)  # type: ignore[arg-type]
    try:
        data = datasets.load(section, data=folder, seed=0)
    except UserError:
        return None
    images = data.images.astype(np.float32)
    height, width = (side // SIDE * SIDE for side in images.shape[1:3])
    blocks = images[:, :height, :width].reshape(len(images), SIDE, height // SIDE, SIDE, width // SIDE, -1)
    return Data(blocks.mean(axis=(2, 4)).astype(np.uint8), data.labels, data.test, len(data.class_names))


def drawn(data: Data, seed: int) -> Data:
    """Other images a seed."""
    generator = np.random.default_rng(seed)
    kinds = (np.flatnonzero(~data.test), TRAIN), (np.flatnonzero(data.test), TEST)
    return rows_of(
        data, np.concatenate([generator.choice(rows, size, replace=False) for rows, size in kinds])
    )


def rows_of(data: Data, chosen: np.ndarray) -> Data:
    return Data(data.images[chosen], data.labels[chosen], data.test[chosen], data.classes)


def unbalanced(data: Data, generator: np.random.Generator) -> Data:
    """Classes at 20:1 in both halves."""
    share = np.linspace(1, 1 / 20, data.classes)[data.labels]
    return rows_of(data, generator.random(len(share)) < share)


def two_classes(data: Data, generator: np.random.Generator) -> Data:
    pair = generator.choice(data.classes, 2, replace=False)
    found = rows_of(data, np.isin(data.labels, pair))
    return found._replace(labels=(found.labels == pair[1]).astype(np.int32), classes=2)


def few(data: Data, generator: np.random.Generator) -> Data:
    """500 training images."""
    training = generator.permutation(np.flatnonzero(~data.test))
    return rows_of(data, np.sort(np.append(training[:500], np.flatnonzero(data.test))))


def relabeled(share: float, *, test: bool = False) -> Callable[[Data, np.random.Generator], Data]:
    """A share of the training labels, or of the test labels, is drawn anew."""

    def change(data: Data, generator: np.random.Generator) -> Data:
        labels = data.labels.copy()
        hit = (data.test == test) & (generator.random(len(labels)) < share)
        labels[hit] = generator.integers(0, data.classes, int(hit.sum()))
        return data._replace(labels=labels)

    return change


def one_class(data: Data, generator: np.random.Generator) -> Data:
    """Nine in ten training images have the label 0, whatever they show."""
    labels = data.labels.copy()
    labels[~data.test & (generator.random(len(labels)) < 0.9)] = 0
    return data._replace(labels=labels)


def patched(data: Data, generator: np.random.Generator, *, test: bool = False) -> Data:
    """A pixel tells the class of the training images, and of the test images if they have it, too."""
    images = data.images.copy()
    of = np.ones(len(images), bool) if test else ~data.test
    images[of, 0, data.labels[of]] = 255
    return data._replace(images=images)


def swapped(data: Data, generator: np.random.Generator) -> Data:
    """Training images of two classes have each other's label."""
    labels = data.labels.copy()
    a, b = generator.choice(data.classes, 2, replace=False)
    labels[~data.test & (data.labels == a)], labels[~data.test & (data.labels == b)] = b, a
    return data._replace(labels=labels)


def inverted(data: Data, generator: np.random.Generator) -> Data:
    """Test images are negatives."""
    return data._replace(images=np.where(data.test[:, None, None, None], 255 - data.images, data.images))


def blackened(data: Data, generator: np.random.Generator) -> Data:
    """Two in five training images are black."""
    black = ~data.test & (generator.random(len(data.test)) < 0.4)
    return data._replace(images=np.where(black[:, None, None, None], 0, data.images).astype(np.uint8))


def repeated(data: Data, generator: np.random.Generator) -> Data:
    """200 training images stand for all."""
    training = np.flatnonzero(~data.test)
    again = generator.choice(training[:200], len(training))
    return rows_of(data, np.append(again, np.flatnonzero(data.test)))


def leaked(data: Data, generator: np.random.Generator) -> Data:
    """A half of the test images are training images, too."""
    tested = np.flatnonzero(data.test)[: TEST // 2]
    found = rows_of(data, np.append(np.arange(len(data.test)), tested))
    test = found.test.copy()
    test[len(data.test) :] = False
    return found._replace(test=test)


MLP = {"network": {"kind": "mlp", "hidden": [64, 32]}, "epochs": EPOCHS}
HEALTHY = (
    Setting("AdamW"),
    Setting("Adam", {"optimizer": "adam", "learning_rate": 2e-3, "weight_decay": 0.0}),
    Setting("SGD", {"optimizer": "sgd", "learning_rate": 0.05, "weight_decay": 0.0}),
    Setting("Nesterov", {"optimizer": "nesterov", "learning_rate": 0.02, "weight_decay": 1e-4}),
    Setting("RMSprop", {"optimizer": "rmsprop", "learning_rate": 1e-3, "weight_decay": 0.0}),
    Setting("dropout", {"dropout": 0.3}),
    Setting("smoothed labels", {"label_smoothing": 0.1}),
    Setting("constant rate", {"schedule": "constant", "learning_rate": 1e-3}),
    Setting("cosine", {"schedule": "cosine", "batch": 32}),
    Setting("20:1", {}, unbalanced),
    Setting("two classes", {}, two_classes),
    Setting("500 images", {}, few),
    Setting("24 epochs", {"epochs": LONG}),
    Setting("ResNet-8", {"network": {"kind": "resnet", "depth": 8, "width": 8}}),
    Setting("24 epochs, SGD", {"epochs": LONG, "optimizer": "sgd", "learning_rate": 0.05}),
)
FAULTS = (
    Setting("rate x 100", {"learning_rate": 0.5}),
    Setting("rate x 300", {"learning_rate": 1.5}),
    Setting("rate / 1,000", {"learning_rate": 5e-6}),
    Setting("random labels", {}, relabeled(1.0)),
    Setting("labels 40 % random", {}, relabeled(0.4)),
    Setting("labels 20 % random", {}, relabeled(0.2)),
    Setting(
        "labels 40 % random in both",
        {},
        lambda data, generator: relabeled(0.4, test=True)(relabeled(0.4)(data, generator), generator),
    ),
    Setting("two classes swapped", {}, swapped),
    Setting("test labels random", {}, relabeled(1.0, test=True)),
    Setting("one class", {}, one_class),
    Setting("patch in training", {}, patched),
    Setting("patch in both", {}, lambda data, generator: patched(data, generator, test=True)),
    Setting("200 images repeated", {}, repeated),
    Setting("test images leaked", {}, leaked),
    Setting("test images inverted", {}, inverted),
    Setting("training images black", {}, blackened),
    Setting("first layer frozen", {"changes": [{"after": 1, "action": "freeze", "layer": "hidden1"}]}),
    Setting("middle layer frozen", {"changes": [{"after": 1, "action": "freeze", "layer": "hidden2"}]}),
    Setting("stuck from half", {"changes": [{"after": EPOCHS // 2, "action": "rate", "factor": 1e-3}]}),
    Setting(
        "layer dies",
        {"changes": [{"after": 2, "action": "delete", "layer": "hidden2", "units": list(range(31))}]},
    ),
)


def trained(data: Data, setting: Setting, seed: int) -> TrainingFacts | None:
    """The facts of a whole training; None where it diverged, which ends it with an error."""
    generator = np.random.default_rng(seed)
    data = data if setting.change is None else setting.change(data, generator)
    section = config.Teacher.model_validate({**MLP, **setting.teacher})
    names = tuple(map(str, range(data.classes)))
    try:
        snapshots = list(train_teacher(section, data.images, data.labels, data.test, names, seed=seed))
    except DivergedError:
        return None
    made, *_ = records = [each.record for each in snapshots]
    ticks = (np.concatenate([one.ticks.numbers, one.ticks.unit_active], axis=1) for one in records)
    judged = data.labels[made.judged]
    return TrainingFacts(
        data.classes,
        Answers.of(data.labels[data.test], (each.test_logits for each in snapshots)),
        np.array([each.metrics["train_loss"] for each in snapshots]),
        layer_record(
            made.kernels,
            made.ticks.layers,
            made.ticks.units,
            zip((one.numbers for one in records), ticks, strict=True),
        ),
        Answers.of(judged, (one.judged_logits for one in records)),
    )


def draws(folder: Path | None, begin: int) -> Iterator[tuple[str, Data, int]]:
    """(name, data, seed), one data set after the other, without end."""
    sources = ("fashion_mnist_small", "mnist", "cifar10")
    for seed in count(begin):
        for source in sources:
            data = pooled(source, folder)
            if data is not None:
                yield source, drawn(data, seed), seed


def measured(options: argparse.Namespace) -> Iterator[Record]:
    """The share of healthy trainings on which each rule rings, then what it finds."""
    healthy, faulty = (14, 1) if options.quick else (options.healthy, options.faulty)
    rung: dict[str, list[str]] = {name: [] for name in RULES}
    largest = dict.fromkeys(RULES, -np.inf)
    total = 0
    for number, (source, data, seed) in enumerate(islice(draws(options.data, options.seed), healthy)):
        setting = HEALTHY[number % len(HEALTHY)]
        facts = trained(data, setting, seed)
        ringing = [] if facts is None else alarms(facts)
        for name, rule in RULES.items() if facts is not None else ():
            largest[name] = max(largest[name], np.nanmax(np.append(rule.values(facts), -np.inf)))
        total += bool(ringing) or facts is None
        for alarm in ringing:
            rung[alarm.rule].append(f"{setting.name} on {source}")
    for name, on in rung.items():
        yield _rate(f"healthy: {name}, at most {largest[name]:.2f}", len(on), healthy, on)
    yield _rate("healthy: any alarm", total, healthy, [])
    for setting in FAULTS:
        names = []
        for _, data, seed in islice(draws(options.data, options.seed), faulty):
            facts = trained(data, setting, seed)
            names.append({"diverged"} if facts is None else {alarm.rule for alarm in alarms(facts)})
        by = [f"{name} {sum(name in one for one in names)}" for name in ("diverged", *RULES)]
        found = sum(map(bool, names))
        yield _rate(f"fault: {setting.name}", found, faulty, [one for one in by if not one.endswith(" 0")])


def _rate(name: str, rung: int, runs: int, on: list[str]) -> Record:
    _, low, high = wilson(rung, runs)
    told = f" ({', '.join(on)})" if on else ""
    return Record(
        f"{name}: {rung} of {runs} [{100 * low:.1f}, {100 * high:.1f}]{told}", 100 * rung / runs, "%"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--healthy", type=int, default=150, help="healthy trainings (14 with --quick)")
    parser.add_argument("--faulty", type=int, default=6, help="trainings of each fault (1 with --quick)")
    parser.add_argument("--seed", type=int, default=1000, help="the first; thresholds were chosen with 0")
    parser.add_argument("--data", type=Path, help="folder of data sets")
    options = arguments(__doc__, parser)
    show(measured(options), options)
