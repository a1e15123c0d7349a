"""Alarms of a finished training, for the terminal."""

from pathlib import Path

from deepvid.alarms import Alarm, TrainingFacts, alarms, stored_record
from deepvid.fields import TRAINING
from deepvid.store import open_run


def alarms_of(path: Path) -> list[Alarm]:
    """Those that the training of a run has rung; none of a classifier that came trained."""
    run = open_run(path)
    series, dataset = run.series("teacher"), run.stages.get("dataset")
    if series is None or dataset is None or "test_logits" not in series.arrays:
        return []
    samples = dataset.open("test")
    if "label" not in samples:
        return []
    epochs = series.open("test_logits", "sample")
    label = samples["label"].to_numpy()[epochs["sample"].to_numpy()]
    logits = (epochs["test_logits"][number].to_numpy() for number in range(series.epochs))
    record = run.series(TRAINING)
    known = record is not None and record.key == series.key
    steps = stored_record(record.open(), series.epochs) if record is not None and known else None
    return alarms(TrainingFacts.of(len(run.class_names), label, logits, series.metrics, steps))
