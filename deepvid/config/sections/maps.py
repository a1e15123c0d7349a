"""The maps: of the samples, and of every epoch."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from deepvid.config import names
from deepvid.config.sections.section import Count, Section


class Projection(Section):
    """One map of the samples."""

    stage: ClassVar[str] = "projection"
    words: ClassVar[str] = "computing the map"

    method: names.ProjectionMethod = Field("tsne", description="how the samples are laid out")
    of: names.ProjectionInput = Field(
        "features",
        description="penultimate layer of the teacher, pixels, or means of the autoencoder's latent",
    )
    dimensions: Literal[2, 3] = Field(2, description="of the map")
    samples: Literal["test", "all"] = Field("test", description="images on the map")
    perplexity: Annotated[float, Field(gt=1)] = Field(
        30.0, description="t-SNE; of few images at most a third of the others"
    )
    neighbors: Annotated[int, Field(ge=2, lt=2**31)] = Field(
        15, description="UMAP; of few images at most all others"
    )
    min_distance: Annotated[float, Field(ge=0, le=1)] = Field(0.1, description="UMAP")

    @property
    def name(self) -> str:
        """Names the map everywhere: `tsne-features-2d`."""
        return f"{self.method}-{self.of}-{self.dimensions}d"


class TimeTravel(Section):
    """A map of each epoch of the teacher, tied to the one before, and what it decides everywhere on it."""

    stage: ClassVar[str] = "time-travel"
    words: ClassVar[str] = "mapping every epoch"

    form: names.TimeTravelForm = Field(
        "parametric",
        description="networks that also project what is new, a t-SNE layout with a decoder, the published "
        "form of DeepVisualInsight, or that of TimeVis",
    )
    training: Count = Field(10_000, description="training images on the maps, at most; drawn once")
    test: Count = Field(10_000, description="test images on the maps, at most; drawn once")
    boundary: Annotated[int, Field(ge=0, le=100_000)] = Field(
        1000,
        description="images on the decision boundary that each map is fitted to, and as many others "
        "that it is measured with",
    )
    steps: Count = Field(1500, description="of the parametric form, and of the layout's decoder")
    resolution: Annotated[int, Field(ge=100, le=400)] = Field(
        150, description="cells of a landscape along each side"
    )

    @property
    def name(self) -> str:
        """Names its maps everywhere."""
        return self.form
