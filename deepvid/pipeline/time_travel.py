"""The stage of time travel: a map of every epoch, one commit each, then what happened to whom.

Beside its maps stand, on request, those of methods that know one epoch alone, measured alike.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any, get_args

import numpy as np
import xarray as xr
from scipy.special import softmax

from deepvid import config, fields
from deepvid.config import experiment_from, names
from deepvid.config.sections.teacher import TRAINED
from deepvid.errors import ConfigError
from deepvid.pipeline.epoch_worker import EpochJob, EpochWorker
from deepvid.pipeline.epochs import State, grow_series
from deepvid.pipeline.history import Answers, Drawn, History
from deepvid.pipeline.mapper import MappedEpoch, Mapper, begun, mapped_by
from deepvid.pipeline.stage import Family, GroupStage, Result, StageContext
from deepvid.progress import Progress
from deepvid.store import Run, RunWriter, Series, dataset_of
from deepvid.timetravel.events import KINDS, Events, events
from deepvid.timetravel.graph import K
from deepvid.timetravel.independent import Independent
from deepvid.timetravel.landscape import FULL
from deepvid.timetravel.measures.preservation import Score
from deepvid.timetravel.measures.table import measure_map
from deepvid.timetravel.measures.temporal import displacements, following, rank_correlation, temporal_nn

TIMED = 1000  # test images whose way through the epochs is compared with that of their features
NEAREST_EPOCHS = 5  # of each epoch, that are compared
MODEL_BYTES = 170_000  # of the parametric form's networks for 64 features


def time_travel_stage(section: config.TimeTravel, *, seed: int) -> GroupStage:
    """Maps epoch after epoch from where it left off."""
    name = f"{section.stage}-{section.name}"

    def check(run: Run) -> None:
        if run.teacher_source != TRAINED:
            raise ConfigError(
                "Time travel needs the epochs of a training",
                f"{run.id}, which explains a model trained elsewhere",
                "Log its training epoch by epoch: with deepvid.log_run(...) as run",
            )
        if "dataset" in run.stages:
            images = min(section.training, run.stages["dataset"].metrics["train_images"])
            if images <= K:
                raise ConfigError(
                    f"A map of an epoch needs more than {K} training images: it is made of their {K} nearest",
                    f"{images} of them",
                    "Raise time_travel.training, add images, or leave [[time_travel]] out",
                )

    def follow(writer: RunWriter, key: str) -> EpochWorker | None:
        mapper = Mapper(writer.run, section, seed)
        teacher = experiment_from(writer.run.config).teacher
        if not isinstance(teacher, config.Teacher) or not mapper.follows or writer.has(name, key):
            return None
        return EpochWorker(writer, EpochJob(writer.run.path, section, seed, name, key, teacher.epochs))

    def work(context: StageContext) -> Result:
        mapper = Mapper(context.run, section, seed)
        history = History(context.run, mapper.drawn)
        context.progress.foretell(_foretold(history), size=_bytes(section, history))

        def after(state: State | None) -> Iterator[MappedEpoch]:
            return mapper.after(history, begun(context.run, name, context.key), context.progress)

        series = grow_series(context, name, epochs=len(history), train=after, group=lambda epoch: epoch.data)
        return _result(section, series, history, seed=seed)

    return GroupStage(
        name=name,
        needs=("dataset", "teacher"),
        section=section,
        seed=seed,
        work=work,
        check=check,
        follow=follow,
    )


def _foretold(history: History) -> str:
    training, test = map(len, history.drawn)
    return f"{len(history)} epochs of {training:,} training and {test:,} test images"


def _bytes(section: config.TimeTravel, history: History) -> int:
    """About what the maps take in the store: features are not kept."""
    samples = sum(map(len, history.drawn))
    return len(history) * (8 * samples + 2 * section.resolution**2 + MODEL_BYTES)


def _result(section: config.TimeTravel, series: Series, history: History, *, seed: int) -> Result:
    """Results of all maps together: events, and whether samples move as they move in the features."""
    maps = series.open().load()
    training = maps.sizes["training"]
    position = maps["position"].to_numpy().astype(np.float32)
    answers = [history.tested(number) for number in range(len(history))]
    found = _events(maps, answers, history.tested_label)
    moved = displacements(position[:, :training])
    rate = maps["stayed"].to_numpy()[1:] / K
    temporal = {
        "p4": following(rate, moved, published=np.nan, seed=seed),
        **_temporal(position[:, training:], answers, seed=seed),
    }
    group = dataset_of(
        fields.TIME_TRAVEL,
        {
            "event_epoch": found.epoch + 1,
            "event_sample": maps["sample"].to_numpy()[found.row],
            "event_kind": found.kind.astype(np.uint8),
            "event_change": found.change,
        },
        {
            "form": section.form,
            "settings": section.model_dump(mode="json"),
            "kinds": list(KINDS),
            "temporal": {name: score._asdict() for name, score in temporal.items()},
            "movement": _median(moved),
        },
    )
    last = series.metrics[-1]
    shown = {name: last[name] for name in ("test_nn", "test_ppr", "phantom")}
    return Result(group, {**shown, "p4": temporal["p4"].value, "events": len(found.row)})


def _events(maps: xr.Dataset, answers: list[Answers], label: np.ndarray) -> Events:
    """Of training images, then of test images."""
    rows = np.arange(len(label))
    predicted = np.stack([each.logits.argmax(axis=1) for each in answers])
    probability = np.stack([softmax(each.logits, axis=1)[rows, label] for each in answers])
    return events(
        np.concatenate([maps["training_predicted"].to_numpy(), predicted], axis=1),
        np.concatenate([maps["training_label_probability"].to_numpy() / FULL, probability], axis=1),
        maps["position"].to_numpy().astype(np.float32),
    )


def _temporal(position: np.ndarray, answers: list[Answers], *, seed: int) -> dict[str, Score]:
    """Of some test images, whose features are in the store; of two epochs or fewer, none."""
    if len(answers) < 3:
        return {}
    rows = np.random.default_rng(seed).permutation(position.shape[1])[:TIMED]
    features = np.stack([each.features[rows] for each in answers])
    k = min(NEAREST_EPOCHS, len(answers) - 2)
    return {
        "temporal_nn": temporal_nn(features, position[:, rows], k=k, seed=seed),
        "rank_correlation": rank_correlation(features, position[:, rows], seed=seed),
    }


def _median(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else None


TIME_TRAVEL = Family(
    config.TimeTravel,
    lambda experiment: [
        time_travel_stage(section, seed=experiment.seed) for section in experiment.time_travel
    ],
    fields.TIME_TRAVEL,
)
"""The kind of stage that maps every epoch; it needs the teacher alone."""


OTHERS: tuple[names.ProjectionMethod, ...] = get_args(names.ProjectionMethod)
Row = dict[str, Any]
"""`form`, `epoch` from 1 and the numbers of `Measured`."""


def stored_rows(run: Run, epochs: Sequence[int]) -> list[Row]:
    """Measures of every form of the run's time travel at these epochs, counted from 1."""
    prefix = f"{config.TimeTravel.stage}-"
    forms = [name for name in run.stages if name.startswith(prefix)]
    return [
        {"form": name.removeprefix(prefix), "epoch": epoch, **series.metrics[epoch - 1]}
        for name in forms
        if (series := run.series(name)) is not None
        for epoch in epochs
    ]


def rows_beside(
    run: Run, section: config.TimeTravel, epochs: Sequence[int], *, seed: int, progress: Progress
) -> Iterator[Row]:
    """PCA, t-SNE and UMAP of the same features at these epochs, as each is done."""
    drawn = Drawn.of(run, section, seed=seed)
    history = History(run, drawn)
    steps = len(epochs) * (1 + len(OTHERS))
    for at, epoch in enumerate(epochs):
        begin = at * (1 + len(OTHERS))
        asking = progress.part(begin, begin + 1, steps)
        past = history.past(epoch - 1, boundary=section.boundary, seed=seed, progress=asking)
        for number, method in enumerate(OTHERS, begin + 1):
            began = time.monotonic()
            fitting = progress.part(number, number + 1, steps)
            (fitted,) = Independent(method).fit([past.epoch], seed=seed, progress=fitting)
            seconds = time.monotonic() - began
            mapped = mapped_by(fitted, past, history, resolution=section.resolution)
            yield {
                "form": method,
                "epoch": epoch,
                **measure_map(mapped, None, seed=seed).numbers,
                "seconds": seconds,
            }


def epochs_asked(text: str | None, committed: int) -> list[int]:
    """Of "all", "last" (which nothing means, too) or numbers from 1, as "1,3,5". Raises ConfigError."""
    if text in (None, "last"):
        return [committed]
    if text == "all":
        return list(range(1, committed + 1))
    parts = [part.strip() for part in str(text).split(",")]
    if not {str(number) for number in range(1, committed + 1)}.issuperset(parts):
        raise ConfigError(
            f"Epochs are all, last, or numbers from 1 to {committed}",
            f"--epochs {text}",
            "Give them as --epochs 1,3",
        )
    return sorted({int(part) for part in parts})
