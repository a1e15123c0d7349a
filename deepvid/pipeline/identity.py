"""Which run an experiment is: the one of the store that was created with it, or a new one."""

from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from deepvid.config import Experiment, experiment_from, run_id
from deepvid.config.hashing import Fingerprint, as_recorded, changes
from deepvid.errors import DeepVIDError, NewerFormatError
from deepvid.store import Run, list_runs, open_run

WHOLE, CHANGES = 1, 2
"""What a run's id and keys hash: whole sections as they were recorded, or what differs from the defaults."""


class Identity(NamedTuple):
    """What a run's first line says, or will say, of what it is."""

    id: str
    config: dict[str, Any]
    hashing: int

    def fingerprint(self) -> Fingerprint:
        """What of a section the keys of its stages hash. Raises NewerFormatError, ConfigError."""
        if self.hashing == CHANGES:
            return changes
        if self.hashing == WHOLE:
            return as_recorded(experiment_from(self.config, origin=self.id), self.config)
        raise NewerFormatError(
            f"This DeepVID knows keys that are hashed in the ways {WHOLE} and {CHANGES}",
            f"way {self.hashing} in {self.id}",
            "Install a newer DeepVID: pip install -U deepvid",
        )


def identity_for(experiment: Experiment, store: Path) -> Identity:
    """Of the run with this very configuration, settings that it was created without at their defaults.

    Where several have it, the one that the experiment would be named after today comes first. A run that
    cannot be read is none of them.
    """
    newest = run_id(experiment)
    for listing in sorted(list_runs(store), key=lambda run: run.id != newest):
        if listing.summary.get("name") != experiment.name or listing.read_only:
            continue
        try:
            run = open_run(listing.path)
        except DeepVIDError:  # damaged before its last line, which a listing does not see
            continue
        if _created_with(run, experiment):
            return identity_of(run)
    return Identity(newest, experiment.model_dump(mode="json"), CHANGES)


def identity_of(run: Run) -> Identity:
    """Of a run that there is."""
    return Identity(run.id, run.config, run.hashing)


def _created_with(run: Run, experiment: Experiment) -> bool:
    try:
        return Experiment.model_validate(run.config) == experiment
    except ValidationError:  # of settings that there are no more
        return False
