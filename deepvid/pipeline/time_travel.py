"""The stage of time travel: an epoch's map, its landscape and how far to believe them, a commit each."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from scipy.special import softmax

from deepvid import config, fields
from deepvid.errors import ConfigError
from deepvid.pipeline.epochs import State, grow_series
from deepvid.pipeline.group import GroupStage, Result
from deepvid.pipeline.history import Answers, Drawn, History, Past
from deepvid.pipeline.stage import Bench, Family
from deepvid.progress import Progress
from deepvid.store import Run, Series, dataset_of
from deepvid.timetravel.catalogue import FORMS
from deepvid.timetravel.contract import EpochByEpoch, Fitted, Projector
from deepvid.timetravel.events import KINDS, Events, events
from deepvid.timetravel.graph import K
from deepvid.timetravel.ground import stayed
from deepvid.timetravel.landscape import FULL, Box, Landscape, box, landscape
from deepvid.timetravel.measures.phantom import phantom
from deepvid.timetravel.measures.score import Score
from deepvid.timetravel.measures.table import Mapped, Measured, Samples, measured
from deepvid.timetravel.measures.temporal import displacements, following, rank_correlation, temporal_nn
from deepvid.timetravel.stored import fitted_of, networks_of, state_of, vector_of

TIMED = 1000  # test images whose way through the epochs is compared with that of their features
NEAREST_EPOCHS = 5  # of each epoch, that are compared
FITTING, MEASURING = 0.4, 0.8  # of an epoch's time: when its map begins to be fitted, and to be measured


def time_travel_stage(section: config.TimeTravel, *, seed: int) -> GroupStage:
    """Maps epoch after epoch from where it left off, then says what happened to whom."""
    name = f"{section.stage}-{section.name}"

    def check(run: Run) -> None:
        if "dataset" in run.stages:
            images = min(section.training, run.stages["dataset"].metrics["train_images"])
            if images <= K:
                raise ConfigError(
                    f"A map of an epoch needs more than {K} training images: it is made of their {K} nearest",
                    f"{images} of them",
                    "Raise time_travel.training, add images, or leave [[time_travel]] out",
                )

    def work(bench: Bench) -> Result:
        drawn = Drawn.of(bench.run, section, seed=seed)
        history = History(bench.run, drawn)
        maps = Maps(name, section, drawn, history, bench, seed)
        images = f"{len(drawn.training):,} training and {len(drawn.test):,} test images"
        bench.progress.foretell(f"{len(history)} epochs of {images}", size=maps.nbytes)
        series = grow_series(
            bench, name, epochs=len(history), train=lambda state: maps.after(state), group=maps.group
        )
        return maps.result(series)

    return GroupStage(
        name=name,
        needs=("dataset", "teacher"),
        section=section,
        seed=seed,
        version=1,
        work=work,
        check=check,
    )


def form_of(section: config.TimeTravel) -> Projector:
    """The form with the section's settings."""
    form: Any = FORMS[section.form]
    projector: Projector = replace(form, steps=section.steps) if hasattr(form, "steps") else form
    return projector


class MappedEpoch(NamedTuple):
    """An epoch's map, as it is committed."""

    past: Past
    fitted: Fitted
    mapped: Mapped
    measured: Measured
    stayed: np.ndarray  # int (sample,)
    seconds: float  # of the fit

    @property
    def metrics(self) -> dict[str, Any]:
        return {**self.measured.numbers, "seconds": self.seconds}

    @property
    def state(self) -> dict[str, np.ndarray]:
        return state_of(self.fitted)


def mapped_by(fitted: Fitted, past: Past, history: History, drawn: Drawn, *, resolution: int) -> Mapped:
    """An epoch with this map of it, its landscape and the test images' places."""
    model, head = fitted.model, past.epoch.head
    where = box(np.concatenate([fitted.position, fitted.boundary_position]))
    seen = landscape(model, head, where, resolution)
    tested = model.project(past.tested.features)
    return Mapped(
        Samples(past.epoch.features, past.logits, history.label[fitted.sample], fitted.position),
        Samples(past.tested.features, past.tested.logits, history.label[drawn.test], tested),
        (past.epoch.boundary, fitted.boundary_position),
        past.held,
        head,
        model,
        seen,
        phantom(seen, np.concatenate([fitted.position, tested])),
    )


@dataclass(frozen=True)
class Maps:
    """The maps of a teacher's epochs: what is committed of them, and what is computed."""

    name: str
    section: config.TimeTravel
    drawn: Drawn
    history: History
    bench: Bench
    seed: int

    def after(self, state: State | None) -> Iterator[MappedEpoch]:
        """Those that are not committed yet; `state` is of the last one that is."""
        form, epochs = form_of(self.section), range(len(self.history))
        begin = self._committed.epochs if state is not None else 0  # type: ignore[union-attr]
        before = None if state is None else fitted_of(state)
        if isinstance(form, EpochByEpoch):
            for number in epochs[begin:]:
                progress = self.bench.progress.part(number, number + 1, len(epochs))
                past = self._past(number, progress.part(0, FITTING, 1))
                began = time.monotonic()
                fitting = progress.part(FITTING, MEASURING, 1)
                (fitted,) = form.fit([past.epoch], before=before, seed=self.seed, progress=fitting)
                seconds = time.monotonic() - began
                progress.update(MEASURING, 1, "measuring the map")
                yield self._mapped(past, fitted, stayed(fitted, before), seconds)
                before = fitted
            return
        # A form of all epochs at once begins anew; what is committed of it is left out.
        progress = self.bench.progress
        asking, fitting = progress.part(0, FITTING, 1), progress.part(FITTING, MEASURING, 1)
        pasts = [self._past(number, asking.part(number, number + 1, len(epochs))) for number in epochs]
        began = time.monotonic()
        maps = form.fit([past.epoch for past in pasts], before=None, seed=self.seed, progress=fitting)
        previous = None
        for number, fitted in enumerate(maps):
            if number >= begin:
                seconds = (time.monotonic() - began) / len(epochs)
                yield self._mapped(pasts[number], fitted, stayed(fitted, previous), seconds)
            previous = fitted

    def group(self, epoch: MappedEpoch) -> xr.Dataset:
        """What is stored of an epoch."""
        mapped, fitted = epoch.mapped, epoch.fitted
        training = self.drawn.training
        rows = np.searchsorted(training, fitted.sample)
        count = epoch.measured.kept
        probability = softmax(epoch.past.logits, axis=1)[np.arange(len(rows)), mapped.train.label]
        networks = networks_of(fitted.model)
        kind = np.uint8 if self.history.classes <= 256 else np.uint16
        arrays = {
            "position": np.concatenate(
                [_spread(fitted.position, rows, len(training), np.nan), mapped.test.position]
            ),
            "kept": np.concatenate([_spread(count[: len(rows)], rows, len(training)), count[len(rows) :]]),
            "stayed": _spread(epoch.stayed, rows, len(training)),
            "training_predicted": _spread(mapped.train.logits.argmax(axis=1), rows, len(training)).astype(
                kind
            ),
            "training_label_probability": _spread(np.round(FULL * probability), rows, len(training)),
            "boundary_position": _spread(
                fitted.boundary_position,
                np.arange(len(fitted.boundary_position)),
                self.section.boundary,
                np.nan,
            ),
            "cell_class": mapped.landscape.predicted,
            "cell_margin": mapped.landscape.margin,
            "cell_invented": np.packbits(mapped.phantom.cells, axis=1),
            "box": np.stack(mapped.landscape.box),
            "model": vector_of(networks),
            "sample": np.concatenate(self.drawn),
        }
        unsigned = ("kept", "stayed", "training_label_probability")
        return dataset_of(
            fields.TIME_TRAVEL_EPOCH,
            arrays | {name: arrays[name].astype(np.uint8) for name in unsigned},
            {
                "form": self.section.form,
                "settings": self.section.model_dump(mode="json"),
                "class_names": self.history.class_names,
                "model_layout": [[name, list(array.shape)] for name, array in networks.items()],
            },
        )

    def result(self, series: Series) -> Result:
        """What the maps say together: events, and whether samples move as they move in the features."""
        maps = series.open().load()
        position = maps["position"].to_numpy().astype(np.float32)
        training = maps.sizes["training"]
        answers = [self.history.tested(number) for number in range(len(self.history))]
        found = self._events(maps, answers)
        temporal = self._temporal(position[:, training:], answers) | {
            "p4": following(
                maps["stayed"].to_numpy()[1:] / K,
                displacements(position[:, :training]),
                published=np.nan,
                seed=self.seed,
            )
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
                "form": self.section.form,
                "settings": self.section.model_dump(mode="json"),
                "kinds": list(KINDS),
                "temporal": {name: score._asdict() for name, score in temporal.items()},
                "movement": _median(displacements(position[:, :training])),
            },
        )
        last = series.metrics[-1]
        return Result(
            group,
            {
                "test_nn": last["test_nn"],
                "test_ppr": last["test_ppr"],
                "phantom": last["phantom"],
                "p4": temporal["p4"].value,
                "events": len(found.row),
            },
        )

    @property
    def nbytes(self) -> int:
        """About what they take in the store: features are not kept."""
        samples = len(self.drawn.training) + len(self.drawn.test)
        cells = 2 * self.section.resolution**2
        return len(self.history) * (8 * samples + cells + MODEL_BYTES)

    @property
    def _committed(self) -> Series | None:
        series = self.bench.run.series(self.name)
        return series if series is not None and series.key == self.bench.key else None

    def _past(self, number: int, progress: Progress) -> Past:
        return self.history.past(number, boundary=self.section.boundary, seed=self.seed, progress=progress)

    def _mapped(self, past: Past, fitted: Fitted, kept: np.ndarray, seconds: float) -> MappedEpoch:
        mapped = mapped_by(fitted, past, self.history, self.drawn, resolution=self.section.resolution)
        found = measured(mapped, self._last(), seed=self.seed)
        return MappedEpoch(past, fitted, mapped, found, kept, seconds)

    def _last(self) -> tuple[Samples, Landscape] | None:
        """The test samples and the landscape of the last committed epoch, as they are stored."""
        committed = self._committed
        if committed is None or committed.epochs == 0:
            return None
        last = committed.open().isel(epoch=-1).load()
        answers = self.history.tested(committed.epochs - 1)
        position = last["position"].to_numpy()[last.sizes["training"] :].astype(np.float32)
        cells = last["cell_class"].to_numpy(), last["cell_margin"].to_numpy()
        label = self.history.label[self.drawn.test]
        return (
            Samples(answers.features, answers.logits, label, position),
            Landscape(*cells, Box(*last["box"].to_numpy())),
        )

    def _events(self, maps: xr.Dataset, answers: list[Answers]) -> Events:
        """Of training images, then of test images."""
        rows, label = np.arange(len(self.drawn.test)), self.history.label[self.drawn.test]
        predicted = np.stack([each.logits.argmax(axis=1) for each in answers])
        probability = np.stack([softmax(each.logits, axis=1)[rows, label] for each in answers])
        return events(
            np.concatenate([maps["training_predicted"].to_numpy(), predicted], axis=1),
            np.concatenate([maps["training_label_probability"].to_numpy() / FULL, probability], axis=1),
            maps["position"].to_numpy().astype(np.float32),
        )

    def _temporal(self, position: np.ndarray, answers: list[Answers]) -> dict[str, Score]:
        """Of some test images, whose features are in the store; of two epochs or fewer, none."""
        if len(answers) < 3:
            return {}
        rows = np.random.default_rng(self.seed).permutation(position.shape[1])[:TIMED]
        features = np.stack([each.features[rows] for each in answers])
        k = min(NEAREST_EPOCHS, len(answers) - 2)
        return {
            "temporal_nn": temporal_nn(features, position[:, rows], k=k, seed=self.seed),
            "rank_correlation": rank_correlation(features, position[:, rows], seed=self.seed),
        }


TIME_TRAVEL = Family(
    config.TimeTravel,
    lambda experiment: [
        time_travel_stage(section, seed=experiment.seed) for section in experiment.time_travel
    ],
    fields.TIME_TRAVEL,
)
"""The kind of stage that maps every epoch; it follows the teacher."""

MODEL_BYTES = 170_000  # of the parametric form's networks for 64 features


def _spread(values: np.ndarray, rows: np.ndarray, number: int, fill: float = 0) -> np.ndarray:
    """`values` in their rows of `number`; `fill` in the others."""
    spread = np.full((number, *values.shape[1:]), fill, values.dtype)
    spread[rows] = values
    return spread


def _median(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else None
