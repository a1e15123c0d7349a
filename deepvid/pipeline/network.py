"""The stages that look into the layers of a teacher, and the one group that earlier versions stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from deepvid import config, store
from deepvid.config import Experiment, digest
from deepvid.config.hashing import Fingerprint
from deepvid.config.sections.network import NETWORK, TOGETHER, apart
from deepvid.config.sections.section import Section
from deepvid.fields import FORMER, PARTS, STAGES
from deepvid.pipeline.activation_maximization import maximized_stage
from deepvid.pipeline.counterfactuals import counterfactuals_stage
from deepvid.pipeline.influence import influence_stage
from deepvid.pipeline.layers import layers_stage
from deepvid.pipeline.looked_into import with_settings
from deepvid.pipeline.stage import Family, GroupStage, Result, Stage, StageContext
from deepvid.pipeline.unit_groups import unit_groups_stage
from deepvid.pipeline.units import unit_maps_stage, units_stage
from deepvid.store import Run, dataset_of
from deepvid.tier import Tier

STAGE_OF: Mapping[type[Section], Callable[..., GroupStage]] = {
    config.Layers: layers_stage,
    config.Units: units_stage,
    config.UnitGroups: unit_groups_stage,
    config.Influence: influence_stage,
    config.Counterfactuals: counterfactuals_stage,
    config.UnitPictures: maximized_stage,
    config.UnitMaps: unit_maps_stage,
}
OF_OTHERS = (config.Layers, config.Units, config.Influence)
"""Sections of a teacher that DeepVID has not trained, too."""
IN_LATENTS = (config.Counterfactuals, config.UnitPictures)
"""Sections whose stages change images in the latents of a VAE, too."""
VERSION = 3  # of the stage that was all of them
ATTRIBUTES: Mapping[str, Sequence[str]] = {
    config.Layers.stage: (
        *("columns", "training_images", "neighbors", "never", "bases"),
        *("errors", "depth_right", "depth_wrong", "among"),
    ),
    config.Units.stage: ("silenced",),
    config.UnitGroups.stage: ("groups",),
    config.Influence.stage: ("influence", "snapshots", "firsts"),
    config.Counterfactuals.stage: ("changes", "vae"),
    config.UnitPictures.stage: ("maximized", "vae"),
    config.UnitMaps.stage: ("maps",),
}
"""Attributes beside their settings, all of which the former group had."""


def stage_of(section: Section, *, seed: int, vae: bool) -> GroupStage:
    """The stage of one of their sections; with a `vae` where the run has one."""
    more = {"vae": vae} if isinstance(section, IN_LATENTS) else {}
    return STAGE_OF[type(section)](section, seed=seed, **more)


def network_stages(experiment: Experiment, *, vae: bool) -> list[GroupStage]:
    """Those that an experiment asks for and its teacher allows."""
    ours = isinstance(experiment.teacher, config.Teacher)
    sections = [getattr(experiment, name) for name in NETWORK]
    return [
        stage_of(section, seed=experiment.seed, vae=vae)
        for section in sections
        if section is not None and (ours or isinstance(section, OF_OTHERS))
    ]


def _family(name: str, section: type[Section]) -> Family:
    def stages(experiment: Experiment) -> list[GroupStage]:
        asked = getattr(experiment, name)
        return [] if asked is None else [stage_of(asked, seed=experiment.seed, vae=True)]

    tier = Tier.PREDICTIONS if section in OF_OTHERS else Tier.GRADIENTS
    return Family(section, stages, STAGES[section.stage], tier)


FAMILIES: tuple[Family, ...] = tuple(_family(name, section) for name, section in NETWORK.items())
"""The kinds of them; an experiment has those that it asks for."""


def reusing(
    run: Run, stages: Sequence[Stage], keys: Mapping[str, str], fingerprint: Fingerprint
) -> list[Stage]:
    """The same stages; what a run has of them in the group of an earlier version is not computed again.

    It stays there while that group is all of them; else each becomes a group of its own.
    """
    group = run.stages.get(FORMER)
    if group is None:
        return list(stages)
    same = _same(group, stages, keys, fingerprint) - set(run.stages)
    whole = same >= {stage.name for stage in stages} & set(PARTS)
    return [
        replace(stage, former=_former(stage, None if whole else group))
        if isinstance(stage, GroupStage) and stage.name in same
        else stage
        for stage in stages
    ]


def _same(
    group: store.Stage, stages: Sequence[Stage], keys: Mapping[str, str], fingerprint: Fingerprint
) -> set[str]:
    """The stages whose settings, and those of the stages that they read, are those of a former group."""
    told = group.open().attrs
    try:
        split = apart({TOGETHER: told["settings"]})
        sections = {name: NETWORK[name].model_validate(split[name]) for name in NETWORK}
    except (KeyError, ValueError):
        return set()
    vae = bool(told.get("vae"))
    inputs = [keys.get(name) for name in ("dataset", "teacher", *(["vae"] if vae else []))]
    settings = {key: value for section in sections.values() for key, value in fingerprint(section).items()}
    same: set[str] = set()
    for stage in stages:
        if type(stage.section) not in STAGE_OF:
            continue
        known = digest([FORMER, VERSION, {**settings, "seed": stage.seed}, inputs])[:12] == group.key
        equal = stage.section == sections[stage.name.replace("-", "_")]
        read = {name for name in stage.needs if name in PARTS}
        latents = not isinstance(stage.section, IN_LATENTS) or ("vae" in stage.needs) == vae
        if known and equal and latents and read <= same:
            same.add(stage.name)
    return same


def _former(stage: GroupStage, group: store.Stage | None) -> Callable[[StageContext], Result | None]:
    """Result that a former group has of a stage, as the stage itself would have it; None of no group."""

    def part(context: StageContext) -> Result | None:
        if group is None:
            return None
        data, declared = group.open(), STAGES[stage.name]
        arrays = {name: data[name].to_numpy() for name in declared if name in data.variables}
        told = {name: data.attrs[name] for name in ATTRIBUTES[stage.name] if name in data.attrs}
        metrics = group.metrics if stage.name == config.Layers.stage else {}
        return Result(with_settings(dataset_of(declared, arrays, told), stage, context), metrics)

    return part
