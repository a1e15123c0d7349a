"""The class hierarchy."""

from typing import ClassVar

from pydantic import Field

from deepvid.config.sections.section import Count, Section


class Hierarchy(Section):
    """The tree that the teacher's last layer implies, and what it is compared with."""

    stage: ClassVar[str] = "hierarchy"
    words: ClassVar[str] = "building the class hierarchy"

    random_trees: Count = Field(100, description="trees of shuffled classes that show what chance gives")
