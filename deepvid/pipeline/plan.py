"""Which stages an experiment has, and in what order."""

from collections.abc import Sequence

from deepvid import config
from deepvid.config import Experiment
from deepvid.errors import ConfigError
from deepvid.fields import parts_of
from deepvid.pipeline import network
from deepvid.pipeline.batches import BatchStage
from deepvid.pipeline.causes import CAUSES_OF_ERRORS
from deepvid.pipeline.data_check import DATA_CHECK
from deepvid.pipeline.dataset import DATASET
from deepvid.pipeline.explanations import EXPLANATIONS, ExplanationStage
from deepvid.pipeline.hierarchy import HIERARCHY, SOFT_TREE
from deepvid.pipeline.modes import MODES
from deepvid.pipeline.projection import PROJECTIONS
from deepvid.pipeline.stage import Family, Stage
from deepvid.pipeline.students import STUDENTS
from deepvid.pipeline.teacher import TEACHER
from deepvid.pipeline.time_travel import TIME_TRAVEL
from deepvid.pipeline.vae import VAE
from deepvid.tier import Tier

FAMILIES: tuple[Family, ...] = (
    DATASET,
    DATA_CHECK,
    HIERARCHY,
    PROJECTIONS,
    SOFT_TREE,
    TEACHER,
    VAE,
    CAUSES_OF_ERRORS,
    MODES,
    STUDENTS,
    EXPLANATIONS,
    TIME_TRAVEL,
    *network.FAMILIES,
)
"""Those that come first are planned as early as they can be: a map right after what it shows."""


def plan(experiment: Experiment, families: Sequence[Family] = FAMILIES) -> tuple[Stage, ...]:
    """Every stage after those it needs, and as early as its family's turn allows."""
    known = tier_of(experiment.teacher)
    left = [stage for family in families if family.tier <= known for stage in family.stages(experiment)]
    planned: dict[str, Stage] = {}
    while left:
        stage = next((stage for stage in left if planned.keys() >= set(stage.needs)), None)
        if stage is None:
            raise ConfigError(
                "Every stage needs only stages of its experiment, and none needs itself",
                ", ".join(f"{stage.name}, which needs {' and '.join(stage.needs)}" for stage in left),
                "Add what they need",
            )
        planned[stage.name] = stage
        left.remove(stage)
    return tuple(planned.values())


def soonest(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """The same, in the order that serves who waits: the data is checked first, the first explanations come
    before any map, and maps in three dimensions after all of them.
    """
    explanations = next((stage for stage in stages if isinstance(stage, ExplanationStage)), None)
    if explanations is None:
        return tuple(stages)
    names = (explanations.students.name, explanations.name)
    first = [stage for stage in stages if stage.name in names]
    needed = {DATA_CHECK.section.stage}
    for stage in reversed(stages):
        if stage in first or stage.name in needed:
            needed.update(stage.needs)
    early = [stage for stage in stages if stage.name in needed]
    begun = [stage.beginning() for stage in first if isinstance(stage, BatchStage)]
    rest = [stage for stage in stages if stage not in early]
    spatial = [stage for stage in rest if getattr(stage.section, "dimensions", 2) == 3]
    plain = [stage for stage in rest if stage not in spatial]
    turn = plain.index(explanations) + 1
    return (*early, *begun, *plain[:turn], *spatial, *plain[turn:])


def tier_of(teacher: config.Teacher | config.ExternalModel) -> Tier:
    """At least, as far as the description tells."""
    if isinstance(teacher, config.Teacher):
        return Tier.GRADIENTS
    return Tier.PREDICTIONS if isinstance(teacher, config.Table) else Tier.PREDICT


def until(stages: tuple[Stage, ...], last: str | None) -> tuple[Stage, ...]:
    """The stages up to and including `last`; None: all. Raises `ConfigError` for an unknown name."""
    names = [stage.name for stage in stages]
    if last is None:
        return stages
    last = parts_of(last, names)[-1]
    if last not in names:
        raise ConfigError(
            f"The stages of this experiment are {', '.join(names)}",
            f"--stop-after {last}",
            "Name one of them",
        )
    return stages[: names.index(last) + 1]
