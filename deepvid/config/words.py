"""What a person reads while a stage is computed."""

from deepvid.config.experiment import Experiment
from deepvid.config.sections.section import Section, sections_in
from deepvid.config.sections.teacher import TRAINED


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
