"""`log_run`: a training of one's own, in any framework, as a run that the dashboard reads."""

import time
import uuid
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import xarray as xr

from deepvid.alarms import Alarm
from deepvid.config import digest, experiment_from
from deepvid.datasets.conversion import pixels_of
from deepvid.errors import Cancelled, DataError, DeepVIDError, StoreError
from deepvid.logger.asking import ask, check_settings
from deepvid.logger.epoch import epoch_of, require_alike, teacher_group
from deepvid.logger.given_map import commit_map, given_map
from deepvid.logger.samples import Samples, array_of, samples_of, with_columns, with_texts
from deepvid.logger.steps import Steps, further_names, step_group
from deepvid.logger.watching import watch
from deepvid.metrics import LISTED
from deepvid.pipeline.identity import CHANGES
from deepvid.progress import Progress
from deepvid.step_record import StepRecord
from deepvid.store import (
    PAUSED,
    LiveSteps,
    Run,
    RunControl,
    RunWriter,
    Series,
    collect_provenance,
    find_run,
    open_run,
    open_writer,
)
from deepvid.stored_training import alarm_summary, training_alarms

NONE: Mapping[str, Any] = {}

LOOK = 0.2  # seconds between two looks for what a person asks for on the page

HOW = "Give run.epoch(model), or run.epoch(logits=..., features=..., head=...)"


def log_run(
    name: str,
    images: Any,
    labels: Any,
    *,
    test: Any,
    epochs: int,
    class_names: Sequence[str] | None = None,
    original: Any = None,
    meta: Any = None,
    texts: Any = None,
    positions: Any = None,
    store: str | Path = "runs",
    resume: str | None = None,
    on_alarm: Callable[[Alarm], object] | None = None,
    **given: Any,
) -> "LoggedRun":
    """A new run of `store`, to be used in a `with` statement that calls `LoggedRun.epoch` once an epoch.

    `images` are (sample, y, x) or (sample, y, x, channel), also with the channels first; bytes, or floats
    from 0 to 1; None: the run has no pictures. `labels` are one a sample, indices or names. `test` says
    which are test images, by a mask (sample,) or by their rows. The store has training images first,
    otherwise in the order given. There is room for `epochs` of them; fewer may come. `original` are the
    labels before somebody changed some of them, as in a study of noisy labels. `meta` are further columns, as
    `deepvid.explain` takes them. `texts`, one a sample, are what a classifier of texts reads: give None as
    images then.

    `positions`, (sample, 2) or (sample, 3), are a map of your own, such as an embedding.

    `given` is what a model takes and gives that `LoggedRun.epoch` asks, as `deepvid.explain` has it: mean,
    std, range, layout, channels, size, kind, classes, features.

    `on_alarm` is called by `LoggedRun.epoch` with each `deepvid.alarms.Alarm` that rings for the first time:
    its `rule`, `epoch`, `value` and `sentence`.

    Every call makes a run with an id of its own. A training that goes on from a checkpoint continues its
    run by `resume`, the run's id or the beginning of one: `LoggedRun.epochs` says how many it has.

    Raises DataError and ConfigError for what cannot be used.
    """
    if isinstance(epochs, bool) or not isinstance(epochs, int | np.integer) or epochs < 1:
        raise DataError(
            "The number of epochs is a whole number from 1", repr(epochs), "Give the most that may come"
        )
    check_settings(given)
    samples = samples_of(
        images, labels, test, class_names, original=original, where="what was given to log_run"
    )
    samples = with_texts(with_columns(samples, meta), texts)
    own_map = None if positions is None else given_map(positions, samples.order)
    return LoggedRun(
        name,
        samples,
        int(epochs),
        Path(store),
        resume,
        images=images,
        own_map=own_map,
        on_alarm=on_alarm,
        given=given,
    )


class LoggedRun:
    """A run that is being logged, from one thread: each epoch is durable when `epoch` returns.

    Left without an error, the run is finished with the last epoch as its teacher. A process that is killed
    leaves the epochs that were committed. In a fork of the process that entered the `with` statement, `epoch`
    raises LockedError, and leaving the statement does nothing.

    Where a person asks on the page to pause, the next `step` or `epoch` does not return until it may go on.
    Where one asks to stop, it leaves the `with` statement, and the program goes on after that: `stopped` is
    true, and the run can be resumed.
    """

    def __init__(
        self,
        name: str,
        samples: Samples,
        epochs: int,
        store: Path,
        resume: str | None = None,
        *,
        images: Any = None,
        own_map: xr.Dataset | None = None,
        on_alarm: Callable[[Alarm], object] | None = None,
        given: Mapping[str, Any] = NONE,
    ) -> None:
        self.config = {"name": name, "dataset": {"source": "logged"}, "teacher": {"epochs": epochs}}
        experiment_from(self.config, origin="what log_run was given")
        self._samples, self._planned, self._store = samples, epochs, store
        self._images, self._given = images, dict(given)  # for a model that is asked, in the order given
        self.id = f"{name}-{uuid.uuid4().hex[:8]}" if resume is None else find_run(store, resume).name
        self._resumed = resume is not None
        self._writer: RunWriter | None = None
        self._live = LiveSteps(self.path)
        self._steps = Steps(self._tell)
        self._progress = Progress(lambda tick: self._opened.report("teacher", tick))
        self._epoch_length = 0  # of the last one, in steps
        self._control = RunControl(self.path, lambda words: warnings.warn(words, stacklevel=4))
        self._next_look = 0.0
        self._on_alarm, self._map = on_alarm, own_map
        self.stopped = False

    @property
    def path(self) -> Path:
        """The run's folder."""
        return self._store / self.id

    @property
    def epochs(self) -> int:
        """How many are committed: 0, or what a resumed run has."""
        return _epochs(self._opened.run)

    def watch(self, model: Any, optimizer: Any = None, *, every: int = 1) -> None:
        """Records how far each matrix and convolution of `model` moves: in every step, or every so many.

        A module of PyTorch is looked at by hooks of its `optimizer`, with its gradients and its learning
        rate; one of Keras or Flax is compared from one `step` to the next. The training stays what it
        is. Raises DataError for what is no such model, and for a second one.
        """
        if self._steps.watch is not None:
            raise DataError("A run watches one model", "a second one", "Log it as a run of its own")
        watched = watch(model, optimizer, every)
        form = self._record.form
        if form is not None and list(watched.names) != list(form.attrs["kernels"]):
            raise DataError(
                "Every epoch records the same layers",
                f"{len(watched.names)} layers after epochs with {len(form.attrs['kernels'])}",
                "Watch the model before the first epoch, and in a run that is resumed the same one",
            )
        self._steps.watch = watched

    def step(self, loss: Any, *, accuracy: Any = None, learning_rate: Any = None, **others: Any) -> None:
        """Keeps numbers of one step of the training: arrays or tensors of one number each, on any device.

        They are drawn step by step; of the `others` 64 by name, which the first epoch has, and the mean over
        each epoch is among its numbers. Nothing is fetched from a device for half a second, and nothing is
        written before `epoch`: then minimum, mean and maximum in 512 columns. Raises DataError for what is
        no number.
        """
        standard = {"loss": loss, "accuracy": accuracy, "learning_rate": learning_rate}
        self._steps.add({**standard, **others})
        if time.monotonic() >= self._next_look:
            self._heed()

    def _ring(self) -> None:
        """Calls the person's function for each alarm that rings for the first time."""
        if self._on_alarm is None:
            return
        for alarm in training_alarms(self._opened.run) or ():
            if alarm.epoch == self.epochs:
                self._on_alarm(alarm)

    def _heed(self) -> None:
        """Follows the page: waits while paused. Raises Cancelled to leave the `with` statement."""
        if self._writer is None or self._writer.inherited:
            return
        self.stopped = self._control.stops(lambda: self._report(self.epochs, PAUSED))
        self._next_look = time.monotonic() + LOOK
        if self.stopped:
            raise Cancelled

    def epoch(
        self,
        model: Any = None,
        *,
        logits: Any = None,
        features: Any = None,
        head: Any = None,
        labeled: Any = None,
        metrics: Mapping[str, float] = NONE,
    ) -> None:
        """Commits what the classifier answers after one more epoch, for all images in the order given.

        Give the `model` itself, an object or a file as `deepvid.explain` takes it: it is asked in evaluation
        mode about the images that `log_run` was given. Or give its answers: `logits` (sample, class), before
        any softmax; `features` (sample, feature), what the last layer reads; rows of NaN in both for training
        images that are not in use. `head` is that layer, a pair (weight, bias), which Time travel needs.
        `labeled`, bool (image,), are the training images whose label the classifier was trained with at this
        epoch, as in active learning. `metrics` are further numbers to keep.

        Raises DataError for what does not fit, and commits nothing of it.
        """
        self._opened.require()  # before a model is asked
        samples, done = self._samples, self.epochs
        if done >= self._planned:
            raise DataError(
                f"A run has room for the epochs it began with, here {self._planned}",
                "one more",
                "Begin with more: log_run(..., epochs=...); fewer may come",
            )
        if model is None and (logits is None or features is None):
            raise _incomplete(logits, features)
        if model is not None:
            if any(answer is not None for answer in (logits, features, head)):
                raise DataError("An epoch is logged by a model or by its answers", "both", HOW)
            logits, features, head = self._ask(model)
        epoch = epoch_of(logits, features, head, samples, labeled)
        if model is not None and epoch.head is None and self._has_head:
            epoch = epoch.with_untold_head()  # the person cannot tell it either, and the training goes on
        group = epoch.group(samples)
        if (first := self._first) is not None:
            require_alike(first, group)
        own = _numbers(metrics)
        form, steps = self._record.form, self._steps.end()
        self._epoch_length = steps.steps
        kernels = self._steps.kernels if form is None else tuple(form.attrs["kernels"])
        means = {name: steps.mean(name) for name in further_names(steps, kernels)}
        numbers = {**epoch.metrics(samples), **means, **own}
        if steps.steps or form is not None:
            self._record.append(step_group(steps, kernels, form), done, steps.steps)
        series = self._opened.series("teacher", self._key, group, self._planned)
        series.append(group, metrics=numbers, summary={"metrics": _listed(numbers)})
        self._report(done + 1)
        self._ring()
        if done + 1 < self._planned:  # else there is nothing to stop
            self._heed()

    @cached_property
    def _record(self) -> StepRecord:
        return StepRecord(self._opened, self._key, self._planned)

    def _ask(self, model: Any) -> tuple[Any, Any, Any]:
        """Logits, features and, where it is told, the head."""
        asked = ask(model, self._pixels, self._samples.class_names, self._given)
        if asked.features is None:
            return asked.logits, asked.logits, None
        return asked.logits, asked.features, asked.head if self._has_head is not False else None

    @cached_property
    def _pixels(self) -> np.ndarray:
        """uint8 (image, y, x, channel), in the order and the size given."""
        if self._images is None:
            raise DataError(
                "Asking a model needs the images of the run",
                "images=None, a run without pictures",
                "Give the images to log_run, or logits and features to epoch",
            )
        return pixels_of(array_of(self._images, "Images"), "what was given to log_run").images

    @property
    def _first(self) -> xr.Dataset | None:
        """The first epoch, whose variables each has; None before it."""
        begun = self._opened.begun_series("teacher", self._key) is not None
        return _begun(self._opened.run).open_planned() if begun else None

    @property
    def _has_head(self) -> bool | None:
        """Whether epochs have one: as the first has."""
        return None if (first := self._first) is None else "head_weight" in first

    def __enter__(self) -> Self:
        self._writer = open_writer(
            self._store,
            self.id,
            config=self._require_same() if self._resumed else self.config,
            provenance=collect_provenance(seeds={}),
            hashing=CHANGES,
        )
        try:
            self._bring_samples()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if self._opened.inherited:
            return False  # the run is its parent's
        try:
            if error is None:
                self._finish()
            elif isinstance(error, Exception) and not isinstance(error, Cancelled):
                self._opened.fail("teacher", _told(error))
        finally:
            self._close()
        return self.stopped and isinstance(error, Cancelled)

    @property
    def _opened(self) -> RunWriter:
        if self._writer is None:
            raise DataError(
                "A run is logged inside a with statement",
                "a call before it or after it",
                "Write: with deepvid.log_run(...) as run:",
            )
        return self._writer

    @property
    def _key(self) -> str:
        """Of the teacher: no other training gives its numbers."""
        return digest(["logged", self.id, self._samples.key()])[:12]

    def _close(self) -> None:
        if self._steps.watch is not None:
            self._steps.watch.close()
        self._live.close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _bring_samples(self) -> None:
        samples, writer = self._samples, self._opened
        if not writer.has("dataset", samples.key()):
            metrics = {"train_images": samples.training, "test_images": int(samples.test.sum())}
            summary = {"source": "logged", "metrics": metrics}
            writer.commit_stage("dataset", samples.key(), samples.group(), metrics=metrics, summary=summary)
        if self._map is not None:
            commit_map(writer, self._map)
        self._report(self.epochs)

    def _report(self, done: float, message: str = "") -> None:
        self._progress.update(done, self._planned, message or f"{done} of {self._planned} epochs")

    def _tell(self, numbers: np.ndarray) -> None:
        """Shows loss and accuracy (step, 2) of steps of the epoch under way."""
        done = self.epochs
        self._live.add(done, numbers)
        share = min(1.0, self._live.steps / self._epoch_length) if self._epoch_length else 0.0
        loss = "" if np.isnan(numbers[-1, 0]) else f" loss {numbers[-1, 0]:.2f}"
        self._report(done + share, f"epoch {done + 1}/{self._planned}{loss}")

    def _require_same(self) -> dict[str, Any]:
        """The configuration of the run that is resumed. Raises for one that is another, or finished."""
        run = open_run(self.path)
        if "teacher" in run.stages:
            raise StoreError(
                "A training that is resumed was interrupted",
                f"{run.id}, which is finished after {_epochs(run)} epochs",
                "Log it as a run of its own: leave resume out",
            )
        dataset = run.stages.get("dataset")
        if run.config != self.config or (dataset is not None and dataset.key != self._samples.key()):
            raise DataError(
                "A training that is resumed has the name, images, labels, test images and epochs of its run",
                f"others than {run.id} began with",
                "Give what it began with, or log it as a run of its own: leave resume out",
            )
        return run.config

    def _finish(self) -> None:
        """The last epoch is the teacher."""
        if not self.epochs:
            raise DataError(
                "A logged training has at least one epoch",
                "none",
                "Call run.epoch(model), or run.epoch(logits=..., features=..., head=...), after each epoch",
            )
        series = _begun(self._opened.run)
        last = series.open("training_logits", "training_features").isel(epoch=-1).load()
        group, metrics = teacher_group(last, self._samples), _listed(series.metrics[-1])
        summary = {"metrics": metrics, **alarm_summary(self._opened.run)}
        self._opened.commit_stage("teacher", self._key, group, metrics=metrics, summary=summary)
        self._opened.finish()


def _incomplete(logits: Any, features: Any) -> DataError:
    """Of answers that lack one or both."""
    must = "An epoch is logged by a model or by its answers: logits and features"
    if logits is not None:
        return DataError(
            must, "logits alone", "Give features=, what the last layer reads, or features=logits"
        )
    if features is not None:
        return DataError(
            must, "features alone", "Give logits=, what the last layer gives, before any softmax"
        )
    return DataError(must, "neither", HOW)


def _begun(run: Run) -> Series:
    series = run.series("teacher")
    assert series is not None  # who asks has seen an epoch
    return series


def _epochs(run: Run) -> int:
    series = run.series("teacher")
    return 0 if series is None else series.epochs


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    try:
        return {str(name): float(value) for name, value in metrics.items()}
    except (TypeError, ValueError, AttributeError) as error:
        raise DataError(
            "Metrics are numbers by name", str(error), "Give them as in metrics={'learning_rate': 0.1}"
        ) from error


def _listed(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: metrics[name] for name in LISTED}


def _told(error: Exception) -> Exception:
    """An error of the program that trains, as the run's page tells it."""
    if isinstance(error, DeepVIDError):
        return error
    return DataError(
        "A training ends without an error",
        f"{type(error).__name__}: {error}",
        "Fix the program and run it again: it makes a run of its own",
    )
