"""The teacher: its network, and how it is trained."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from deepvid.config import names
from deepvid.config.sections.changes import AnyChange, Stop
from deepvid.config.sections.section import Count, NonNegative, Positive, Section, Several


class ResNet(Section):
    """Residual network of basic blocks. Source: He et al. (2016), section 4.2."""

    kind: Literal["resnet"] = "resnet"
    depth: Annotated[int, Field(ge=8, le=200)] = Field(8, description="6n + 2 layers")
    width: Annotated[int, Field(ge=1, le=1024)] = Field(16, description="channels of the first stage")

    @field_validator("depth")
    @classmethod
    def _whole_blocks(cls, depth: int) -> int:
        if (depth - 2) % 6:
            near = max(8, round((depth - 2) / 6) * 6 + 2)
            raise ValueError(f"must be 6n + 2 (8, 14, 20, ...); the nearest is {near}")
        return depth


class ResNet50(Section):
    """Bottleneck residual network of 50 layers. Source: He et al. (2016), table 1."""

    kind: Literal["resnet50"] = "resnet50"
    width: Annotated[int, Field(ge=1, le=1024)] = Field(64, description="channels of the stem")
    stem: Literal["7x7", "3x3"] = Field("3x3", description="7x7 stride 2 with pooling, or 3x3 stride 1")


class Mlp(Section):
    """Multilayer perceptron on flattened pixels."""

    kind: Literal["mlp"] = "mlp"
    hidden: Annotated[tuple[Count, ...], Several] = Field(
        (256, 64), min_length=1, description="units of each layer, from the image to the features"
    )


Network = Annotated[ResNet | ResNet50 | Mlp, Field(discriminator="kind")]


TRAINED = "trained"
"""The source of a teacher that DeepVID trains, which needs not be said."""


class Teacher(Section):
    """The classifier under study and how it is trained."""

    stage: ClassVar[str] = "teacher"
    words: ClassVar[str] = "training the teacher"
    source: ClassVar[str] = TRAINED

    network: Network = Field(ResNet(), description="kind and size, below")
    epochs: Count = Field(6, description="passes over the training images; the run keeps each")
    batch: Count = Field(64, description="images per step")
    optimizer: names.Optimizer = Field("adamw", description="from optax, with its usual settings")
    learning_rate: Positive = Field(5e-3, description="peak of the schedule")
    schedule: names.Schedule = Field("one_cycle", description="how the learning rate goes over the steps")
    weight_decay: NonNegative = Field(0.05, description="of kernels, not of biases and scales")
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0, description="share of each label that is spread over all classes"
    )
    dropout: Annotated[float, Field(ge=0, lt=1)] = Field(0.0, description="before the last layer")
    changes: tuple[AnyChange, ...] = ()  # with any, the run is a fork of the one without

    @property
    def trained_epochs(self) -> int:
        """Epochs that are trained: all, unless a change ends it."""
        return min([self.epochs, *(change.after for change in self.changes if isinstance(change, Stop))])

    @field_validator("changes")
    @classmethod
    def _in_order(cls, changes: tuple[AnyChange, ...]) -> tuple[AnyChange, ...]:
        """By epoch: in whatever order they are written, they make one training."""
        return tuple(sorted(changes, key=lambda change: change.after))

    @model_validator(mode="after")
    def _within_the_training(self) -> "Teacher":
        for change in self.changes:
            if change.after >= self.epochs:
                raise ValueError(
                    f"changes must come before the last of its {self.epochs} epochs: "
                    f"{change.action} is after {change.after}"
                )
            if isinstance(change, Stop) and change.after == 0:
                raise ValueError("changes must leave an epoch: stop is after 0")
        return self

    @model_validator(mode="before")
    @classmethod
    def _trained_unless_told(cls, settings: Any) -> Any:
        if isinstance(settings, Mapping) and settings.get("source") == TRAINED:
            return {name: value for name, value in settings.items() if name != "source"}
        return settings

    @field_validator("network", mode="before")
    @classmethod
    def _resnet_unless_told(cls, network: object) -> object:
        return {"kind": "resnet", **network} if isinstance(network, dict) else network
