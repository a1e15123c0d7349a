"""What a person reads while a stage is computed."""

from deepvid.config.experiment import Experiment
from deepvid.config.sections.section import sections_in


def words_of(stage: str) -> str:
    """As "training the teacher" or "computing the map tsne-features-2d".

    A batch (`students/<batch>`) reads as its family does, a stage of no section as it is named.
    """
    family = stage.partition("/")[0]
    for field in Experiment.model_fields.values():
        for section in sections_in(field.annotation):
            if family == section.stage:
                return section.words
            if section.stage and family.startswith(f"{section.stage}-"):
                return f"{section.words} {family.removeprefix(f'{section.stage}-')}"
    return stage
