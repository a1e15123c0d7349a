"""Is the cause that is named of an error the one that made it?

    .venv/bin/python benchmarks/causes.py        half an hour; `--quick` about two minutes

Each world is a data set with planted faults (`cause_worlds.py`), and each data set has one without; twins
have worlds of their own. Of every cause: the precision and the recall of naming it first where its fault was
planted, the average precision of its score, and how often it is named in the world without faults, where
errors have causes of their own, too.
Doubts stand beside rankings by loss, by confidence and by cleanlab (`pip install cleanlab`; left out
without). Thresholds were chosen on seeds 0 to 2; reported are the others (`--seeds`).

Of the cause that is named first: how often it is the fault's, where an image with a fault has one named at
all; a kind that training lacks has no cause among them yet, so that whatever is named of it is wrong.
"""

import argparse
from collections.abc import Iterator
from functools import partial

import cause_worlds as worlds
import numpy as np
from cause_worlds import Fault, World
from records import Baseline, Record, higher_is_better, lower_is_better, show
from scipy.special import softmax
from sklearn.metrics import average_precision_score

from deepvid.causes import CAUSES, Evidence, diagnose
from deepvid.config import names
from deepvid.statistics import bootstrap_mean

PLANTED: dict[names.Cause, Fault] = {
    "label_doubt": Fault.LABEL,
    "one_place": Fault.PATCH,
    "picture_quality": Fault.QUALITY,
    "unlike_training": Fault.LEFT_OUT,
}
PLANTED_IN_TWINS: dict[names.Cause, Fault] = {"overlap": Fault.OVERLAP, "unlike_training": Fault.TURNED}
TARGETS = ("label_doubt", "one_place", "picture_quality")
LABEL_DOUBT = CAUSES["label_doubt"]
PRECISE, RECALLED, RIGHT, FALSE = 0.8, 0.5, 0.75, 0.05


def measured(options: argparse.Namespace) -> Iterator[Record]:
    seeds = options.seeds[:1] if options.quick else options.seeds
    made = partial(worlds.world, data=options.data, quick=options.quick)
    for source in options.sources:
        faulty, noisy, twins = (
            [made(source, seed, kind) for seed in seeds] for kind in ("faulty", "random labels", "twins")
        )
        for record in _of_source(faulty, noisy, twins, made(source, seeds[0], "clean")):
            yield record._replace(name=f"{source}: {record.name}")


def _of_source(faulty: list[World], noisy: list[World], twins: list[World], clean: World) -> Iterator[Record]:
    without = diagnose(clean.evidence)
    yield Record("accuracy without faults", clean.accuracy, "")
    for column, cause in enumerate(CAUSES.values()):
        share = float((without.first == column).mean())
        yield lower_is_better(f"{cause.title}: named without faults", share, "", Baseline("allowed", FALSE))
    yield from _of_worlds(faulty, PLANTED)
    yield from _of_worlds(twins, PLANTED_IN_TWINS)
    for what, of in (("swapped labels", faulty), ("random labels", noisy)):
        yield from _doubts(what, [(world.evidence, world.fault) for world in of])
        trained = [(world.of_training, world.fault_of_training) for world in of]
        yield from _doubts(f"{what} in training", trained)


def _of_worlds(made: list[World], planted: dict[names.Cause, Fault]) -> Iterator[Record]:
    found = [diagnose(world.evidence) for world in made]
    fault = np.concatenate([world.fault for world in made])
    strength = np.concatenate([one.strength for one in found])
    first = np.concatenate([one.first for one in found])
    for column, name in enumerate(CAUSES):
        if name in planted and (fault == planted[name]).any():
            of = fault == planted[name]
            yield Record(f"errors, {planted[name].name.lower().replace('_', ' ')}", float(of.sum()), "")
            yield from _of_cause(name, planted[name], strength[:, column], first == column, of)
    yield from _first(first, fault, planted)


def _of_cause(
    cause: names.Cause, fault: Fault, strength: np.ndarray, named: np.ndarray, planted: np.ndarray
) -> Iterator[Record]:
    name = f"{CAUSES[cause].title}, {fault.name.lower().replace('_', ' ')}"
    asked = (Baseline("asked", PRECISE), Baseline("asked", RECALLED)) if cause in TARGETS else (None, None)
    right = planted[named].astype(float)
    found = bootstrap_mean(right, seed=0) if len(right) else None
    precision = found.value if found else 0.0
    yield higher_is_better(f"{name}: precision", precision, "", asked[0], budget=1 if asked[0] else None)
    if found:
        yield Record(f"{name}: precision, at least", found.low, "")
        yield Record(f"{name}: precision, at most", found.high, "")
    recall = float(named[planted].mean())
    yield higher_is_better(f"{name}: recall", recall, "", asked[1], budget=1 if asked[1] else None)
    chance = Baseline("chance", float(planted.mean()))
    average = float(average_precision_score(planted, np.nan_to_num(strength)))
    yield higher_is_better(f"{name}: average precision", average, "", chance)


def _doubts(what: str, noisy: list[tuple[Evidence, np.ndarray]]) -> Iterator[Record]:
    """Average precision of label doubt among the errors, the mean over worlds, beside other rankings."""
    found: dict[str, list[float]] = {}
    for evidence, fault in noisy:
        planted = fault == Fault.LABEL
        for name, scores in _rankings(evidence).items():
            found.setdefault(name, []).append(float(average_precision_score(planted, scores)))
    means = {name: float(np.mean(values)) for name, values in found.items()}
    own = means.pop(LABEL_DOUBT.title)
    for name, mean in means.items():
        yield higher_is_better(f"{what}: average precision beside {name}", own, "", Baseline(name, mean))


def _rankings(evidence: Evidence) -> dict[str, np.ndarray]:
    split = evidence.training == evidence.training[evidence.errors[0]]
    likely, labels = softmax(evidence.logits[split].astype(float), axis=1), evidence.labels[split]
    rows = np.flatnonzero(np.isin(np.flatnonzero(split), evidence.errors))
    of_label = likely[np.arange(len(labels)), labels]
    found = {
        LABEL_DOUBT.title: LABEL_DOUBT.weigh(evidence).score,
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


def _first(first: np.ndarray, fault: np.ndarray, planted: dict[names.Cause, Fault]) -> Iterator[Record]:
    of = np.array([planted.get(name, -2) for name in CAUSES] + [-1])[first]
    faulty, named = np.isin(fault, list(planted.values())), first >= 0
    among = " and ".join(sorted({one.name.lower().replace("_", " ") for one in planted.values()}))
    right = float((of == fault)[faulty & named].mean())
    yield higher_is_better(f"named first is right, {among}", right, "", Baseline("asked", RIGHT), budget=1)
    yield Record(f"images of which a cause is named, {among}", float(named[faulty].mean()), "")
    plain = fault == Fault.NONE
    for column, cause in enumerate(CAUSES.values()):
        share = float((first == column)[plain].mean())
        yield Record(f"{cause.title}: named beside other faults, {among}", share, "")


if __name__ == "__main__":
    options = worlds.options(__doc__)
    show(measured(options), options)
