"""Is the cause that is named of an error the one that made it?

    .venv/bin/python benchmarks/causes.py        half an hour; `--quick` about two minutes

Each world is a data set with planted faults (`cause_worlds.py`), and each data set has one without. Of every
cause: the precision and the recall of naming it first where its fault was planted, the average precision of
its score, and how often it is named in the world without faults, where errors have causes of their own, too.
Doubts stand beside rankings by loss, by confidence and by cleanlab (`pip install cleanlab`; left out
without). Thresholds were chosen on seeds 0 to 2; reported are the others (`--seeds`).

Of the cause that is named first: how often it is the fault's, where an image with a fault has one named at
all; a kind that training lacks has no cause among them yet, so that whatever is named of it is wrong.
"""

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import cause_worlds as worlds
import numpy as np
from cause_worlds import Fault, World
from records import Baseline, Record, arguments, higher_is_better, lower_is_better, show
from scipy.special import softmax
from sklearn.metrics import average_precision_score

from deepvid.causes import CAUSES, diagnose
from deepvid.causes.label_doubt import LABEL_DOUBT
from deepvid.config import names
from deepvid.statistics import bootstrap_mean

PLANTED = {"label doubt": Fault.LABEL, "one place decides": Fault.PATCH, "picture quality": Fault.QUALITY}
SOURCES: tuple[names.Source, ...] = ("fashion_mnist", "mnist")
PRECISE, RECALLED, RIGHT, FALSE = 0.8, 0.5, 0.75, 0.05


def measured(options: argparse.Namespace) -> Iterator[Record]:
    seeds = options.seeds[:1] if options.quick else options.seeds
    made = partial(worlds.world, data=options.data, quick=options.quick)
    for source in options.sources:
        faulty = [made(source, seed, "faulty") for seed in seeds]
        noisy = [made(source, seed, "random labels") for seed in seeds]
        for record in _of_source(faulty, noisy, made(source, seeds[0], "clean")):
            yield record._replace(name=f"{source}: {record.name}")


def _of_source(faulty: list[World], noisy: list[World], clean: World) -> Iterator[Record]:
    found, without = [diagnose(world.evidence) for world in faulty], diagnose(clean.evidence)
    fault = np.concatenate([world.fault for world in faulty])
    yield Record("accuracy without faults", clean.accuracy, "")
    for of in Fault:
        yield Record(f"errors, {of.name.lower().replace('_', ' ')}", float((fault == of).sum()), "")
    strength = np.concatenate([one.strength for one in found])
    first = np.concatenate([one.first for one in found])
    for column, (name, of) in enumerate(PLANTED.items()):
        yield from _of_cause(name, strength[:, column], first == column, fault == of)
        yield lower_is_better(
            f"{name}: named without faults",
            float((without.first == column).mean()),
            "",
            Baseline("allowed", FALSE),
        )
    yield from _doubts("swapped labels", faulty)
    yield from _doubts("random labels", noisy)
    yield from _first(first, fault)


def _of_cause(name: str, strength: np.ndarray, named: np.ndarray, planted: np.ndarray) -> Iterator[Record]:
    right = planted[named].astype(float)
    found = bootstrap_mean(right, seed=0) if len(right) else None
    precision = found.value if found else 0.0
    yield higher_is_better(f"{name}: precision", precision, "", Baseline("asked", PRECISE), budget=1)
    if found:
        yield Record(f"{name}: precision, at least", found.low, "")
        yield Record(f"{name}: precision, at most", found.high, "")
    recall = float(named[planted].mean())
    yield higher_is_better(f"{name}: recall", recall, "", Baseline("asked", RECALLED), budget=1)
    chance = Baseline("chance", float(planted.mean()))
    average = float(average_precision_score(planted, strength))
    yield higher_is_better(f"{name}: average precision", average, "", chance)


def _doubts(what: str, noisy: list[World]) -> Iterator[Record]:
    """Average precision of label doubt among the errors, the mean over worlds, beside other rankings."""
    found: dict[str, list[float]] = {}
    for world in noisy:
        planted = world.fault == Fault.LABEL
        for name, scores in _rankings(world).items():
            found.setdefault(name, []).append(float(average_precision_score(planted, scores)))
    means = {name: float(np.mean(values)) for name, values in found.items()}
    own = means.pop(LABEL_DOUBT.name)
    for name, mean in means.items():
        yield higher_is_better(f"{what}: average precision beside {name}", own, "", Baseline(name, mean))


def _rankings(world: World) -> dict[str, np.ndarray]:
    evidence = world.evidence
    test = ~evidence.training
    likely, labels = softmax(evidence.logits[test].astype(float), axis=1), evidence.labels[test]
    rows = np.flatnonzero(np.isin(np.flatnonzero(test), evidence.errors))
    of_label = likely[np.arange(len(labels)), labels]
    found = {
        LABEL_DOUBT.name: LABEL_DOUBT.score(evidence),
        "loss": -np.log(of_label[rows]),
        "confidence": likely.max(axis=1)[rows],
    }
    try:
        from cleanlab.rank import get_label_quality_scores
    except ImportError:
        return found
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        adjusted = method != "confidence_weighted_entropy"  # which it has no adjustment for
        quality = get_label_quality_scores(labels, likely, method=method, adjust_pred_probs=adjusted)
        found[f"cleanlab, {method.replace('_', ' ')}"] = -quality[rows]
    return found


def _first(first: np.ndarray, fault: np.ndarray) -> Iterator[Record]:
    of = np.array([*PLANTED.values(), Fault.NONE])[first]
    faulty, named = fault != Fault.NONE, first >= 0
    right = float((of == fault)[faulty & named].mean())
    yield higher_is_better("named first is right", right, "", Baseline("asked", RIGHT), budget=1)
    yield Record("images with a fault of which a cause is named", float(named[faulty].mean()), "")
    yield Record("other errors of which a cause is named", float(named[~faulty].mean()), "")


if __name__ == "__main__":
    assert tuple(PLANTED) == tuple(CAUSES)
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", nargs="+", default=SOURCES, help="data sets (fashion_mnist mnist)")
    parser.add_argument("--seeds", nargs="+", type=int, default=(3, 4, 5), help="of worlds (3 4 5)")
    parser.add_argument("--data", type=Path, help="folder of data sets")
    options = arguments(__doc__, parser)
    show(measured(options), options)
