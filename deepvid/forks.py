"""Forks of a training: runs whose training is changed on its way, beside the run without the change.

What a fork is compared with is its control, the same training without its last changes, and with placebos:
forks whose only change is the order of the images, which show how far chance alone takes two trainings apart.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from deepvid.caching import newest_per_owner
from deepvid.config import (
    AnyChange,
    Change,
    Delete,
    Experiment,
    Freeze,
    LeaveOut,
    Rate,
    Reorder,
    Reset,
    Stop,
    Teacher,
    Thaw,
    experiment_from,
)
from deepvid.errors import DeepVIDError, StoreError, UserError
from deepvid.statistics import mcnemar
from deepvid.store import Run
from deepvid.wording import quantity

Changes = tuple[AnyChange, ...]


class Fork(NamedTuple):
    """A run whose training is another one's until an epoch, and changed from there on."""

    run: Run
    changes: Changes  # that its control has not
    after: int  # epochs that both have

    @property
    def is_placebo(self) -> bool:
        """Whether nothing but the order of the images is different."""
        return all(isinstance(change, Reorder) for change in self.changes)


class Outcome(NamedTuple):
    """Test images after the last epochs of a fork and of its control."""

    accuracy: float
    control: float
    only_fork: int  # images that it alone has right
    only_control: int
    p: float  # that as many are won as lost: McNemar's test, exact

    @property
    def difference(self) -> float:
        """Of the accuracies, fork less control."""
        return self.accuracy - self.control


def with_changes(experiment: Experiment, changes: Sequence[AnyChange]) -> Experiment:
    """The experiment with more changes of its training. Raises ConfigError for what cannot be, StoreError for
    a teacher that was trained elsewhere.
    """
    if not isinstance(experiment.teacher, Teacher):
        raise StoreError(
            "A fork changes a training that DeepVID does",
            f"a teacher of the source {experiment.teacher.source}",
            "Train one here, or log trainings of your own with deepvid.log_run",
        )
    table = experiment.model_dump(mode="json", exclude_unset=True)
    teacher = table.setdefault("teacher", {})
    added = [change.model_dump(mode="json") for change in changes]
    teacher["changes"] = [*teacher.get("changes", ()), *added]
    return experiment_from(table, origin="the fork")


def change_of(action: str, after: int, **settings: Any) -> AnyChange:
    """Raises ConfigError for what no change has."""
    # In a training that has an epoch after it: whether that of a run has, its fork says.
    table = {"epochs": after + 1, "changes": [{"action": action, "after": after, **settings}]}
    teacher = experiment_from({"name": "fork", "teacher": table}, origin=f"the change {action}").teacher
    assert isinstance(teacher, Teacher)
    return teacher.changes[0]


def numbers_in(text: str) -> tuple[int, ...]:
    """Those of "3, 5, 8". Raises UserError for what is no list of whole numbers."""
    words = [word.strip() for word in text.split(",")] if text.strip() else []
    if strange := [word for word in words if not word.isdecimal() or len(word) > 9]:
        raise UserError(
            "Units and images are whole numbers with commas", repr(strange[0][:80]), "Write them as 3,5,8"
        )
    return tuple(map(int, words))


def is_numbers(text: str) -> bool:
    """Whether a text is meant as such a list, and not as the name of a selection."""
    return not text.strip() or "," in text or text.strip().isdecimal()


def trained_among(run: Run, samples: Iterable[int], where: str) -> tuple[int, ...]:
    """Those that are no test images of a run. Raises UserError where there are none."""
    test, samples = run.stages["dataset"].open("test")["test"].to_numpy(), tuple(samples)
    trained = tuple(sample for sample in samples if sample >= len(test) or not test[sample])
    if not trained:
        raise UserError(
            "A fork leaves training images out",
            f"{quantity(len(samples), 'test image')} in {where}",
            "Name training images",
        )
    return trained


def forks_of(run: Run, others: Iterable[Run]) -> list[Fork]:
    """The runs of `others` that are `run` with changes of its training, in their order."""
    own = _experiment(run)
    found = []
    for other in others:
        experiment = _experiment(other)
        if own is not None and experiment is not None and (changes := _changes(own, experiment)):
            found.append(Fork(other, changes, changes[0].after))
    return found


def placebo_of(after: int) -> Callable[[int], Changes]:
    """Changes of a placebo, by its number from 1."""
    return lambda number: (Reorder(after=after, seed=number),)


def outcome(control: Run, fork: Run) -> Outcome | None:
    """None where one has no epoch, no answers or no labels, or an archive left them out."""
    right = [_right(run) for run in (control, fork)]
    if any(one is None for one in right):
        return None
    a, b = right
    assert a is not None
    assert b is not None
    only_control, only_fork = int((a & ~b).sum()), int((~a & b).sum())
    p = mcnemar(only_control, only_fork)
    return Outcome(float(b.mean()), float(a.mean()), only_fork, only_control, p)


def sentence(fork: Outcome, placebos: Sequence[Outcome]) -> str:
    """As "accuracy +.0040 against its control (.8810): no more than a fork that changes nothing but the order
    of the images (.0060)".
    """
    says = f"accuracy {_signed(fork.difference)} against its control ({_share(fork.control)})"
    if not placebos:
        return f"{says}; no fork that changes nothing shows what chance does"
    few = "a fork that changes" if len(placebos) == 1 else f"{len(placebos)} forks that change"
    other = f"{few} nothing but the order of the images ({_share(largest(placebos))})"
    if abs(fork.difference) <= largest(placebos):
        return f"{says}: no more than {other}"
    return f"{says}: more than {other}, as chance alone goes once in {len(placebos) + 1}"


def largest(placebos: Sequence[Outcome]) -> float:
    """Difference of those that change nothing, of either sign."""
    return max(abs(placebo.difference) for placebo in placebos)


def words_of_changes(changes: Sequence[Change]) -> str:
    """As "stem frozen, rate x 0.1, after epoch 3"."""
    if not changes:
        return "no change"
    first = changes[0].after
    when = f"after epoch {first}" if first else "from the beginning"
    return f"{', '.join(map(_words, changes))}, {when}"


def _words(change: Change) -> str:
    match change:
        case Rate():
            return f"rate x {change.factor:g}"
        case Freeze():
            return f"{change.layer} frozen"
        case Thaw():
            return f"{change.layer} thawed"
        case Reset():
            return f"{_units(change.units)}{change.layer} drawn anew"
        case Delete():
            return f"{_units(change.units)}{change.layer} deleted"
        case LeaveOut():
            return f"without {quantity(len(change.samples), 'image')}"
        case Reorder():
            return f"another order of the images ({change.seed})"
        case Stop():
            return "stopped"
    raise AssertionError(change)


def options_of(changes: Sequence[Change]) -> list[str]:
    """Words of `deepvid fork` that ask for the changes, all after one epoch. A reorder has none."""
    after = {change.after for change in changes}
    options = [f"--after={number}" for number in sorted(after)]
    for change in changes:
        match change:
            case Rate():
                options.append(f"--rate={change.factor!r}")
            case Freeze() | Thaw():
                options.append(f"--{change.action}={change.layer}")
            case Reset() | Delete():
                units = f":{_numbers(change.units)}" if change.units else ""
                options.append(f"--{change.action}={change.layer}{units}")
            case LeaveOut():
                options.append(f"--leave-out={_numbers(change.samples)}")
            case Stop():
                options.append("--stop")
    return options


def _changes(own: Experiment, other: Experiment) -> Changes:
    """Changes that the other experiment has and this one has not; none where it is no fork of it."""
    a, b = own.teacher, other.teacher
    if not (isinstance(a, Teacher) and isinstance(b, Teacher)):
        return ()
    rest = list(b.changes)
    for change in a.changes:
        if change not in rest:
            return ()
        rest.remove(change)
    same = partial(Teacher.model_copy, update={"changes": ()})
    plain = [one.model_copy(update={"teacher": same(teacher)}) for one, teacher in ((own, a), (other, b))]
    return tuple(rest) if plain[0] == plain[1] else ()


def _experiment(run: Run) -> Experiment | None:
    try:
        return experiment_from(run.config, origin=run.id)
    except DeepVIDError:  # of settings that there are no more, or of a logged run
        return None


def _right(run: Run) -> np.ndarray | None:
    """bool (sample,): of the test images after the last epoch."""
    series = run.series("teacher")
    return None if series is None or not series.epochs else _right_after(run, series.key, series.epochs)


@newest_per_owner
def _right_after(run: Run, key: str, epochs: int) -> np.ndarray | None:
    series, dataset = run.series("teacher"), run.stages.get("dataset")
    if series is None or dataset is None:
        return None
    answers, labels = series.open(), dataset.open()
    if "test_logits" not in answers or "label" not in labels:
        return None
    label = labels["label"].to_numpy()[answers["sample"].to_numpy()]
    right: np.ndarray = answers["test_logits"].isel(epoch=epochs - 1).to_numpy().argmax(axis=1) == label
    return right


def _units(units: Sequence[int]) -> str:
    return f"{quantity(len(units), 'unit')} of " if units else ""


def _numbers(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def _signed(number: float) -> str:
    return f"{'+' if number >= 0 else '−'}{_share(abs(number))}"


def _share(number: float) -> str:
    return f"{number:.4f}".removeprefix("0")
