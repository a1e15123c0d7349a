"""Experiments: their sections, one line each."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from deepvid.config.sections.causes import Causes, Modes
from deepvid.config.sections.data_check import DataCheck
from deepvid.config.sections.dataset import Dataset
from deepvid.config.sections.external_model import AnyTeacher
from deepvid.config.sections.hierarchy import Hierarchy, SoftTree
from deepvid.config.sections.maps import Projection, TimeTravel
from deepvid.config.sections.network import (
    Counterfactuals,
    Influence,
    Layers,
    UnitGroups,
    UnitMaps,
    UnitPictures,
    Units,
    apart,
    together,
)
from deepvid.config.sections.section import Section, Whole, sections_in
from deepvid.config.sections.students import Explanations, Students
from deepvid.config.sections.teacher import TRAINED, Teacher
from deepvid.config.sections.vae import Vae

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}")


def _of_a_folder(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("must be 1 to 48 small letters, digits, _ and -, and begin with a letter or a digit")
    return name


NamedSection = Projection | TimeTravel

ENOUGH_STEPS = 600
"""Of an autoencoder, after which neighbors differ from their image; docs/decisions/many_classes.md."""


class Experiment(Section):
    """One experiment: everything that decides what a run contains."""

    name: Annotated[str, AfterValidator(_of_a_folder)] = Field(description="begins the id of its run")
    seed: Whole = Field(0, description="of everything that is drawn")
    dataset: Dataset = Dataset()
    data_check: DataCheck | None = DataCheck()
    teacher: AnyTeacher = Teacher()
    hierarchy: Hierarchy = Hierarchy()
    soft_tree: SoftTree = SoftTree()
    vae: Vae = Vae()
    projections: tuple[Projection, ...] = (Projection(),)
    students: Students = Students()
    explanations: Explanations = Explanations()
    causes: Causes | None = Causes()
    modes: Modes | None = Modes()
    time_travel: tuple[TimeTravel, ...] = ()
    layers: Layers | None = None
    units: Units | None = None
    unit_groups: UnitGroups | None = None
    influence: Influence | None = None
    counterfactuals: Counterfactuals | None = None
    maximized: UnitPictures | None = None
    unit_maps: UnitMaps | None = None

    @model_validator(mode="before")
    @classmethod
    def _network_apart(cls, table: Any) -> Any:
        """`[network]` has the settings of several sections, and asks for all of them."""
        return apart(table) if isinstance(table, Mapping) else table

    @field_validator("data_check", "causes", "modes", mode="before")
    @classmethod
    def _yes_or_no(cls, asked: Any) -> Any:
        """A word for all settings: `data_check = false` leaves it out."""
        return {True: {}, False: None}[asked] if isinstance(asked, bool) else asked

    @model_serializer(mode="wrap")
    def _network_together(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return together(write(self))

    @field_validator("projections", "time_travel")
    @classmethod
    def _distinct(cls, maps: tuple[NamedSection, ...]) -> tuple[NamedSection, ...]:
        names = [one.name for one in maps]
        if len(set(names)) < len(names):
            raise ValueError(f"two of these maps have one name: {', '.join(names)}")
        return maps

    @model_validator(mode="after")
    def _labels_to_train_with(self) -> "Experiment":
        if self.dataset.classes is not None and isinstance(self.teacher, Teacher):
            raise ValueError(
                "dataset.classes names what a trained model knows, of which images may show some or have no "
                "labels: name a trained model below [teacher], or leave dataset.classes out"
            )
        return self

    @model_validator(mode="after")
    def _a_band_for_every_latent(self) -> "Experiment":
        band, latent = self.students.band, self.vae.latent
        if isinstance(band, tuple) and len(band) != latent:
            raise ValueError(
                f"students.band must be one number, or one for each of the {latent} latents of vae.latent; "
                f"it has {len(band)}"
            )
        return self


def with_enough_steps(experiment: Experiment) -> Experiment:
    """The same with an autoencoder that few images train, too, unless somebody has set how it is trained."""
    vae = experiment.vae
    if vae.model_fields_set & {"epochs", "batch", "fewest_steps"}:
        return experiment
    steps = vae.model_copy(update={"fewest_steps": ENOUGH_STEPS})
    return experiment.model_copy(update={"vae": steps})


def words_of(stage: str, source: str = TRAINED) -> str:
    """As "training the teacher" or "computing the map tsne-features-2d".

    A batch (`students/<batch>`) reads as its family does, a stage of no section as it is named. A teacher of
    another `source` was trained elsewhere, and is asked.
    """
    family = stage.partition("/")[0]
    sections = [
        section for field in Experiment.model_fields.values() for section in sections_in(field.annotation)
    ]
    if named := [section for section in sections if section.stage == family]:
        return next((section for section in named if _source(section) == source), named[0]).words
    for section in sections:
        if section.stage and family.startswith(f"{section.stage}-"):
            return f"{section.words} {family.removeprefix(f'{section.stage}-')}"
    return stage


def _source(section: type[Section]) -> object:
    """The setting of a teacher from elsewhere; of one that DeepVID trains a word of its class."""
    setting = section.model_fields.get("source")
    return getattr(section, "source", None) if setting is None else setting.default
