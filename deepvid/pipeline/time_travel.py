"""The stage of time travel: a map of every epoch, one commit each, then what happened to whom."""

from collections.abc import Iterator

import numpy as np
import xarray as xr
from scipy.special import softmax

from deepvid import config, fields
from deepvid.config import experiment_from
from deepvid.config.sections.teacher import TRAINED
from deepvid.errors import ConfigError
from deepvid.pipeline.epoch_worker import EpochJob, EpochWorker
from deepvid.pipeline.epochs import State, grow_series
from deepvid.pipeline.group import GroupStage, Result
from deepvid.pipeline.history import Answers, History
from deepvid.pipeline.mapper import MappedEpoch, Mapper, begun
from deepvid.pipeline.stage import Family, StageContext
from deepvid.store import Run, RunWriter, Series, dataset_of
from deepvid.timetravel.events import KINDS, Events, events
from deepvid.timetravel.graph import K
from deepvid.timetravel.landscape import FULL
from deepvid.timetravel.measures.preservation import Score
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

        def after(_: State | None) -> Iterator[MappedEpoch]:
            return mapper.after(history, begun(context.run, name, context.key), context.progress)

        series = grow_series(context, name, epochs=len(history), train=after, group=lambda epoch: epoch.data)
        return _result(section, series, history, seed=seed)

    return GroupStage(
        name=name,
        needs=("dataset", "teacher"),
        section=section,
        seed=seed,
        version=1,
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
    """What the maps say together: events, and whether samples move as they move in the features."""
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
