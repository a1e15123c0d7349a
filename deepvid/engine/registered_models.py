"""The classifiers that the person who began this server named: an engine loads no other program."""

from deepvid.pipeline.user_model import UserModel
from deepvid.store import Run

_told: list[UserModel] = []


def register_model(named: UserModel) -> None:
    """From now on what is asked about a run of this classifier may ask it."""
    _told.append(named)


def registered_model(run: Run) -> UserModel | None:
    """The one that was named last for the classifier of a run; None: none was."""
    return next((known for named in reversed(_told) if (known := named.of_run(run)) is not None), None)
