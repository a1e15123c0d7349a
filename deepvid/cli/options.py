"""Options and arguments that several commands share, and options that are the settings of a section."""

import inspect
import json
import os
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
from pydantic.fields import FieldInfo

from deepvid.config.reading import experiment_from, value_of
from deepvid.config.sections.external_model import settings_of
from deepvid.config.sections.section import Section
from deepvid.errors import ConfigError, MissingExtraError, StoreError, UserError
from deepvid.wording import command

if TYPE_CHECKING:
    from deepvid import store
    from deepvid.pipeline.user_model import UserModel


def require_address(text: str) -> str:
    """Raises `UserError` for an empty text, as of a variable that is not set: it is no folder one is in."""
    if not text:
        raise UserError("A store or a run has an address", "an empty text", "Name a folder or a file")
    return text


def folder(text: str | Path) -> Path:
    """Raises `UserError` for a URL, for a run is only written on this machine, and for an empty text."""
    if "://" in str(text):
        raise UserError(
            "Runs are written to a folder of this machine",
            str(text),
            "Give a folder; list, show and serve also read URLs",
        )
    return Path(require_address(str(text)))


Store = Annotated[
    Path,
    typer.Option(
        "--store",
        envvar="DEEPVID_STORE",
        help="Where runs are kept.",
        show_default=True,
        parser=folder,
        metavar="PATH",
    ),
]
ReadStore = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="DEEPVID_STORE",
        help="Where runs are kept: a folder, an archive or a URL.",
        show_default=True,
        parser=require_address,
        metavar="PATH|URL",
    ),
]
DEFAULT_STORE = Path("runs")
READ_STORE = str(DEFAULT_STORE)


def existing(text: str | Path) -> Path:
    """Raises `UserError` unless it is a folder."""
    path = Path(require_address(str(text)))
    if not path.is_dir():
        found = f"{str(path)!r} {'is a file' if path.exists() else 'does not exist'}"
        raise UserError("--data names a folder", found, "Correct the path, or leave --data out")
    return path


def port(text: str | int) -> int:
    """Raises `UserError` for what is no port."""
    number = str(text)
    if not number.isdecimal() or not 1 <= int(number) <= 65535:
        raise UserError("A port is a number from 1 to 65535", repr(number), "Give one, such as --port 5006")
    return int(number)


Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        parser=existing,
        metavar="PATH",
        help="Where data sets are looked for first; $DEEPVID_DATA is next.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
ReadRun = Annotated[
    str, typer.Argument(help="A run's id, the beginning of one, or its folder; an archive; a URL.")
]
Run = Annotated[str, typer.Argument(help="A run's id, the beginning of one, or its folder.")]


def print_json(value: Any) -> None:
    """One JSON document on standard output; what is not JSON is written as text."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write(os.linesep)


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
    """The model that the options name; None: they name none. Raises ConfigError for what is no model."""
    if model is None:
        return None
    from deepvid.adapters.catalogue import section_of
    from deepvid.pipeline.user_model import named_in

    teacher = settings_of(section_of(model, weights=weights))
    return named_in(experiment_from({"name": "model", "teacher": teacher}, origin="--model"))


def named_for(run: "store.Run", named: "UserModel | None") -> "UserModel | None":
    """The same for one run. Raises ConfigError where it explains another model."""
    known = None if named is None else named.of_run(run)
    if named is not None and known is None:
        raise ConfigError(
            "--model names the classifier that the run explains",
            f"{named.name} for {run.id}",
            "Name that one, or leave --model out",
        )
    return known


def writable(store: str, run: str, what: str) -> Path:
    """The folder of a run. Raises StoreError for an archive, or one behind a URL, which lacks `what`."""
    from deepvid.store import find_address, find_run, open_run

    if (known := open_run(find_address(store, run))).read_only:
        raise StoreError(
            f"{what} computed into a run that can be written to",
            f"{known.id}, which is read-only and has none",
            f"Import it into a store first: {command('import', run)}",
        )
    return find_run(store, run)


def scheduler(text: str) -> str:
    """Raises `UserError` for what is no address of a scheduler; nothing is opened."""
    from deepvid.pipeline.cluster import require_scheduler

    return require_scheduler(text)


Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        parser=scheduler,
        metavar="tcp://HOST:PORT|local:N",
        help="Of a Dask cluster, whose workers compute students and explanations.",
    ),
]

COMPUTE = (
    "jax",
    "flax",
    "jaxtyping",
    "openTSNE",
    "optax",
    "pooch",
    "scipy",
    "sklearn",
    "threadpoolctl",
    "umap",
)


def require_compute(what: str) -> None:
    """Raises `MissingExtraError` where a package of deepvid[compute] is absent; imports none."""
    for module in COMPUTE:
        if find_spec(module) is None:
            raise MissingExtraError.of(what, "compute", module)


def with_settings(command: Any, *sections: type[Section]) -> Any:
    """The command with one option for every field of some sections in the place of its `**settings`."""
    fields = [item for section in sections for item in section.model_fields.items()]
    return _with(command, [_option(name, field) for name, field in fields])


def with_options(command: Any, options: Any) -> Any:
    """The command with the parameters of the function `options` in the place of its `**options`."""
    return _with(command, list(inspect.signature(options).parameters.values()))


def _with(command: Any, parameters: list[inspect.Parameter]) -> Any:
    signature = inspect.signature(command)
    kept = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    command.__signature__ = signature.replace(parameters=_in_order([*parameters, *kept]))
    return command


def given_in(settings: Mapping[str, str | None], section: type[Section]) -> dict[str, Any]:
    """The values of those options that were given."""
    fields = section.model_fields
    return {
        name: value_of(text, [fields[name]])
        for name, text in settings.items()
        if text is not None and name in fields
    }


def _in_order(parameters: list[inspect.Parameter]) -> list[inspect.Parameter]:
    """Those that must be given come first, as Python wants them; options by name come last."""
    return sorted(parameters, key=lambda one: (one.kind, one.default is not inspect.Parameter.empty))


def _option(name: str, field: FieldInfo) -> inspect.Parameter:
    text = field.description or " | ".join(_names(field.annotation)) or None
    option = typer.Option("--" + name.replace("_", "-"), metavar="VALUE", help=text)
    annotation = Annotated[str | None, option]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _names(annotation: Any) -> list[str]:
    """The names that a field of literals allows."""
    if isinstance(annotation, str):
        return [annotation]
    return [name for part in get_args(annotation) for name in _names(part)]
