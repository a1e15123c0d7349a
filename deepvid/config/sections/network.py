"""The sections that look into the teacher's layers, one a stage; once they were one, `network`."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from deepvid.config import names
from deepvid.config.sections.section import Count, Section, Whole


class Layers(Section):
    """Votes of an image's neighbors at every layer of the teacher, and the layer's map."""

    stage: ClassVar[str] = "layers"
    words: ClassVar[str] = "looking into the layers"

    layers: Annotated[int, Field(ge=1, le=64)] = Field(
        6, description="that are looked into, at most, beside pixels and logits: evenly, from first to last"
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


class Units(Section):
    """How the units of every layer answer, and what silencing each of them does."""

    stage: ClassVar[str] = "units"
    words: ClassVar[str] = "silencing units"

    units: Annotated[int, Field(ge=1, le=65_536)] = Field(
        256, description="of a layer that are kept, at most: those that tell the classes apart best"
    )
    silenced_images: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        1000,
        description="test images on which every unit is silenced, at most, to measure what it does; 0: none",
    )


class UnitGroups(Section):
    """Units that answer together."""

    stage: ClassVar[str] = "unit-groups"
    words: ClassVar[str] = "grouping units"

    groups: Whole = Field(
        10, description="of units that answer together, of each layer with maps; 0: units are not grouped"
    )


class Influence(Section):
    """Which training images speak for an answer."""

    stage: ClassVar[str] = "influence"
    words: ClassVar[str] = "measuring the influence of training images"

    left_out: Annotated[int, Field(ge=2, le=10_000)] = Field(
        60, description="training images that are left out of the last layer one by one, to measure influence"
    )
    snapshots: Annotated[int, Field(ge=0, le=1000)] = Field(
        5, description="epochs at which training images are read for TracIn, at most, evenly to the last"
    )


class Counterfactuals(Section):
    """How far images are from another answer, and what would change the teacher's mind."""

    stage: ClassVar[str] = "counterfactuals"
    words: ClassVar[str] = "changing images until the answer changes"

    flips: Whole = Field(
        600,
        description="test images whose distance to another answer is measured, half of them errors where "
        "there are as many; drawn once",
    )
    strips: Whole = Field(
        80, description="of the errors among them whose way to their true class is kept in pictures"
    )


class UnitPictures(Section):
    """Pictures that units answer most."""

    stage: ClassVar[str] = "maximized"
    words: ClassVar[str] = "maximizing units"

    maximized: Whole = Field(
        64,
        description="units of a layer for which a picture is made that they answer most, at most: those that "
        "tell the classes apart best; 0: none",
    )


class UnitMaps(Section):
    """Where the units answer test images."""

    stage: ClassVar[str] = "unit-maps"
    words: ClassVar[str] = "mapping units"

    response_maps: Whole = Field(
        10_000,
        description="test images whose maps of all units are kept, at most, errors first; 63 MB of the demo",
    )


TOGETHER = "network"
"""The table of a description, or of an old run, that has the settings of all of them, and asks for all."""

NETWORK: Mapping[str, type[Section]] = {
    section.stage.replace("-", "_"): section
    for section in (Layers, Units, UnitGroups, Influence, Counterfactuals, UnitPictures, UnitMaps)
}
"""By their names in an experiment, in the order of computation. No two have a setting in common."""

READ: Mapping[str, str] = {
    **dict.fromkeys(("units", "unit_groups", "influence"), "layers"),
    **dict.fromkeys(("maximized", "unit_maps"), "units"),
}
"""Section that a section reads, and so asks for."""


def apart(table: Mapping[str, Any]) -> dict[str, Any]:
    """A description with a section of each stage in the place of `[network]`, and of what those read.

    What a section says itself comes before what `[network]` says. Raises ValueError for a setting that none
    of them has.
    """
    known = {name: table[name] for name in NETWORK if table.get(name) is not None}
    together = table.get(TOGETHER)
    if isinstance(together, Mapping):
        of = {setting: name for name, section in NETWORK.items() for setting in section.model_fields}
        if unknown := [setting for setting in together if setting not in of]:
            raise ValueError(f"{TOGETHER}.{unknown[0]}: unknown key; known here: {', '.join(sorted(of))}")
        split: dict[str, dict[str, Any]] = {name: {} for name in NETWORK}
        for setting, value in together.items():
            split[of[setting]][setting] = value
        known = {name: _over(split[name], known.get(name, {})) for name in NETWORK}
    elif together is not None:
        raise ValueError(f"{TOGETHER}: must be a table of settings; found {together!r}")
    for name in reversed(list(READ)):
        if name in known:
            known.setdefault(READ[name], {})
    return {name: value for name, value in table.items() if name != TOGETHER} | known


def together(written: Mapping[str, Any]) -> dict[str, Any]:
    """The other way round, as it was always recorded and hashed, where it has all of them or none."""
    said = [written[name] for name in NETWORK if written.get(name) is not None]
    if said and len(said) < len(NETWORK):
        return dict(written)
    rest = {name: value for name, value in written.items() if name not in NETWORK}
    merged = {key: value for section in said for key, value in section.items()} if said else None
    return rest if rest.keys() == written.keys() else rest | {TOGETHER: merged}


def _over(split: dict[str, Any], own: Any) -> Any:
    return {**split, **own} if isinstance(own, Mapping) else own
