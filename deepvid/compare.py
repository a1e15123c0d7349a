"""Two runs side by side: settings that differ, metrics, and whether one teacher errs less often."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from deepvid.statistics import McNemar, mcnemar_test
from deepvid.store import Commit, Run

BLOCK = 1000  # images compared at a time


class Row(NamedTuple):
    """One setting or metric; None where a run has none."""

    name: str
    first: Any
    second: Any


class Agreement(NamedTuple):
    """Test images by which of two teachers is right: samples of the first run, int64 (image,) each."""

    both_right: np.ndarray
    only_first: np.ndarray
    only_second: np.ndarray
    both_wrong: np.ndarray


class Comparison(NamedTuple):
    """`mcnemar` and `agreement` are None where the teachers cannot be compared; `why_not` says why."""

    first: str
    second: str
    config: tuple[Row, ...]  # that differ; names are paths such as teacher.network.depth
    metrics: tuple[Row, ...]  # of both runs, named stage: metric
    mcnemar: McNemar | None
    why_not: str
    agreement: Agreement | None = None


def compare_runs(first: Run, second: Run) -> Comparison:
    """Compares what is committed. Raises DamagedError or NewerFormatError for groups that cannot be read."""
    settings = _rows(dict(_flat(first.config)), dict(_flat(second.config)))
    metrics = _rows(_metrics(first), _metrics(second))
    outcome = _teachers(first, second)
    return Comparison(
        first.id,
        second.id,
        tuple(row for row in settings if row.first != row.second),
        tuple(metrics),
        *((None, outcome, None) if isinstance(outcome, str) else (outcome[0], "", outcome[1])),
    )


def _teachers(first: Run, second: Run) -> tuple[McNemar, Agreement] | str:
    for run in (first, second):
        for name in ("dataset", "teacher"):
            if name not in run.stages:
                return f"{run.id} has no stage {name}"
    if why_not := other_images(first, second):
        return why_not
    if "label" not in first.stages["dataset"].open():
        return "their images have no labels, so that nothing says which teacher is right"
    (samples, a), (_, b) = _right(first), _right(second)
    return mcnemar_test(a, b), agreement(samples, a, b)


def agreement(samples: np.ndarray, first: np.ndarray, second: np.ndarray) -> Agreement:
    """Samples int (image,) by whether two classifiers are right, bool (image,) each."""
    return Agreement(
        *(samples[part] for part in (first & second, first & ~second, ~first & second, ~first & ~second))
    )


def _right(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Test samples int64 (image,), and whether the teacher gives the true class, bool (image,)."""
    dataset = run.stages["dataset"].open("test", "label")
    test, label = dataset["test"].to_numpy(), dataset["label"].to_numpy()
    predicted = run.stages["teacher"].open("logits")["logits"].to_numpy().argmax(axis=1)
    return np.flatnonzero(test), np.asarray((predicted == label)[test])


def other_images(first: Run, second: Run) -> str:
    """Why the test images of two runs are not the same; empty where they are."""
    if _digest(first) == _digest(second):
        return ""
    a, b = (run.stages["dataset"].open("test") for run in (first, second))
    rows = [np.flatnonzero(dataset["test"].to_numpy()) for dataset in (a, b)]
    if len(rows[0]) != len(rows[1]):
        return f"they have {len(rows[0]):,} and {len(rows[1]):,} test images"
    if a.attrs.get("class_names") != b.attrs.get("class_names"):
        return "they have other classes"
    unlabeled = [run.id for run, dataset in ((first, a), (second, b)) if "label" not in dataset]
    if len(unlabeled) == 1:
        return f"the images of {unlabeled[0]} have no labels"
    if not unlabeled and not np.array_equal(a["label"].to_numpy()[rows[0]], b["label"].to_numpy()[rows[1]]):
        return "their test images have other labels"
    for run, dataset in ((first, a), (second, b)):
        if "image" not in dataset:
            return f"{run.id} was archived without images, so that nothing says they are the same"
    return "" if _equal_images(a["image"], b["image"], *rows) else "they have other test images"


def _equal_images(a: xr.DataArray, b: xr.DataArray, rows_a: np.ndarray, rows_b: np.ndarray) -> bool:
    if a.shape[1:] != b.shape[1:]:
        return False
    blocks = (slice(begin, begin + BLOCK) for begin in range(0, len(rows_a), BLOCK))
    return all(
        np.array_equal(a.isel(sample=rows_a[block]).to_numpy(), b.isel(sample=rows_b[block]).to_numpy())
        for block in blocks
    )


def _digest(run: Run) -> str:
    """Of the data set as it was before an archive left its images out."""
    commit: Commit = [line for line in run.commits if line.kind == "stage" and line.name == "dataset"][-1]
    return str(commit.details.get("whole", {}).get("digest", commit.digest))


def _metrics(run: Run) -> dict[str, Any]:
    metrics = {
        f"{name}: {metric}": value
        for name, stage in run.stages.items()
        if "/" not in name
        for metric, value in stage.metrics.items()
    }
    if batches := run.batches("students"):
        metrics["students: fitted"] = sum(batch.metrics.get("students", 0) for batch in batches)
    return metrics


def _rows(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Row]:
    names = dict.fromkeys((*first, *second))
    return [Row(name, first.get(name), second.get(name)) for name in names]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves by their paths: `projections.0.method`."""
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    for name, inner in items:
        inside = f"{path}.{name}" if path else str(name)
        if isinstance(inner, Mapping | list | tuple) and inner:
            yield from _flat(inner, inside)
        else:
            yield inside, inner
