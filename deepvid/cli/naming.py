"""`--model` of commands that work on a run: the classifier that it explains and does not hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deepvid.config.own import settings_of
from deepvid.config.reading import experiment_from
from deepvid.errors import ConfigError

if TYPE_CHECKING:
    from deepvid.pipeline.user_model import UserModel
    from deepvid.store import Run

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="The classifier itself, a file or module:name, where a run explains one that it does not hold: "
        "its program is only loaded because you name it here.",
    ),
]
Weights = Annotated[Path | None, typer.Option(metavar="PATH", help="Of --model: what it is trained to.")]


def named_model(model: str | None, weights: Path | None) -> "UserModel | None":
    """What the options name; None: nothing. Raises ConfigError for what is no model."""
    if model is None:
        return None
    from deepvid.adapters.catalogue import section_of
    from deepvid.pipeline.user_model import named_in

    teacher = settings_of(section_of(model, weights=weights))
    return named_in(experiment_from({"name": "model", "teacher": teacher}, origin="--model"))


def named_for(run: "Run", named: "UserModel | None") -> "UserModel | None":
    """The same for one run. Raises ConfigError where it explains another model."""
    known = None if named is None else named.of_run(run)
    if named is not None and known is None:
        raise ConfigError(
            "--model names the classifier that the run explains",
            f"{named.name} for {run.id}",
            "Name that one, or leave --model out",
        )
    return known
