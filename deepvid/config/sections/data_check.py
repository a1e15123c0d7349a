"""The check of the data."""

from typing import ClassVar

from pydantic import Field

from deepvid.config.sections.section import Count, Section


class DataCheck(Section):
    """A look for faults of the images before anything is trained; `data_check = false` leaves it out."""

    stage: ClassVar[str] = "data-check"
    words: ClassVar[str] = "checking the images"

    lookups: Count = Field(
        10_000, description="test images that are looked for among the training images, at most; drawn once"
    )
