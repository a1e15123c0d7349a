"""The maps."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from deepvid.config import names
from deepvid.config.sections.section import Section


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
    perplexity: Annotated[float, Field(gt=1)] = Field(30.0, description="t-SNE")
    neighbors: Annotated[int, Field(ge=2, lt=2**31)] = Field(15, description="UMAP")
    min_distance: Annotated[float, Field(ge=0, le=1)] = Field(0.1, description="UMAP")

    @property
    def name(self) -> str:
        """Names the map everywhere: `tsne-features-2d`."""
        return f"{self.method}-{self.of}-{self.dimensions}d"
