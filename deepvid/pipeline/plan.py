"""Which stages an experiment has, and in what order."""

from deepvid.config import Experiment, Projection
from deepvid.errors import ConfigError
from deepvid.pipeline.dataset import dataset_stage
from deepvid.pipeline.projection import projection_stage
from deepvid.pipeline.stage import Stage
from deepvid.pipeline.students import students_stage
from deepvid.pipeline.teacher import teacher_stage
from deepvid.pipeline.vae import vae_stage


def plan(experiment: Experiment) -> tuple[Stage, ...]:
    """Every map stands right after what it shows: a page fills in as early as it can."""
    seed = experiment.seed

    def maps_of(what: str) -> list[Stage]:
        wanted: list[Projection] = [p for p in experiment.projections if p.of == what]
        return [projection_stage(projection, seed=seed) for projection in wanted]

    return (
        dataset_stage(experiment.dataset, seed=seed),
        *maps_of("pixels"),
        teacher_stage(experiment.teacher, seed=seed),
        *maps_of("features"),
        vae_stage(experiment.vae, seed=seed),
        *maps_of("latents"),
        students_stage(experiment.students, seed=seed),
    )


def until(stages: tuple[Stage, ...], last: str | None) -> tuple[Stage, ...]:
    """The stages up to and including `last`; None: all. Raises `ConfigError` for an unknown name."""
    names = [stage.name for stage in stages]
    if last is None:
        return stages
    if last not in names:
        raise ConfigError(
            f"The stages of this experiment are {', '.join(names)}",
            f"--stop-after {last}",
            "Name one of them",
        )
    return stages[: names.index(last) + 1]
