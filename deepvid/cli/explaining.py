"""`deepvid explain` and `deepvid check-model`: a classifier that somebody has trained already."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic.fields import FieldInfo

from deepvid import config
from deepvid.cli.options import DEFAULT_STORE, Data, Scheduler, Store, require_compute
from deepvid.cli.printing import open_console
from deepvid.cli.running import Overrides, run_named
from deepvid.config import Experiment
from deepvid.config.experiment import with_enough_steps
from deepvid.config.names import Source
from deepvid.config.reading import experiment_with, value_of
from deepvid.config.sections.dataset import CSV, LARGEST, OWN, PARQUET, SMALLEST
from deepvid.config.sections.external_model import named_after, settings_of
from deepvid.errors import ConfigError, DataError
from deepvid.wording import path_hint

IMAGES_BY_SUFFIX = {".npz": "arrays", **dict.fromkeys((*CSV, *PARQUET), "table")}
INPUT, OUTPUT = config.Input.model_fields, config.Output.model_fields

Model = Annotated[
    str,
    typer.Argument(
        help="Data: model.onnx, predictions.npz, .csv, .tsv, .parquet. Programs, only of people you trust: "
        "program.pt2, model.keras, module:name.",
        show_default=False,
    ),
]
Pictures = Annotated[
    str,
    typer.Option(
        "--images",
        metavar="PATH|NAME",
        help="A folder with a folder a class, an .npz of images and labels, a .csv, .tsv or .parquet of "
        "files and labels, or a data set by its name. Labels may be missing: a folder of pictures will do.",
        show_default=False,
    ),
]
Weights = Annotated[Path | None, typer.Option(metavar="PATH", help="Of module:name: what it is trained to.")]
Layer = Annotated[
    str | None, typer.Option("--features", metavar="NAME", help="The layer that gives the features.")
]


def _setting(name: str, field: Any) -> Any:
    return typer.Option(f"--{name}", metavar="VALUE", help=f"{field.description}.")


Range = Annotated[str | None, _setting("range", INPUT["range"])]
Mean = Annotated[str | None, _setting("mean", INPUT["mean"])]
Std = Annotated[str | None, _setting("std", INPUT["std"])]
Layout = Annotated[str | None, _setting("layout", INPUT["layout"])]
Channels = Annotated[str | None, _setting("channels", INPUT["channels"])]
Takes = Annotated[str | None, _setting("takes", INPUT["size"])]
Gives = Annotated[str | None, _setting("gives", OUTPUT["kind"])]
Classes = Annotated[
    str | None,
    typer.Option(
        "--classes",
        metavar="A,B,...|PATH",
        help="All classes that the model knows, in the order of its outputs, or a .txt or .json file of "
        "their names; images may show some of them only, or have no labels.",
    ),
]
Size = Annotated[
    str | None,
    typer.Option(
        "--size",
        metavar="Y,X",
        help="that images are stored and shown at; more than 128 pixels: 64,64.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="Begins the run's id; otherwise the model's name."),
]


def explain(
    name: Name = None,
    store: Store = DEFAULT_STORE,
    data: Data = None,
    overrides: Overrides = None,
    scheduler: Scheduler = None,
    **options: Any,
) -> None:
    """Explain MODEL, as it stands, on images of your own: a run of its answers, its map and its students.

    Every image is shown. MODEL is asked and never trained; a program is only loaded because you name it here.
    """
    require_compute("deepvid explain")
    from deepvid.adapters.parameters import as_option, respell_errors
    from deepvid.pipeline.checked import with_classes, with_stored_size

    with respell_errors(as_option):
        described = with_stored_size(_described(**options, name=name, overrides=overrides), data=data)
        run_named(with_classes(described, data=data), store, data=data, scheduler=scheduler)


def check_model(data: Data = None, **options: Any) -> None:
    """Ask MODEL about some of the images and say what can be explained of it; nothing is stored."""
    require_compute("deepvid check-model")
    from deepvid.adapters.parameters import as_option, respell_errors
    from deepvid.pipeline.checked import checked, with_classes, with_stored_size

    with respell_errors(as_option):
        described, console = with_stored_size(_described(**options), data=data), open_console()
        experiment = with_classes(described, data=data)
        for line in checked(experiment, data=data):
            console.print(f"{line}.", soft_wrap=True)


def options(
    model: Model,
    images: Pictures,
    weights: Weights = None,
    features: Layer = None,
    mean: Mean = None,
    std: Std = None,
    range_: Range = None,
    layout: Layout = None,
    channels: Channels = None,
    takes: Takes = None,
    gives: Gives = None,
    classes: Classes = None,
    size: Size = None,
) -> None:
    """Options of both commands, for their signatures."""


def _described(
    *,
    model: str,
    images: str,
    weights: Path | None,
    features: str | None,
    gives: str | None,
    classes: str | None,
    size: str | None,
    name: str | None = None,
    overrides: list[str] | None = None,
    **taken: str | None,
) -> Experiment:
    """The experiment that the options describe; `taken` are those of `config.Input`, by their options."""
    from deepvid.adapters.catalogue import section_of

    names = {"range_": "range", "takes": "size"}
    texts = {names.get(option, option): text for option, text in taken.items()}
    resized = {} if size is None else {"size": _stored_size(size)}
    dataset: dict[str, Any] = {"test_share": 1, **_dataset(images), **resized}
    if classes:
        dataset["classes"] = class_names(classes)
    input = {name: _value(text, INPUT[name]) for name, text in texts.items() if text is not None}
    teacher = {
        **settings_of(section_of(model, weights=weights)),
        **_given(features=features, input=input or None, output=_given(kind=gives) or None),
    }
    table = {"name": name or named_after(model), "dataset": dataset, "teacher": teacher}
    return with_enough_steps(experiment_with(table, overrides or (), origin="the options"))


def _stored_size(text: str) -> Any:
    """Raises ConfigError for more than images are stored at, which the model may take all the same."""
    size = _value(text, config.Dataset.model_fields["size"])
    sides = size if isinstance(size, list) else [size]
    if all(isinstance(side, int) for side in sides) and max(sides) > LARGEST:
        raise ConfigError(
            f"Images are stored, and students fitted, at {SMALLEST} to {LARGEST} pixels a side",
            f"--size {text}",
            f"Give --size {LARGEST} at most, and --takes {text} for what the model takes: "
            "the run says how often both sizes get the same class",
        )
    return size


def _given(**settings: Any) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


def _value(text: str, field: FieldInfo) -> Any:
    """Of a setting as people write it on a command line: several numbers stand with commas between them."""
    parts = text.strip("[] ").split(",")
    try:
        numbers = [float(part) if "." in part or "e" in part.lower() else int(part) for part in parts]
    except ValueError:
        return value_of(text, [field])
    return numbers if len(numbers) > 1 else numbers[0]


def _dataset(images: str) -> dict[str, Any]:
    path = Path(images).expanduser()
    if path.is_dir():
        return {"source": "folder", "path": images}
    if kind := IMAGES_BY_SUFFIX.get(path.suffix.lower()):
        return {"source": kind, "path": images}
    if images not in get_args(Source):
        raise DataError(
            f"--images is a folder of pictures, a file ({', '.join(IMAGES_BY_SUFFIX)}), or a data set: "
            f"{', '.join(sorted({*get_args(Source)} - OWN))}",
            f"{images}, which is none of them{path_hint(images)}",
            "Correct the path, or convert the file",
        )
    return {"source": images}


_MUST = "A file of class names is text with a name a line, or JSON: a list, or names by their numbers"


def class_names(text: str) -> list[str]:
    """Of `A,B,...`, or of the file of that path; repeated ones are numbered.

    Raises DataError for a file that is no list of names.
    """
    from deepvid.datasets.conversion import distinct_names

    path = Path(text)
    names = _in_file(path) if path.suffix.lower() in (".txt", ".json") else text.split(",")
    while names and not names[-1].strip():
        names.pop()
    return list(distinct_names(name.strip() for name in names))


def _in_file(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return _in_json(json.loads(text)) if path.suffix.lower() == ".json" else text.splitlines()
    except (OSError, ValueError, RecursionError) as error:
        found = error.strerror if isinstance(error, OSError) else error
        raise DataError(_MUST, f"{path}: {found}", "Give one, in the order of the model's outputs") from error


def _in_json(found: Any) -> list[str]:
    """Of a list, or of a mapping from numbers; a value may be a pair whose last part is the name."""
    if isinstance(found, Mapping):
        found = [found[number] for number in sorted(found, key=int)]
    if not isinstance(found, list):
        raise ValueError(f"a {type(found).__name__}")
    return [str(name[-1] if isinstance(name, list) and name else name) for name in found]
