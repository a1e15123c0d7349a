"""The class hierarchy, and the soft decision tree."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from deepvid.config.sections.section import Count, NonNegative, Positive, Section


class Hierarchy(Section):
    """The tree that the teacher's last layer implies, and what it is compared with."""

    stage: ClassVar[str] = "hierarchy"
    words: ClassVar[str] = "building the class hierarchy"

    random_trees: Count = Field(100, description="trees of shuffled classes that show what chance gives")


class SoftTree(Section):
    """A tree of linear decisions that learns the teacher's answers from its penultimate layer.

    Source: Frosst and Hinton (2017), arXiv 1711.09784.
    """

    stage: ClassVar[str] = "soft-tree"
    words: ClassVar[str] = "distilling the soft decision tree"

    depth: Literal["auto"] | Annotated[int, Field(ge=1, le=12)] = Field(
        "auto", description="decisions on every path; auto: enough for two leaves per class, at least 5"
    )
    epochs: Count = Field(40, description="over the training images")
    learning_rate: Positive = Field(0.01, description="of Adam at the start; it falls to 0 as a cosine")
    penalty: NonNegative = Field(1e-3, description="on decisions that send all images one way")
    trees: Count = Field(
        5, description="trained from different initializations; the run keeps the one with the least loss"
    )
