"""The forks of a training that a store has, and what a page asks for to make one."""

from collections.abc import Iterable
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
    control: Fork | None  # the run itself as a fork of another one, and that one's outcome beside it
    control_id: str
    outcome: Outcome | None

    @property
    def placebos(self) -> dict[int, list[Outcome]]:
        """By the epochs that they share with the run."""
        found: dict[int, list[Outcome]] = {}
        for fork, one in self.forks:
            if fork.is_placebo and one is not None:
                found.setdefault(fork.after, []).append(one)
        return found


def family_of(run: Run, listings: Iterable[RunListing]) -> Family:
    """Among the latest runs of the same name."""
    name = run.summary.get("name")
    same = (
        one for one in listings if one.id != run.id and one.error is None and one.summary.get("name") == name
    )
    others = [other for one in islice(same, MOST_CHOICES) if (other := _read(one)) is not None]
    forks = sorted(forks_of(run, others), key=lambda fork: fork.is_placebo)
    controls = [(other, fork) for other in others for fork in forks_of(other, [run])]
    control, own = min(controls, key=lambda pair: len(pair[1].changes), default=(None, None))
    return Family(
        tuple((fork, outcome(run, fork.run)) for fork in forks),
        own,
        "" if control is None else control.id,
        None if control is None else outcome(control, run),
    )


def layers_of(run: Run) -> tuple[str, ...]:
    """Names of layers that a change may have: every kernel, and what several of them begin with."""
    steps, names = training_steps(run), dict[str, None]()
    for kernel in () if steps is None else steps.layers:
        parts = kernel.split(".")
        names.update(dict.fromkeys(".".join(parts[: end + 1]) for end in range(len(parts))))
    return tuple(names)


def fork_command(run: Run, changes: tuple[Change, ...], after: int, placebos: int) -> Command:
    """Makes a fork with these changes and a placebo; without changes, one placebo more than there are."""
    words = options_of(changes) if changes else [f"--after={after}", f"--placebos={placebos + 1}"]
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
