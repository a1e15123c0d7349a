"""The explanations."""

from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from deepvid.config import names
from deepvid.config.sections.section import Section, Share
from deepvid.config.sections.students import CHOICES, Images, Most


def _one(value: object) -> object:
    return tuple(value.replace(" ", "").split(",")) if isinstance(value, str) else value


class Explanations(Section):
    """How errors are explained beside their students, and how each explanation is measured."""

    stage: ClassVar[str] = "explanations"
    words: ClassVar[str] = "explaining errors"

    images: Images = Field("misclassified", description=f"those that have a student, of {CHOICES}")
    limit: Most = Field(None, description="most images to explain; all: no limit")
    methods: Annotated[tuple[names.Explanation, ...], BeforeValidator(_one)] = Field(
        (
            "student",
            "student_times_input",
            "neighborhood_gradient",
            "gradient",
            "integrated_gradients",
            "hirescam",
            "occlusion",
            "random",
            "image",
        ),
        min_length=1,
        description="methods that do not apply to the network are left out; random and image are controls",
    )
    judged: Share = Field(
        0.2, description="share of the images, drawn at random, with deletion and insertion curves"
    )
