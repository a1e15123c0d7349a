"""A teacher that somebody else has trained: where it is, what it takes and what it gives."""

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
    """What the model takes, made from images in [0, 1] with the channels last."""

    range: Literal[1, 255] = Field(1, description="white")
    mean: Annotated[tuple[float, ...], Several] = Field(
        (), description="taken from each channel, in units of the range; none: nothing is"
    )
    std: Annotated[tuple[Positive, ...], Several] = Field(
        (), description="that each channel is divided by, then; none: by nothing"
    )
    layout: names.Layout = Field(
        "auto", description="where the channels are; auto: where its framework has them"
    )
    channels: names.Channels = Field("as stored", description="what they are made into")
    size: Size | None = Field(None, description="[y, x] that images are resized to; None: as they are")


class Output(Section):
    """What the model gives."""

    kind: names.OutputKind = Field(
        "auto", description="auto: probabilities where each row is one, else logits"
    )
    classes: tuple[str, ...] | None = Field(
        None, description="the model's order of the classes, where it is another than that of the images"
    )


class ExternalModel(Section):
    """A classifier that is asked as it is."""

    stage: ClassVar[str] = "teacher"
    words: ClassVar[str] = "asking the model"

    source: str = ""
    input: Input = Field(Input(), description="what it takes, below")
    output: Output = Field(Output(), description="what it gives, below")
    sha256: str | None = Field(None, description="of the model; filled in when a run begins")


class Table(ExternalModel):
    """The answers of a model to the images, without the model."""

    source: Literal["predictions"] = "predictions"
    path: Path = Field(description=".npz, .csv or .parquet file with the answers, an image a row")


class Onnx(ExternalModel):
    """A network in an ONNX file, which travels inside the run."""

    source: Literal["onnx"] = "onnx"
    path: Path = Field(description=".onnx file, whole in itself")
    features: str | None = Field(None, description="tensor that the last layer reads; None: found")


class Torch(ExternalModel):
    """A PyTorch module."""

    source: Literal["torch"] = "torch"
    entry: Entry | None = Field(None, description="`module:factory` that makes it; None: an object was given")
    weights: Path | None = Field(None, description=".safetensors, or what torch.save wrote of a state_dict")
    features: str | None = Field(
        None, description="layer that gives the features; None: what the last one reads"
    )


class Exported(ExternalModel):
    """A program that torch.export saved."""

    source: Literal["pt2"] = "pt2"
    path: Path = Field(description=".pt2 file: loading it runs code, so only files of people you trust")


class Keras(ExternalModel):
    """A Keras 3 model."""

    source: Literal["keras"] = "keras"
    path: Path | None = Field(None, description=".keras file, of people you trust; None: an object was given")
    features: str | None = Field(
        None, description="layer that gives the features; None: what the last one reads"
    )


class Flax(ExternalModel):
    """A Flax module, NNX or Linen."""

    source: Literal["flax"] = "flax"
    entry: Entry | None = Field(None, description="`module:factory` that makes it; None: an object was given")
    weights: Path | None = Field(None, description=".safetensors file or Orbax checkpoint")
    features: str | None = Field(
        None, description="layer that gives the features; None: what the last one reads"
    )


class Function(ExternalModel):
    """A Python function from images to logits or probabilities."""

    source: Literal["function"] = "function"
    entry: Entry | None = Field(None, description="`module:callable`; None: a callable was given")
    version: str | None = Field(
        None, description="changes whenever the function does; None: it is asked anew every time"
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
    | Annotated[Exported, Tag("pt2")]
    | Annotated[Keras, Tag("keras")]
    | Annotated[Flax, Tag("flax")]
    | Annotated[Function, Tag("function")],
    Discriminator(_source),
]
