"""The causes of errors."""

from typing import ClassVar

from pydantic import Field

from deepvid.config.sections.section import Count, Section, Whole


class Causes(Section):
    """Why each misclassified image is wrong; `causes = false` leaves it out."""

    stage: ClassVar[str] = "causes"
    words: ClassVar[str] = "finding causes of errors"

    limit: Whole = Field(
        1500,
        description="errors whose places the teacher is asked about, at most, of the test and again of the "
        "training images: the most confident first; the others have the causes that need no asking",
    )


class Modes(Section):
    """Kinds of mistakes among misclassified test images; `modes = false` leaves them out."""

    stage: ClassVar[str] = "modes"
    words: ClassVar[str] = "finding kinds of mistakes"

    count: Count = Field(12, description="kinds of mistakes, at most")
