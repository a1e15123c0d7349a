"""The layers of the teacher."""

from typing import Annotated, ClassVar, Self

from pydantic import Field

from deepvid.config import names
from deepvid.config.sections.section import Count, Section, Whole


class Layers(Section):
    """What every layer of the teacher has learned: its units, its map, and what neighbors say there."""

    stage: ClassVar[str] = "network"
    words: ClassVar[str] = "looking into the layers"

    layers: Annotated[int, Field(ge=1, le=64)] = Field(
        6, description="that are looked into, at most, beside pixels and logits: evenly, from first to last"
    )
    units: Annotated[int, Field(ge=1, le=65_536)] = Field(
        256, description="of a layer that are kept, at most: those that tell the classes apart best"
    )
    components: Annotated[int, Field(ge=2, le=1024)] = Field(
        64, description="numbers that stand for an image in a layer"
    )
    neighbors: Annotated[int, Field(ge=1, le=255)] = Field(
        30, description="nearest training images, which say what an image is in a layer"
    )
    training: Count = Field(20_000, description="training images that may be neighbors, at most; drawn once")
    layout: names.LayerLayout = Field("pca", description="of the maps")
    pivots: Annotated[int, Field(ge=2, le=10_000)] = Field(50, description="of pivot_mds")

    left_out: Annotated[int, Field(ge=2, le=10_000)] = Field(
        60, description="training images that are left out of the last layer one by one, to measure influence"
    )
    snapshots: Annotated[int, Field(ge=0, le=1000)] = Field(
        5, description="epochs at which training images are read for TracIn, at most, evenly to the last"
    )

    silenced_images: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        1000,
        description="test images on which every unit is silenced, at most, to measure what it does; 0: none",
    )

    groups: Whole = Field(
        10, description="of units that answer together, of each layer with maps; 0: units are not grouped"
    )

    flips: Whole = Field(
        600,
        description="test images whose distance to another answer is measured, half of them errors where "
        "there are as many; drawn once",
    )
    strips: Whole = Field(
        80, description="of the errors among them whose way to their true class is kept in pictures"
    )

    maximized: Whole = Field(
        64,
        description="units of a layer for which a picture is made that they answer most, at most: those that "
        "tell the classes apart best; 0: none",
    )
    response_maps: Whole = Field(
        10_000,
        description="test images whose maps of all units are kept, at most, errors first; 63 MB of the demo",
    )

    def tiny(self) -> Self:
        """Few numbers, neighbors, groups and pictures of units, few images left out, silenced or changed."""
        return self.replaced(
            components=min(self.components, 4),
            neighbors=min(self.neighbors, 5),
            left_out=min(self.left_out, 5),
            silenced_images=min(self.silenced_images, 20),
            groups=min(self.groups, 3),
            flips=min(self.flips, 8),
            strips=min(self.strips, 2),
            maximized=min(self.maximized, 2),
            response_maps=min(self.response_maps, 20),
        )
