"""Which stages an experiment has, in what order, and how one more is added."""

from itertools import permutations
from typing import ClassVar, get_args

import pytest

from deepvid import fields, resources
from deepvid.config import Experiment, Projection, experiment_from, names, read_experiment, run_id
from deepvid.config.hashing import changes
from deepvid.config.sections.section import Section, sections_in
from deepvid.errors import ConfigError
from deepvid.fields import Field
from deepvid.pipeline.plan import FAMILIES, plan, soonest
from deepvid.pipeline.stage import Family, GroupStage, Result, StageContext, keys_of

INPUTS = get_args(names.ProjectionInput)


@pytest.mark.parametrize("order", permutations([*INPUTS, "pixels"], 4))
def test_a_map_stands_right_after_what_it_shows(order: tuple[names.ProjectionInput, ...]) -> None:
    maps = [Projection(of=of, dimensions=2 + (of in order[:i])) for i, of in enumerate(order)]

    def of(what: str) -> list[str]:
        return [f"projection-{projection.name}" for projection in maps if projection.of == what]

    stages = plan(Experiment(name="toy", projections=tuple(maps)))
    assert [stage.name for stage in stages] == [
        "dataset",
        "data-check",
        *of("pixels"),
        "teacher",
        "hierarchy",
        *of("features"),
        "soft-tree",
        "vae",
        *of("latents"),
        "causes",
        "modes",
        "students",
        "explanations",
    ]


def test_the_first_explanations_come_before_any_map_and_maps_in_space_after_all_of_them() -> None:
    described = read_experiment(resources.experiment("fashion_mnist_small"))
    stages = plan(described)
    names = [stage.name + "*" * (getattr(stage, "batches", None) is not None) for stage in soonest(stages)]
    assert names == [
        "dataset",
        "data-check",
        "teacher",
        "vae",
        "students*",
        "explanations*",
        "projection-pca-pixels-2d",
        "hierarchy",
        "projection-tsne-features-2d",
        "soft-tree",
        "causes",
        "modes",
        "students",
        "explanations",
        "projection-tsne-features-3d",
        "time-travel-parametric",
        "layers",
    ]
    assert soonest(stages[:-3]) == stages[:-3]  # without explanations nobody waits for them


def test_every_family_has_its_section_its_words_and_its_variables() -> None:
    assert {family.section.stage: family.variables for family in FAMILIES} == fields.STAGES
    of_experiments = [
        section for field in Experiment.model_fields.values() for section in sections_in(field.annotation)
    ]
    assert [family.section for family in FAMILIES if family.section not in of_experiments] == []
    assert all(section.words for section in of_experiments if section.stage)


class Gallery(Section):
    """Added for a test, as a stranger would."""

    stage: ClassVar[str] = "gallery"
    words: ClassVar[str] = "hanging the pictures"
    rows: int = 3


def gallery(needs: tuple[str, ...]) -> Family:
    def stages(experiment: Experiment) -> list[GroupStage]:
        return [GroupStage(name="gallery", needs=needs, section=Gallery(), seed=0, version=1, work=_never)]

    return Family(Gallery, stages, {"picture": Field("picture", ("sample",), "int32", "1", "a picture")})


def _never(context: StageContext) -> Result:
    raise AssertionError


def test_a_family_that_is_added_comes_as_early_as_its_needs_and_its_turn_allow() -> None:
    experiment = experiment_from({"name": "toy", "projections": []})
    last = [stage.name for stage in plan(experiment, (*FAMILIES, gallery(("teacher",))))]
    assert last == [
        "dataset",
        "data-check",
        "teacher",
        "hierarchy",
        "soft-tree",
        "vae",
        "causes",
        "modes",
        "students",
        "explanations",
        "gallery",
    ]
    first = [stage.name for stage in plan(experiment, (gallery(("teacher",)), *FAMILIES))]
    assert first == [
        "dataset",
        "data-check",
        "teacher",
        "gallery",
        "hierarchy",
        "soft-tree",
        "vae",
        "causes",
        "modes",
        "students",
        "explanations",
    ]


def test_a_stage_that_needs_what_is_not_asked_for_is_named() -> None:
    with pytest.raises(ConfigError, match="gallery, which needs dataset and cubes"):
        plan(Experiment(name="toy"), (*FAMILIES, gallery(("dataset", "cubes"))))


def test_the_check_of_the_data_changes_no_key_but_those_of_causes_and_can_be_left_out() -> None:
    with_check = read_experiment(resources.experiment("fashion_mnist_small"))
    without = read_experiment(resources.experiment("fashion_mnist_small"), ["data_check=false"])
    keys, fewer = (keys_of(plan(each), changes) for each in (with_check, without))
    assert keys.pop("data-check")
    for reads in ("causes", "modes"):
        assert keys.pop(reads) != fewer.pop(reads)
    assert keys == fewer
    assert run_id(without) != run_id(with_check)
    assert run_id(Experiment(name="toy")) == "toy-3a440c25"  # as it was before there was a check
    assert experiment_from(without.model_dump(mode="json")) == without
