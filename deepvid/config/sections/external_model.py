"""A teacher that somebody else has trained: where it is, its name, what it takes and what it gives."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from deepvid.config import names
from deepvid.config.sections.section import Positive, Section, Several
from deepvid.config.sections.teacher import TRAINED, Teacher

Side = Annotated[int, Field(ge=1, le=1024)]
Size = Annotated[
    tuple[Side, Side], BeforeValidator(lambda size: (size, size) if isinstance(size, int) else size)
]


def _of_a_module(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", text):
        raise ValueError("must be module:name of Python, such as my_net:build")
    return text


Entry = Annotated[str, AfterValidator(_of_a_module)]


class Input(Section):
    """Input of the model, made from images in [0, 1] with the channels last."""

    range: Literal[1, 255] = Field(1, description="value of white")
    mean: Annotated[tuple[float, ...], Several] = Field(
        (), description="subtracted from each channel, in units of the range; empty: nothing"
    )
    std: Annotated[tuple[Positive, ...], Several] = Field(
        (), description="divides each channel after that; empty: nothing"
    )
    layout: names.Layout = Field("auto", description="axis of the channels; auto: as its framework has it")
    channels: names.Channels = Field("as stored", description="channels after conversion")
    size: Size | None = Field(None, description="[y, x] to resize images to; None: unchanged")


class Output(Section):
    """Output of the model."""

    kind: names.OutputKind = Field(
        "auto",
        description="logits; probabilities, of one label; sigmoid, one output for the second of two classes; "
        "independent, a sigmoid a class; auto: probabilities where each row sums to 1, else logits",
    )
    classes: tuple[str, ...] | None = Field(
        None, description="the model's order of the classes, if it differs from that of the images"
    )


class ExternalModel(Section):
    """A classifier that is asked as it is."""

    stage: ClassVar[str] = "teacher"
    words: ClassVar[str] = "asking the model"

    source: str = ""
    input: Input = Field(Input(), description="what it takes, below")
    output: Output = Field(Output(), description="what it gives, below")
    sha256: str | None = Field(None, description="of the model; a run fills it in")


class Table(ExternalModel):
    """The answers of a model to the images, without the model."""

    source: Literal["predictions"] = "predictions"
    path: Path = Field(description=".npz, .csv, .tsv or .parquet file with the answers, one row per image")


class Onnx(ExternalModel):
    """A network in an ONNX file, which travels inside the run."""

    source: Literal["onnx"] = "onnx"
    path: Path = Field(description="self-contained .onnx file")
    features: str | None = Field(None, description="tensor that the last layer reads; None: DeepVID finds it")


class Torch(ExternalModel):
    """A PyTorch module."""

    source: Literal["torch"] = "torch"
    entry: Entry | None = Field(None, description="`module:factory` that makes it; None: the object itself")
    weights: Path | None = Field(None, description=".safetensors, or what torch.save wrote of a state_dict")
    features: str | None = Field(
        None, description="layer that gives the features; None: what the last one reads"
    )


class ExportedProgram(ExternalModel):
    """A program that torch.export saved."""

    source: Literal["pt2"] = "pt2"
    path: Path = Field(
        description=".pt2 file: loading it may run code, so use only files from people you trust"
    )


class Keras(ExternalModel):
    """A Keras 3 model."""

    source: Literal["keras"] = "keras"
    path: Path | None = Field(None, description=".keras file from people you trust; None: the object itself")
    features: str | None = Field(
        None, description="layer that gives the features; None: what the last one reads"
    )


class Flax(ExternalModel):
    """A Flax module, NNX or Linen."""

    source: Literal["flax"] = "flax"
    entry: Entry | None = Field(None, description="`module:factory` that makes it; None: the object itself")
    weights: Path | None = Field(None, description=".safetensors file or Orbax checkpoint")
    features: str | None = Field(
        None, description="layer that gives the features; None: what the last one reads"
    )


class Function(ExternalModel):
    """A Python function from images to logits or probabilities."""

    source: Literal["function"] = "function"
    entry: Entry | None = Field(None, description="`module:callable`; None: the callable itself")
    version: str | None = Field(
        None, description="change it whenever the function changes; None: every run queries it again"
    )


def _source(teacher: Any) -> str:
    if isinstance(teacher, Mapping):
        return str(teacher.get("source", TRAINED))
    return str(getattr(teacher, "source", TRAINED))


AnyTeacher = Annotated[
    Annotated[Teacher, Tag(TRAINED)]
    | Annotated[Table, Tag("predictions")]
    | Annotated[Onnx, Tag("onnx")]
    | Annotated[Torch, Tag("torch")]
    | Annotated[ExportedProgram, Tag("pt2")]
    | Annotated[Keras, Tag("keras")]
    | Annotated[Flax, Tag("flax")]
    | Annotated[Function, Tag("function")],
    Discriminator(_source),
]


def name_of(section: ExternalModel) -> str:
    """Name of the model for people: its file's name, its `module:name`, or the kind of object it is."""
    path, entry = getattr(section, "path", None), getattr(section, "entry", None)
    return path.name if path is not None else entry or f"a {section.source} object"


def settings_of(section: ExternalModel) -> dict[str, Any]:
    """As a person writes them: what is not given is left out."""
    return {"source": section.source, **section.model_dump(mode="json", exclude_defaults=True)}


def teacher_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a teacher: the input and output of a model in places of their own, the rest as given."""
    left = dict(given)
    parts = {"input": Input.model_fields, "output": Output.model_fields}
    taken = {
        part: {name: left.pop(name) for name in fields if name in left} for part, fields in parts.items()
    }
    return {**left, **{part: settings for part, settings in taken.items() if settings}}


def named_after(model: str | Path) -> str:
    """A name for the experiment that explains it."""
    text = str(model)
    stem = text.replace(":", "_").replace(".", "_") if ":" in text else Path(text).stem
    return re.sub(r"[^a-z0-9_-]+", "_", stem.lower()).strip("_-")[:48] or "model"
