"""What an experiment is: its sections, one line each."""

from typing import Annotated

from pydantic import Field, field_validator

from deepvid.config.sections.dataset import Dataset
from deepvid.config.sections.projections import Projection
from deepvid.config.sections.section import Section
from deepvid.config.sections.students import Students
from deepvid.config.sections.teacher import Teacher
from deepvid.config.sections.vae import Vae


class Experiment(Section):
    """One experiment: everything that decides what a run contains."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,47}$")
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    dataset: Dataset = Dataset()
    teacher: Teacher = Teacher()
    vae: Vae = Vae()
    projections: tuple[Projection, ...] = (Projection(),)
    students: Students = Students()

    @field_validator("projections")
    @classmethod
    def _distinct(cls, projections: tuple[Projection, ...]) -> tuple[Projection, ...]:
        maps = [projection.name for projection in projections]
        if len(set(maps)) < len(maps):
            raise ValueError(f"two projections have one name: {', '.join(maps)}")
        return projections
