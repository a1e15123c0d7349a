"""The stage that names why each misclassified image is wrong."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from deepvid import config, fields
from deepvid.attribution import bare_case, drops_by_place
from deepvid.attribution.place_drops import PlaceDrops
from deepvid.causes import CAUSES, FACTS, UNKNOWN, Copies, Evidence, diagnose
from deepvid.config import Experiment
from deepvid.fitted import fitted
from deepvid.neighbors import nearest
from deepvid.pipeline.looked_into import to_float16
from deepvid.pipeline.stage import Family, GroupStage, Result, StageContext, labels_of
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Progress
from deepvid.store import Run, dataset_of

CHECK = config.DataCheck.stage
MOST_KNOWN = 20_000  # training images that stand for the others
VERSION = 2  # see `Stage`
TOGETHER = 64  # errors between two reports
NO_LABELS = "Causes of errors are told of images with labels, and these have none"
NO_TEACHER = "Label doubt and single places ask the classifier itself, of which there are answers alone"


def causes_stage(section: config.Causes, *, seed: int, checked: bool) -> GroupStage:
    """Of a run whose data was `checked`, copies are a cause, too."""
    needs = ("dataset", *([CHECK] if checked else []), "teacher")

    def work(context: StageContext) -> Result:
        dataset = context.open("dataset", "image", "test", "class_names")
        label, test = labels_of(dataset), dataset["test"].to_numpy()
        if label is None:
            return _of_none([NO_LABELS])
        group = context.open("teacher", "logits", "features").load()
        logits, features = group["logits"].to_numpy(), group["features"].to_numpy()
        answered = ~np.isnan(logits).any(axis=1) & ~np.isnan(features).any(
            axis=1
        )  # a logged one is not always
        wrong = answered & (logits.argmax(axis=1) != label)
        parts = [np.flatnonzero(wrong & of) for of in (test, ~test)]
        if not wrong.any():
            return _of_none([])
        known = _some(np.flatnonzero(fitted(test) & answered), seed)
        lacks = [] if has_teacher(context.run) else [NO_TEACHER]
        places, limit = PlaceDrops(), 0 if lacks else section.limit
        grid = places.grid(dataset["image"].shape[1:])
        check = context.open(CHECK).load() if checked else None

        def evidence(errors: np.ndarray, progress: Progress) -> Evidence:
            samples = np.union1d(known, errors)
            lost = np.full((len(errors), grid[0] * grid[1]), np.nan, np.float32)
            if len(asked := _most_confident(logits, label, errors, limit)):
                some = errors[asked]
                classes = np.stack([logits[some].argmax(axis=1), label[some]], axis=1)
                neighbors = _nearest_of_label(label, known, some, features)
                asking = _Questions(context.trained, some, classes, neighbors, seed)
                lost[asked] = _drops(asking, places, progress)
            return Evidence(
                dataset["image"].isel(sample=samples).to_numpy(),
                label[samples],
                np.isin(samples, known) & ~test[samples],
                logits[samples],
                features[samples],
                np.searchsorted(samples, errors),
                lost,
                None if check is None else _copies(check, label, errors),
            )

        # each by itself: what is usual of errors on images that were fitted is another thing
        split = [(at / 2, at / 2 + 0.5, errors) for at, errors in enumerate(parts) if len(errors)]
        evidences = [evidence(errors, context.progress.part(begin, end, 1)) for begin, end, errors in split]
        found = [diagnose(one) for one in evidences]
        titles = [cause.title for cause in CAUSES.values()] + [UNKNOWN]
        firsts = np.concatenate([one.first for one in found])[: len(parts[0])]
        counts = Counter(titles[one] for one in firsts)
        arrays: dict[str, np.ndarray] = {
            "sample": np.concatenate(parts),
            "strength": np.concatenate([one.strength for one in found]),
            "fact": np.concatenate([one.facts for one in found]),
            "lost": np.concatenate([one.lost for one in evidences]),
        }
        asked = sum(int(one.has_drops.sum()) for one in evidences)
        told = {"asked": asked, "grid": list(grid), "lacks": lacks}
        return Result(_group(arrays, told), {name: counts[name] for name in titles if counts[name]})

    return GroupStage(name=section.stage, needs=needs, section=section, seed=seed, version=VERSION, work=work)


def has_teacher(run: Run) -> bool:
    """Whether the classifier itself can be asked, and not its answers alone."""
    return not run.logged and run.teacher_source != "predictions"


def _group(arrays: dict[str, np.ndarray], told: dict[str, Any]) -> xr.Dataset:
    narrow = {name: to_float16(arrays[name]) for name in ("strength", "fact", "lost")}
    return dataset_of(fields.CAUSES, arrays | narrow, {"causes": list(CAUSES), **told})


def _of_none(lacks: list[str]) -> Result:
    empty: dict[str, np.ndarray] = {
        "sample": np.zeros(0, np.int32),
        "strength": np.zeros((0, len(CAUSES))),
        "fact": np.zeros((0, len(CAUSES), FACTS)),
        "lost": np.zeros((0, 0)),
    }
    return Result(_group(empty, {"asked": 0, "grid": [0, 0], "lacks": lacks}), {})


def _some(samples: np.ndarray, seed: int) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).permutation(samples)[:MOST_KNOWN])


def _most_confident(logits: np.ndarray, label: np.ndarray, errors: np.ndarray, most: int) -> np.ndarray:
    """Of the errors, in rising order."""
    margin = logits[errors].max(axis=1) - logits[errors, label[errors]]
    return np.sort(np.argsort(-margin, kind="stable")[:most])


def _nearest_of_label(
    label: np.ndarray, known: np.ndarray, errors: np.ndarray, features: np.ndarray
) -> np.ndarray:
    """To each error the nearest other image with its label, by features; -1: there is none."""
    found, place = np.full(len(errors), -1), np.full(len(label), -1)
    for one in np.unique(label[errors]):
        rows = np.flatnonzero(label[errors] == one)
        among = known[label[known] == one]
        place[among] = np.arange(len(among))
        if len(among) > 1:
            own = place[errors[rows]]
            found[rows] = among[nearest(features[among], features[errors[rows]], 1, own=own)[:, 0]]
    return found


class _Questions(NamedTuple):
    """Errors whose places a teacher is asked about."""

    opened: TrainedRun
    errors: np.ndarray
    classes: np.ndarray  # int (error, 2): predicted and true
    neighbors: np.ndarray  # samples, -1: there is none
    seed: int


def _drops(asking: _Questions, places: PlaceDrops, progress: Progress) -> np.ndarray:
    """Float32 (error, place). What is asked at once has one size, so that it is compiled once."""
    opened, errors, classes, neighbors, seed = asking
    key, size, found = jax.random.key(seed), min(TOGETHER, len(errors)), []
    for begin in range(0, len(errors), size):
        progress.update(begin, len(errors), "places of errors")
        rows = np.arange(begin, begin + size) % len(errors)
        cases = bare_case(
            jnp.asarray(_unit(opened, errors[rows])),
            jnp.asarray(classes[rows]),
            jnp.stack([jax.random.fold_in(key, sample) for sample in errors[rows].tolist()]),
            jnp.tile(jnp.asarray(opened.mean_color), (size, 1)),
        )
        of_label = _unit(opened, np.maximum(neighbors[rows], 0))
        of_label[neighbors[rows] < 0] = np.nan
        cases = cases._replace(neighbor=jnp.asarray(of_label))
        found.append(np.asarray(drops_by_place(opened.teacher, cases, places)))
    return np.concatenate(found)[: len(errors)]


def _unit(opened: TrainedRun, samples: np.ndarray) -> np.ndarray:
    return opened.images(samples.tolist()).astype(np.float32) / 255


def _copies(check: xr.Dataset, label: np.ndarray, errors: np.ndarray) -> Copies:
    """Labels of what shows the same as each error, or else nearly the same."""
    other, distance = np.full(len(errors), -1), np.full(len(errors), np.nan)
    copy, near = check["copy_of"].to_numpy(), check["nearest"].to_numpy()
    for row in np.flatnonzero(check["two_labels"].to_numpy()[errors]):
        sample = int(errors[row])
        first = min(sample, int(copy[sample]))
        same = np.flatnonzero((copy == first) | (np.arange(len(copy)) == first))
        differing = same[label[same] != label[sample]]
        if len(differing):
            other[row], distance[row] = label[differing[0]], 0
    rows = np.flatnonzero((other < 0) & (near[errors] >= 0))
    other[rows] = label[near[errors[rows]]]
    distance[rows] = check["nearness"].to_numpy()[errors[rows]]
    return Copies(other, distance)


def _stages(experiment: Experiment) -> Iterator[GroupStage]:
    if experiment.causes is not None:
        checked = experiment.data_check is not None
        yield causes_stage(experiment.causes, seed=experiment.seed, checked=checked)


CAUSES_OF_ERRORS = Family(config.Causes, _stages, fields.CAUSES)
