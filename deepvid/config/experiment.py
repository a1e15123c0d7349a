"""What an experiment is: every setting with its limits, units and default."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from deepvid.config import names

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    """A part of an experiment: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Dataset(Section):
    """Where the images come from, and how many of them are used."""

    source: names.Source = "fashion_mnist_small"
    path: Path | None = Field(None, description="file (arrays, quickdraw, cifar10) or folder (folder)")
    train: Count | None = Field(None, description="training images to use, stratified; None: all")
    test: Count | None = Field(None, description="test images to use, stratified; None: all")
    test_share: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.2, description="share held out, stratified, where a source has no split of its own"
    )
    swap: bool = Field(False, description="pool both splits and draw train and test anew, stratified")

    @model_validator(mode="after")
    def _local_sources_need_a_path(self) -> "Dataset":
        if self.source in ("arrays", "folder") and self.path is None:
            raise ValueError(f"source = {self.source!r} needs a path")
        return self


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
    hidden: tuple[Count, ...] = Field((256, 64), min_length=1)


Network = Annotated[ResNet | ResNet50 | Mlp, Field(discriminator="kind")]


class Teacher(Section):
    """The classifier under study and how it is trained."""

    network: Network = ResNet()
    epochs: Count = 6
    batch: Count = 64
    optimizer: names.Optimizer = "adamw"
    learning_rate: Positive = 5e-3
    schedule: names.Schedule = "one_cycle"
    weight_decay: NonNegative = 0.05
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    dropout: Annotated[float, Field(ge=0, lt=1)] = Field(0.0, description="before the last layer")

    @field_validator("network", mode="before")
    @classmethod
    def _resnet_unless_told(cls, network: object) -> object:
        return {"kind": "resnet", **network} if isinstance(network, dict) else network


class Vae(Section):
    """The variational autoencoder whose latent space neighbors are drawn in."""

    latent: Annotated[int, Field(ge=1, le=1024)] = 20
    width: Count = Field(64, description="channels of the first convolution")
    hidden: Count = Field(256, description="units of the dense layer on either side of the latent")
    epochs: Count = 14
    batch: Count = 128
    learning_rate: Positive = Field(6e-3, description="highest of one cycle, for Adam")
    beta: NonNegative = Field(1.0, description="weight of the KL term")
    warmup: Annotated[float, Field(ge=0)] = Field(1.0, description="epochs over which beta grows from 0")
    likelihood: names.Likelihood = Field(
        "gaussian",
        description="gaussian: one learned variance of all pixels, sharper pictures than bernoulli",
    )


class Projection(Section):
    """One map of the samples."""

    method: names.ProjectionMethod = "tsne"
    of: names.ProjectionInput = "features"
    dimensions: Literal[2, 3] = 2
    samples: Literal["test", "all"] = "test"
    perplexity: Annotated[float, Field(gt=1)] = Field(30.0, description="t-SNE")
    neighbors: Annotated[int, Field(ge=2)] = Field(15, description="UMAP")
    min_distance: Annotated[float, Field(ge=0, le=1)] = Field(0.1, description="UMAP")

    @property
    def name(self) -> str:
        """Names the map everywhere: `tsne-features-2d`."""
        return f"{self.method}-{self.of}-{self.dimensions}d"


class Students(Section):
    """How students are fitted around samples. Formulas: `docs/architecture.md`, "Students"."""

    images: str = Field(
        "misclassified",
        pattern=r"^(misclassified|all|\d+(,\d+)*|class:\d+|confusion:\d+,\d+)$",
        description="misclassified | all | 0,5,17 | class:3 | confusion:6,0 (true, predicted)",
    )
    limit: Annotated[int, Field(ge=0)] | None = Field(None, description="most students to fit; None: all")
    neighbors: Annotated[int, Field(ge=20, le=20_000)] = Field(500, description="held-out ones included")
    held_out: Annotated[float, Field(gt=0, lt=1)] = Field(0.2, description="share of the neighbors")
    band: NonNegative | tuple[NonNegative, ...] = Field(
        0.6, description="half-width in standard deviations of each latent; one, or one a dimension"
    )
    distribution: names.Distribution = "uniform"
    neighborhood: names.Neighborhood = "residual"
    temperature: Annotated[float, Field(ge=1)] = 2.0
    l2: Positive = 1e-4
    l1: NonNegative = 0.0
    total_variation: NonNegative = 0.0
    smoothness: tuple[NonNegative, ...] = Field(
        (0.0, 10.0), min_length=1, description="one fit each; 0 is plain L2, 10 shows shapes"
    )
    locality: Positive | None = Field(None, description="width of the locality kernel; None: all equal")
    solver: names.Solver = "exact"
    steps: Count = Field(200, description="full-batch steps of an optimizer that is not `exact`")
    learning_rate: Positive = Field(0.01, description="of an optimizer that is not `exact`")
    gradient_neighbors: Annotated[int, Field(ge=0)] = Field(
        100, description="neighbors the gradient is averaged over; 0: no gradient"
    )


class Experiment(Section):
    """One experiment: everything that decides what a run contains."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,47}$")
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    dataset: Dataset = Dataset()
    teacher: Teacher = Teacher()
    vae: Vae = Vae()
    projections: tuple[Projection, ...] = (Projection(),)
    students: Students = Students()

    @field_validator("projections")
    @classmethod
    def _distinct(cls, projections: tuple[Projection, ...]) -> tuple[Projection, ...]:
        found = [projection.name for projection in projections]
        if len(set(found)) < len(found):
            raise ValueError(f"two projections have one name: {', '.join(found)}")
        return projections
