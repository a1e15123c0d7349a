"""The forks of a training that a store has, and what a page asks for to make one."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from dashboards.data.commands import Command
from dashboards.data.computation import Computation
from dashboards.data.runs import MOST_CHOICES, reader
from dashboards.data.training_steps import training_steps
from dashboards.data.writable import store_refusal
from deepvid.config import Change
from deepvid.errors import DeepVIDError
from deepvid.forks import Fork, Outcome, forks_of, options_of, outcome
from deepvid.store import Run, RunListing, absolute
from deepvid.wording import command


class Family(NamedTuple):
    """The trainings that are one with other changes."""

    forks: tuple[tuple[Fork, Outcome | None], ...]  # of the run, placebos last
    control: "Control | None"  # where the run is a fork itself

    def placebos(self, after: int) -> list[Outcome]:
        """Forks of the run that have so many epochs of it, and only another order from there on."""
        return [
            one for fork, one in self.forks if fork.is_placebo and fork.after == after and one is not None
        ]


class Control(NamedTuple):
    """The run that a fork is compared with."""

    id: str
    fork: Fork
    outcome: Outcome | None  # of the fork
    placebos: tuple[Outcome, ...]  # from the same epoch on


def namesakes(run: Run, listings: Iterable[RunListing]) -> tuple[RunListing, ...]:
    """The latest other runs of the same name: those that may be its forks, or what it is a fork of."""
    name = run.summary.get("name")
    same = (
        one for one in listings if one.id != run.id and one.error is None and one.summary.get("name") == name
    )
    return tuple(islice(same, MOST_CHOICES))


def family_of(run: Run, listings: Iterable[RunListing]) -> Family:
    """Among its `namesakes`."""
    others = [other for one in listings if (other := _read(one)) is not None]
    forks = sorted(forks_of(run, others), key=lambda fork: fork.is_placebo)
    return Family(tuple((fork, outcome(run, fork.run)) for fork in forks), _control(run, others))


def _control(run: Run, others: Sequence[Run]) -> Control | None:
    """The one that differs by the fewest changes."""
    controls = [(other, fork) for other in others for fork in forks_of(other, [run])]
    if not controls:
        return None
    control, own = min(controls, key=lambda pair: len(pair[1].changes))
    beside = (fork for fork in forks_of(control, others) if fork.is_placebo and fork.after == own.after)
    placebos = (outcome(control, fork.run) for fork in beside)
    return Control(control.id, own, outcome(control, run), tuple(one for one in placebos if one is not None))


def layers_of(run: Run) -> tuple[str, ...]:
    """Names of layers that a change may have: every kernel, and what several of them begin with."""
    steps, names = training_steps(run), dict[str, None]()
    for kernel in () if steps is None else steps.layers:
        parts = kernel.split(".")
        names.update(dict.fromkeys(".".join(parts[: end + 1]) for end in range(len(parts))))
    return tuple(names)


def fork_command(
    run: Run, changes: tuple[Change, ...], after: int, placebos: int, selection: str = ""
) -> Command:
    """Makes a fork with these changes and a placebo; without changes, one placebo more than there are. Images
    that it leaves out are those of a `selection` with a name, if there is one."""
    words = options_of(changes) if changes else [f"--after={after}", f"--placebos={placebos + 1}"]
    if selection:
        words = [f"--leave-out={selection}" if word.startswith("--leave-out") else word for word in words]
    store = run.path.parent
    text = command("fork", run.id, "--store", store, *words)
    return Command(
        text, Computation("fork", Path(absolute(store)), run.id, tuple(words)), store_refusal(store)
    )


def _read(listing: RunListing) -> Run | None:
    try:
        run = reader(listing.path)
        run.poll()
    except (DeepVIDError, OSError):
        return None
    return run
