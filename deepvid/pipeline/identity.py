"""Which run an experiment is: the one of the store that was created with it, or a new one."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from deepvid.config import Experiment, experiment_from, run_id
from deepvid.config.hashing import Fingerprint, as_recorded, changes, meanings
from deepvid.errors import DeepVIDError, NewerFormatError
from deepvid.store import Run, list_runs, open_run

WHOLE, CHANGES = 1, 2
"""Ways to hash a run's id and keys: whole sections as recorded, or what differs from the defaults."""


class Identity(NamedTuple):
    """Identity of a run, as its first line says it, or will say it."""

    id: str
    config: dict[str, Any]
    hashing: int

    @property
    def experiment(self) -> Experiment:
        """The experiment of the run. Raises ConfigError for settings that there are no more."""
        return experiment_from(self.config, origin=self.id)

    def fingerprint(self) -> Fingerprint:
        """Settings of a section that the keys of its stages hash. Raises NewerFormatError, ConfigError."""
        if self.hashing == CHANGES:
            return changes
        if self.hashing == WHOLE:
            return as_recorded(self.experiment, self.config)
        raise NewerFormatError(
            f"This DeepVID knows keys that are hashed in the ways {WHOLE} and {CHANGES}",
            f"way {self.hashing} in {self.id}",
            "Install a newer DeepVID",
        )


def identity_for(experiment: Experiment, store: Path) -> Identity:
    """Of the run with this very configuration, settings that it was created without at their defaults.

    What the description leaves out means what it does today, or did when a run was created: no changed
    default keeps a run that was begun from being continued as it began. Where several have it, the one that
    the experiment would be named after today comes first. A run that cannot be read is none of them.
    """
    newest = run_id(experiment)
    runs = list(_runs_named(experiment.name, store, first=newest))
    for meaning in meanings(experiment):
        for run in runs:
            if _created_with(run, meaning):
                return identity_of(run)
    return Identity(newest, experiment.model_dump(mode="json"), CHANGES)


def _runs_named(name: str, store: Path, *, first: str) -> Iterator[Run]:
    """The runs of an experiment of that name that can be read and written, `first` before the others."""
    for listing in sorted(list_runs(store), key=lambda run: run.id != first):
        if listing.summary.get("name") == name and not listing.read_only:
            with suppress(DeepVIDError):  # damaged before its last line, which a listing does not see
                yield open_run(listing.path)


def identity_of(run: Run) -> Identity:
    """Of a run that there is."""
    return Identity(run.id, run.config, run.hashing)


def _created_with(run: Run, experiment: Experiment) -> bool:
    try:
        return Experiment.model_validate(run.config) == experiment
    except ValidationError:  # of settings that there are no more
        return False
