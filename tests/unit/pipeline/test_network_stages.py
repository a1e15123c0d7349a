"""Stages that look into layers: the keys that change with each setting, and runs of one group."""

from pathlib import Path
from typing import Any

import pytest
from micro import Recorder, experiment, run

from deepvid.config import Experiment, experiment_from, run_id
from deepvid.config.hashing import changes
from deepvid.config.reading import experiment_with
from deepvid.config.sections.network import NETWORK
from deepvid.errors import ConfigError
from deepvid.fields import FORMER, PARTS, STAGES
from deepvid.pipeline.identity import identity_for, identity_of
from deepvid.pipeline.network import network_stages, reusing
from deepvid.pipeline.plan import plan, until
from deepvid.pipeline.reproduce import compared
from deepvid.pipeline.runner import RunOptions, extend_run, run_experiment
from deepvid.pipeline.stage import keys_of
from deepvid.store import Run, import_archive, open_run, write_archive

GOLDEN = Path(__file__).parents[2] / "golden" / "network.zip"  # of the last version that stored one group

READERS_OF_UNITS = {"units", "maximized", "unit-maps"}
ALL_BUT_CHANGES = {*PARTS} - {"counterfactuals"}
CHANGED: list[tuple[str, Any, set[str]]] = [
    ("layers", 4, ALL_BUT_CHANGES),
    ("components", 8, ALL_BUT_CHANGES),
    ("neighbors", 7, ALL_BUT_CHANGES),
    ("training", 100, ALL_BUT_CHANGES),
    ("layout", "pivot_mds", ALL_BUT_CHANGES),
    ("pivots", 20, ALL_BUT_CHANGES),
    ("units", 100, READERS_OF_UNITS),
    ("silenced_images", 100, READERS_OF_UNITS),
    ("groups", 8, {"unit-groups"}),
    ("left_out", 80, {"influence"}),
    ("snapshots", 3, {"influence"}),
    ("flips", 100, {"counterfactuals"}),
    ("strips", 100, {"counterfactuals"}),
    ("maximized", 128, {"maximized"}),
    ("response_maps", 5000, {"unit-maps"}),
]


def keys(**settings: Any) -> dict[str, str]:
    return keys_of(plan(experiment(network=settings)), changes)


@pytest.mark.parametrize(("setting", "value", "stages"), CHANGED)
def test_a_setting_changes_the_keys_of_its_stage_and_of_those_that_read_it(
    setting: str, value: object, stages: set[str]
) -> None:
    before, after = keys(), keys(**{setting: value})
    assert {name for name in before if before[name] != after[name]} == stages


def test_every_setting_is_in_that_table() -> None:
    known = [setting for section in NETWORK.values() for setting in section.model_fields]
    assert sorted(known) == sorted(setting for setting, _, _ in CHANGED)


def test_one_table_has_the_settings_of_all_of_them() -> None:
    together = experiment(network={"layers": 3, "units": 5, "flips": 7})
    apart = experiment(
        **{**{name: {} for name in NETWORK}, "layers": {"layers": 3}, "units": {"units": 5}},
    )
    assert together.layers == apart.layers
    assert together.units == apart.units
    assert together.counterfactuals is not None
    assert together.counterfactuals.flips == 7
    assert Experiment.model_validate(together.model_dump(mode="json")) == together
    assert "layers" not in together.model_dump()
    assert experiment(network=None).layers is None


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (None, "toy-3a440c25"),
        ({}, "toy-3dbe9267"),
        ({"flips": 3}, "toy-fb98b3f3"),
        ({"strips": 7, "layout": "pivot_mds"}, "toy-1892ee9d"),
    ],
)
def test_ids_are_those_of_one_section(network: dict[str, Any] | None, expected: str) -> None:
    assert run_id(experiment_from({"name": "toy", "network": network})) == expected


def test_a_section_alone_asks_for_what_it_reads() -> None:
    asked = experiment(maximized={"maximized": 3})
    assert [stage.name for stage in plan(asked) if stage.name in PARTS] == ["layers", "units", "maximized"]
    assert run_id(asked) != run_id(experiment(network={"maximized": 3}))
    assert Experiment.model_validate(asked.model_dump(mode="json")) == asked


def test_settings_are_set_by_either_name_and_the_own_section_comes_first() -> None:
    overrides = ["network.layout=pivot_mds", "network.maximized=4", "maximized.maximized=9"]
    found = experiment_with({"name": "toy"}, overrides, origin="a test")
    assert found.layers is not None
    assert found.layers.layout == "pivot_mds"
    assert found.maximized is not None
    assert found.maximized.maximized == 9
    with pytest.raises(ConfigError, match=r"network.flipz: unknown key; known here: components, flips"):
        experiment(network={"flipz": 3})
    with pytest.raises(ConfigError, match=r"network: must be a table of settings; found 3"):
        experiment(network=3)


def test_the_former_name_stands_for_all_of_them() -> None:
    stages = plan(experiment(network={}))
    assert until(stages, FORMER)[-1].name == PARTS[-1]
    with pytest.raises(ConfigError, match="--stop-after network"):
        until(plan(experiment()), FORMER)


@pytest.fixture
def golden(tmp_path: Path) -> Run:
    return open_run(import_archive(GOLDEN, tmp_path / "runs"))


def looked(run: Run, **settings: Any) -> dict[str, str]:
    recorder = Recorder()
    config = {**run.config, "network": {**run.config["network"], **settings}}
    extend_run(
        run.path, network_stages(experiment_from(config), vae=True), RunOptions(recorder, recorder.cancel)
    )
    run.poll()
    return recorder.outcomes


def test_one_group_of_all_serves_as_each_of_them(golden: Run) -> None:
    description = experiment_from(golden.config)
    assert identity_for(description, golden.path.parent).id == golden.id
    former = golden.stages[FORMER]
    for name in PARTS:
        stage = golden.stage(name)
        assert stage is not None
        assert stage.key == former.key
        assert set(STAGES[name]) <= set(stage.open().variables)
    before = (golden.path / "journal.jsonl").read_bytes()
    assert looked(golden) == dict.fromkeys(PARTS, "reused")
    assert (golden.path / "journal.jsonl").read_bytes() == before


def test_another_setting_computes_one_and_takes_the_others(golden: Run) -> None:
    outcomes = looked(golden, left_out=2)
    assert outcomes == {name: "computed" if name == "influence" else "copied" for name in PARTS}
    former = golden.stages[FORMER].open()
    for name in set(PARTS) - {"influence"}:
        group = golden.stages[name].open()
        assert all(
            group[one].to_numpy().tobytes() == former[one].to_numpy().tobytes() for one in group.variables
        )
        assert golden.stage(name) is not None
    assert looked(golden, left_out=2) == dict.fromkeys(PARTS, "reused")
    assert looked(golden) == {name: "computed" if name == "influence" else "reused" for name in PARTS}
    assert looked(golden, left_out=2) == {
        name: "copied" if name == "influence" else "reused" for name in PARTS
    }


def test_of_another_teacher_or_seed_it_serves_nothing(golden: Run) -> None:
    stages = network_stages(experiment_from(golden.config), vae=True)
    committed = {name: stage.key for name, stage in golden.stages.items()}
    fingerprint = identity_of(golden).fingerprint()

    def served(**other: str) -> int:
        return sum(
            one.former is not None for one in reusing(golden, stages, {**committed, **other}, fingerprint)
        )

    assert served() == len(PARTS)
    assert served(teacher="0" * 12) == 0
    other = network_stages(experiment_from({**golden.config, "seed": 1}), vae=True)
    assert reusing(golden, other, committed, fingerprint) == other


def test_archives_leave_out_one_or_by_the_former_name_all(golden: Run, tmp_path: Path) -> None:
    looked(golden, left_out=2)
    one = open_run(write_archive(golden, tmp_path / "one.zip", without=["unit-maps"]))
    assert one.stage("unit-maps") is None
    assert one.stage("units") is not None
    none = open_run(write_archive(golden, tmp_path / "none.zip", without=["network"]))
    assert not {FORMER, *PARTS} & set(none.stages)
    read = open_run(write_archive(golden, tmp_path / "read.zip", without=["units"]))
    assert read.stage("maximized") is None  # nobody knows of which units the pictures are


@pytest.mark.slow
def test_stages_of_today_compute_what_the_one_group_has(golden: Run, tmp_path: Path) -> None:
    bare = write_archive(golden, tmp_path / "bare.zip", without=[FORMER])
    again = open_run(import_archive(bare, tmp_path / "again"))
    assert looked(again) == dict.fromkeys(PARTS, "computed")
    first, second = golden.stages[FORMER].open(), again.together(*PARTS)
    assert set(first.variables) == set(second.variables)
    assert set(first.attrs) == set(second.attrs)
    found = {stage.name: stage for stage in compared(golden, again)}[FORMER]
    assert found.outcome in ("equal bytes", "equal within tolerance"), found


@pytest.mark.long
def test_an_equal_stage_of_another_run_is_copied(golden: Run) -> None:
    looked(golden, left_out=2)
    network = {**golden.config["network"], "left_out": 2, "response_maps": 4}
    wanted = experiment_from({**golden.config, "time_travel": [], "network": network})
    recorder = Recorder()
    other = run(golden.path.parent, wanted, recorder, stop_after=FORMER)
    assert other.id != golden.id
    outcomes = {name: recorder.outcomes[name] for name in PARTS}
    assert outcomes == {name: "computed" if name == "unit-maps" else "copied" for name in PARTS}
    assert all(other.stage(name) is not None for name in PARTS)


def test_one_group_is_taken_by_a_run_that_is_given_it(golden: Run, tmp_path: Path) -> None:
    recorder = Recorder()
    options = RunOptions(recorder, recorder.cancel, stop_after=FORMER, reusable=golden.stages)
    wanted = experiment_from({**golden.config, "time_travel": []})
    again = open_run(run_experiment(wanted, tmp_path / "again", options))
    assert {recorder.outcomes[name] for name in PARTS} == {"reused"}
    assert again.stages[FORMER].digest == golden.stages[FORMER].digest
    assert not set(PARTS) & set(again.stages)
