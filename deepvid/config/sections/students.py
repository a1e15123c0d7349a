"""The students."""

from typing import Annotated, ClassVar, Self

from pydantic import Field

from deepvid.config import names
from deepvid.config.sections.section import Count, NonNegative, Positive, Section


class Students(Section):
    """How students are fitted around samples. Formulas: `docs/architecture.md`, "Students"."""

    stage: ClassVar[str] = "students"
    words: ClassVar[str] = "fitting students"

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

    def tiny(self) -> Self:
        return self.replaced(
            limit=4 if self.limit is None else min(self.limit, 4),
            neighbors=min(self.neighbors, 40),
            band=self.band[:4] if isinstance(self.band, tuple) else self.band,
            steps=min(self.steps, 20),
            gradient_neighbors=min(self.gradient_neighbors, 8),
        )
