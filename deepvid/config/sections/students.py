"""The students, and the explanations beside them."""

import re
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field

from deepvid.config import names
from deepvid.config.sections.section import Count, NonNegative, Positive, Section, Several, Share, Whole

CHOICES = "misclassified | all | 0,5,17 | class:3 | confusion:6,0 (true, predicted)"
MOST = 300  # students unless told otherwise: minutes, also where a teacher is weak and images are large
_CHOICE = re.compile(r"misclassified|all|\d+(,\d+)*|class:\d+|confusion:\d+,\d+")


def _in_words(value: Any) -> Any:
    """Samples as a person lists them, 5 or [5, 17] or "5, 17", the way they are recorded."""
    if isinstance(value, list | tuple) and all(isinstance(index, int) for index in value):
        return ",".join(map(str, value))
    if isinstance(value, int):
        return str(value)
    return value.replace(" ", "").removesuffix(",") if isinstance(value, str) else value


def _known(images: str) -> str:
    if not _CHOICE.fullmatch(images):
        raise ValueError(f"must be one of {CHOICES}")
    return images


def _all(value: Any) -> Any:
    return None if value == "all" else value


Images = Annotated[str, BeforeValidator(_in_words), AfterValidator(_known)]
"""A choice of images."""
Most = Annotated[Whole | None, BeforeValidator(_all)]
"""How many at most; none: all."""


class Students(Section):
    """How students are fitted around samples. Formulas: `docs/architecture.md`, "Students"."""

    stage: ClassVar[str] = "students"
    words: ClassVar[str] = "fitting students"

    images: Images = Field(
        "misclassified", description=f"{CHOICES}; where images have no labels, misclassified is all of them"
    )
    limit: Most = Field(
        MOST,
        description="most students to fit: the most confident errors first, "
        "without labels the least certain images; all: no limit",
    )
    neighbors: Annotated[int, Field(ge=20, le=20_000)] = Field(500, description="held-out ones included")
    held_out: Annotated[float, Field(gt=0, lt=1)] = Field(0.2, description="share of the neighbors")
    band: NonNegative | tuple[NonNegative, ...] = Field(
        0.6, description="half-width in standard deviations of each latent; one, or one per dimension"
    )
    widening: Annotated[float, Field(ge=1)] = Field(
        4.0,
        description="largest factor that widens the band until the neighbors have other labels; 1: never",
    )
    commonest: Share = Field(
        0.8, description="share of the neighbors that one label may have before the band widens"
    )
    distribution: names.Distribution = Field("uniform", description="of the neighbors' latents in the band")
    neighborhood: names.Neighborhood = Field(
        "residual",
        description="residual: the image plus what the autoencoder changes; plain: what it decodes",
    )
    temperature: Annotated[float, Field(ge=1)] = Field(
        2.0, description="divides the teacher's logits, so that less probable classes count"
    )
    anchor: names.Anchor = Field(
        "jacobian",
        description="what l2 pulls the weights to: the teacher's mean Jacobian at its neighbors, or zero",
    )
    l2: Positive = Field(1e-3, description="weight of the squared distance of the weights from their anchor")
    l1: NonNegative = Field(0.0, description="weight of the absolute weights: few pixels matter")
    total_variation: NonNegative = Field(0.0, description="weight of differences of adjacent pixels: patches")
    smoothness: Annotated[tuple[NonNegative, ...], Several] = Field(
        (0.0, 10.0), min_length=1, description="one fit each; 0 is plain L2, 10 shows shapes"
    )
    locality: Positive | None = Field(None, description="width of the locality kernel; None: all equal")
    solver: names.Solver = Field("exact", description="exact: to the optimum; or an optimizer, to compare")
    steps: Count = Field(200, description="full-batch steps of an optimizer that is not `exact`")
    learning_rate: Positive = Field(0.01, description="of an optimizer that is not `exact`")
    gradient_neighbors: Whole = Field(
        25,
        description="neighbors to average the teacher's derivatives over; 0: none, and the anchor is zero",
    )


def _one(value: object) -> object:
    return tuple(value.replace(" ", "").split(",")) if isinstance(value, str) else value


class Explanations(Section):
    """How errors are explained beside their students, and how each explanation is measured."""

    stage: ClassVar[str] = "explanations"
    words: ClassVar[str] = "explaining errors"

    images: Images = Field("misclassified", description=f"those that have a student, of {CHOICES}")
    limit: Most = Field(None, description="most images to explain; all: no limit")
    right: Whole = Field(
        80,
        description="most right images that are explained beside as many misclassified ones, without a "
        "student: of every class those that are nearest to another",
    )
    methods: Annotated[tuple[names.Explanation, ...], BeforeValidator(_one)] = Field(
        (
            "student",
            "places",
            "pixels_and_places",
            "neighborhood_gradient",
            "gradient",
            "integrated_gradients",
            "expected_gradients",
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
