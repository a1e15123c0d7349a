"""The maps of every epoch."""

from typing import Annotated, ClassVar

from pydantic import Field

from deepvid.config import names
from deepvid.config.sections.section import Count, Section


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
