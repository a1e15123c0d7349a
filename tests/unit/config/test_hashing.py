"""Ids and keys hash what differs from the defaults: no more, and no less."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepvid.config import (
    Dataset,
    Experiment,
    Explanations,
    Hierarchy,
    Mlp,
    Projection,
    ResNet,
    ResNet50,
    Students,
    Teacher,
    Vae,
    digest,
    experiment_from,
    run_id,
)
from deepvid.config.hashing import DEFAULTS, as_recorded, changes
from deepvid.config.sections.section import Section

SECTIONS: tuple[type[Section], ...] = (
    Dataset,
    Teacher,
    ResNet,
    ResNet50,
    Mlp,
    Hierarchy,
    Vae,
    Projection,
    Students,
    Explanations,
)
PINNED = Path(__file__).with_name("defaults.json")

WIDTHS = st.integers(1, 3)
NETWORKS = st.one_of(
    st.sampled_from([ResNet(), ResNet50(), Mlp()]),
    st.builds(ResNet, depth=st.sampled_from([8, 14]), width=st.sampled_from([16, 4])),
    st.builds(ResNet50, width=st.sampled_from([64, 4])),
    st.builds(Mlp, hidden=st.sampled_from([(256, 64), (64, 256), (256,)])),
)
MAPS = st.lists(
    st.builds(Projection, method=st.sampled_from(["tsne", "pca"]), perplexity=st.sampled_from([30, 5])),
    max_size=2,
    unique_by=lambda projection: projection.name,
).map(tuple)
EXPERIMENTS = st.builds(
    Experiment,
    name=st.just("toy"),
    seed=st.integers(0, 1),
    dataset=st.builds(Dataset, train=st.none() | st.integers(1, 2), test=st.none() | st.integers(1, 2)),
    teacher=st.builds(Teacher, network=NETWORKS, epochs=st.sampled_from([6, 7])),
    vae=st.builds(Vae, epochs=st.sampled_from([6, 14])),
    projections=MAPS,
    students=st.builds(
        Students, band=st.sampled_from([0.6, (0.6,) * 20, (0.6, 0.5) * 10]), limit=st.none() | WIDTHS
    ),
)


def other_network(experiment: Experiment, network: ResNet | ResNet50 | Mlp) -> Experiment:
    teacher = experiment.teacher.model_copy(update={"network": network})
    return experiment.model_copy(update={"teacher": teacher})


PAIRS = st.one_of(
    st.tuples(EXPERIMENTS, EXPERIMENTS),
    st.builds(
        lambda one, first, second: (other_network(one, first), other_network(one, second)),
        EXPERIMENTS,
        NETWORKS,
        NETWORKS,
    ),
)


@given(PAIRS)
def test_different_experiments_have_different_ids_and_equal_ones_the_same(
    pair: tuple[Experiment, Experiment],
) -> None:
    first, second = pair
    assert (run_id(first) == run_id(second)) == (first == second)
    assert (digest(changes(first)) == digest(changes(second))) == (first == second)


@given(EXPERIMENTS)
def test_what_was_read_again_has_the_same_id(experiment: Experiment) -> None:
    assert run_id(experiment_from(experiment.model_dump(mode="json"))) == run_id(experiment)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (Teacher(), {}),
        (Teacher(epochs=9), {"epochs": 9}),
        (Teacher(network=Mlp()), {"network": {"kind": "mlp"}}),  # the kind tells it from ResNet50()
        (Teacher(network=ResNet(width=4)), {"network": {"kind": "resnet", "width": 4}}),
        (Students(band=(0.5, 1)), {"band": [0.5, 1.0]}),
        (Dataset(source="folder", path=Path("a/b")), {"source": "folder", "path": "a/b"}),
        (Experiment(name="toy"), {"name": "toy"}),
        (Experiment(name="toy", projections=()), {"name": "toy", "projections": []}),
        (
            Experiment(name="toy", projections=(Projection(), Projection(method="pca"))),
            {"name": "toy", "projections": [{}, {"method": "pca"}]},
        ),
    ],
)
def test_what_differs_from_the_defaults_is_written_out(section: Section, expected: dict[str, Any]) -> None:
    assert changes(section) == expected


class LaterNetwork(ResNet):
    bias: bool = True


class LaterTeacher(Teacher):
    network: LaterNetwork = LaterNetwork()
    momentum: float = 0.9


class LaterExperiment(Experiment):
    """The description as it is once a setting has been added to three of its sections."""

    teacher: LaterTeacher = LaterTeacher()
    note: str = ""


@given(st.sampled_from([16, 4]), st.sampled_from([6, 7]))
def test_a_setting_that_is_added_changes_no_run_that_does_not_use_it(width: int, epochs: int) -> None:
    table = {"name": "toy", "teacher": {"network": {"kind": "resnet", "width": width}, "epochs": epochs}}
    before, after = Experiment.model_validate(table), LaterExperiment.model_validate(table)
    assert changes(after) == changes(before)
    using = [
        LaterTeacher(network=after.teacher.network, epochs=epochs, momentum=0.5),
        LaterTeacher(network=LaterNetwork(width=width, bias=False), epochs=epochs),
    ]
    for teacher in using:
        assert changes(LaterExperiment(name="toy", teacher=teacher)) != changes(before)
    assert changes(LaterExperiment(name="toy", teacher=after.teacher, note="used")) != changes(before)


def test_a_run_that_hashes_whole_sections_keeps_its_keys_when_a_setting_is_added() -> None:
    recorded = Experiment(name="toy", teacher=Teacher(network=ResNet(width=4))).model_dump(mode="json")
    later = LaterExperiment.model_validate(recorded)
    fingerprint = as_recorded(later, recorded)
    assert fingerprint(later.teacher) == recorded["teacher"]
    assert fingerprint(later.vae) == recorded["vae"]
    other = LaterTeacher(network=later.teacher.network, momentum=0.5)
    assert fingerprint(other) == {**recorded["teacher"], "momentum": 0.5}


def test_a_changed_default_does_not_go_unnoticed() -> None:
    defaults = {model.__name__: json.loads(json.dumps(model().model_dump(mode="json"))) for model in SECTIONS}
    assert json.loads(PINNED.read_text()) == {"number": DEFAULTS, "defaults": defaults}, (
        "A setting that is left out means its default and is not hashed. Where one has changed, raise the "
        "version of its stage (deepvid/pipeline) and DEFAULTS (deepvid/config/hashing.py), so that no old "
        "result is taken for a new one. Then write down here what the defaults are."
    )
