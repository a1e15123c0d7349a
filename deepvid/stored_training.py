"""A training as a run has stored it, for the rules of alarms: what it answered after each epoch."""

import math
from typing import NamedTuple

import numpy as np

from deepvid.alarms import Alarm, Answers, LayerRecord, TrainingFacts, alarms, epoch_answers, stored_record
from deepvid.caching import newest_per_owner, once_per_owner
from deepvid.fields import TRAINING
from deepvid.step_numbers import JUDGED
from deepvid.store import Run, Series

SERIES = "teacher"


class AnsweredSamples(NamedTuple):
    """Images that every epoch answers for."""

    samples: np.ndarray  # int32 (sample,)
    label: np.ndarray | None  # int32 (sample,); None where nobody labeled them


class EpochAnswers(NamedTuple):
    """Answers to these images after one epoch; the last two are of no image where nobody labeled them."""

    predicted: np.ndarray  # uint16, or int32 of very many classes, (sample,)
    loss: np.ndarray  # float16 (sample,): cross-entropy in nats
    contradicted: np.ndarray  # bool (sample,): as in `deepvid.alarms.Answers`

    @property
    def error(self) -> float:
        """Standard error of the mean loss; nan without labels."""
        count = len(self.loss)
        return float(self.loss.std(dtype=np.float64)) / math.sqrt(count) if count else math.nan


def trained_series(run: Run) -> Series | None:
    """The teacher's epochs; None before the first, and of a classifier that came trained."""
    series = run.series(SERIES)
    return series if series is not None and series.epochs else None


def stores_answers(run: Run, key: str) -> bool:
    """Whether the epochs of the series with this key have answers for the test images."""
    series = run.series(SERIES)
    return series is not None and series.key == key and "test_logits" in series.arrays


@once_per_owner
def answered_samples(run: Run, key: str) -> AnsweredSamples:
    """The test images of the series with this key."""
    series = run.series(SERIES)
    assert series is not None
    samples = series.open("test_logits", "sample")["sample"].to_numpy()
    return AnsweredSamples(samples, _labels(run, samples))


@once_per_owner
def held_out_answers(run: Run, key: str, epoch: int) -> EpochAnswers:
    """Those to the `answered_samples` after an epoch from 0."""
    series = run.series(SERIES)
    assert series is not None
    logits = series.open("test_logits")["test_logits"][epoch].to_numpy()
    return _answers(logits, answered_samples(run, key).label)


@once_per_owner
def judged_samples(run: Run, key: str) -> AnsweredSamples | None:
    """Training images whose answers every epoch has, in evaluation mode; None where there are none.

    They are those of the record, or at most `JUDGED` of those that a logged training answers for.
    """
    record, series = run.series(TRAINING), run.series(SERIES)
    if record is not None and record.key == key and "judged_logits" in record.arrays:
        samples = record.open("judged_logits", "judged_sample")["judged_sample"].to_numpy()
    elif series is not None and "training_logits" in series.arrays and "labeled" not in series.arrays:
        logits = series.open("training_logits")["training_logits"][0].to_numpy()
        used = np.flatnonzero(~np.isnan(logits).any(axis=1))
        samples = used[np.linspace(0, len(used) - 1, min(JUDGED, len(used))).astype(int)]
    else:
        return None
    return AnsweredSamples(samples, _labels(run, samples))


@once_per_owner
def judged_answers(run: Run, key: str, epoch: int) -> EpochAnswers:
    """Those to the `judged_samples` after an epoch from 0; nan of an epoch that has none."""
    judged, record = judged_samples(run, key), run.series(TRAINING)
    assert judged is not None
    if record is not None and record.key == key and "judged_logits" in record.arrays:
        logits = record.open("judged_logits")["judged_logits"][epoch].to_numpy()
    else:
        series = run.series(SERIES)
        assert series is not None
        logits = series.open("training_logits")["training_logits"][epoch].to_numpy()[judged.samples]
    return _answers(logits, judged.label)


def training_alarms(run: Run) -> list[Alarm] | None:
    """Those that the training has rung until now; None where nothing of its answers can be judged."""
    series = trained_series(run)
    if series is None or not stores_answers(run, series.key):
        return None
    label = answered_samples(run, series.key).label
    return None if label is None or not len(label) else _alarms(run, series.key, series.epochs)


def alarm_summary(run: Run) -> dict[str, dict[str, int]]:
    """Part of a run's summary: `alarms`, of each rule that rang the first epoch, from 1; nothing of none."""
    rung = {alarm.rule: alarm.epoch for alarm in training_alarms(run) or ()}
    return {"alarms": rung} if rung else {}


@newest_per_owner
def _alarms(run: Run, key: str, epochs: int) -> list[Alarm]:
    series = run.series(SERIES)
    assert series is not None
    losses = (epoch.get("train_loss") for epoch in series.metrics[:epochs])
    judged, training = judged_samples(run, key), None
    if judged is not None and judged.label is not None:
        training = _course(judged.label, [judged_answers(run, key, epoch) for epoch in range(epochs)])
    label = answered_samples(run, key).label
    assert label is not None
    facts = TrainingFacts(
        classes=len(run.class_names),
        test=_course(label, [held_out_answers(run, key, epoch) for epoch in range(epochs)]),
        training_loss=np.array([math.nan if loss is None else loss for loss in losses], np.float64),
        record=_layer_record(run, key, epochs),
        training=training,
    )
    return alarms(facts)


def _course(label: np.ndarray, answers: list[EpochAnswers]) -> Answers:
    predicted, loss, contradicted = (np.stack(part) for part in zip(*answers, strict=True))
    return Answers(label, predicted, loss.astype(np.float32), contradicted)


def _answers(logits: np.ndarray, label: np.ndarray | None) -> EpochAnswers:
    narrow = np.uint16 if logits.shape[1] <= 2**16 else np.int32
    if label is None:
        return EpochAnswers(logits.argmax(axis=1).astype(narrow), np.zeros(0, np.float16), np.zeros(0, bool))
    predicted, loss, contradicted = epoch_answers(logits, label)
    return EpochAnswers(predicted.astype(narrow), loss.astype(np.float16), contradicted)


def _labels(run: Run, samples: np.ndarray) -> np.ndarray | None:
    dataset = run.stages["dataset"].open()
    return dataset["label"].to_numpy()[samples] if "label" in dataset else None


def _layer_record(run: Run, key: str, epochs: int) -> LayerRecord | None:
    series = run.series(TRAINING)
    return stored_record(series.open(), epochs) if series is not None and series.key == key else None
