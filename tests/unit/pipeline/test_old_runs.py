"""Runs whose keys hash whole sections: found by what they were created with, and continued as they began."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from deepvid.cli.main import main
from deepvid.config import Experiment, Students, experiment_from, run_id
from deepvid.config.hashing import FORMER, as_recorded, changes
from deepvid.errors import NewerFormatError
from deepvid.pipeline.identity import Identity, identity_for, identity_of
from deepvid.pipeline.plan import plan
from deepvid.pipeline.runner import RunOptions, extend_run, run_experiment
from deepvid.pipeline.stage import keys_of
from deepvid.pipeline.students import students_stage
from deepvid.progress import Tick
from deepvid.store import Run, import_archive, open_run, open_writer

GOLDEN = Path(__file__).parents[2] / "golden" / "version_1.zip"

# Raised since the archive was made: these are computed again, under the keys that the version which hashes
# whole sections gives them.
MAPS = [("projection-pca-pixels-2d", "75109316e3d6"), ("projection-tsne-features-2d", "4d5b11e61fe5")]
STUDENTS = ("students/59ff9dd6-0", "21712defe763")


class Outcomes(dict[str, str]):
    """A listener that keeps how every stage ended."""

    def began(self, stage: str, number: int, total: int) -> None: ...
    def ticked(self, stage: str, tick: Tick) -> None: ...
    def ended(self, stage: str, outcome: str, seconds: float, metrics: Mapping[str, Any]) -> None:
        self[stage] = outcome


@pytest.fixture
def golden(tmp_path: Path) -> Run:
    return open_run(import_archive(GOLDEN, tmp_path / "runs"))


def test_an_old_run_is_found_by_its_configuration(golden: Run) -> None:
    experiment = experiment_from(golden.config)
    assert run_id(experiment) != golden.id
    assert identity_for(experiment, golden.path.parent) == Identity(golden.id, golden.config, 1)
    other = experiment_from({**golden.config, "seed": 1})
    assert identity_for(other, golden.path.parent) == Identity(
        run_id(other), other.model_dump(mode="json"), 2
    )


def test_its_stages_have_the_keys_they_were_committed_under(golden: Run) -> None:
    keys = keys_of(plan(experiment_from(golden.config)), identity_of(golden).fingerprint())
    for name in ("dataset", "teacher", "vae"):
        assert keys[name] == golden.stages[name].key
    assert [(name, keys[name]) for name, _ in MAPS] == MAPS


@pytest.mark.long
def test_it_is_continued_under_its_own_id(golden: Run) -> None:
    before = [(commit.name, commit.key, commit.digest) for commit in golden.commits]
    outcomes = Outcomes()
    experiment = experiment_from(golden.config)
    path = run_experiment(experiment, golden.path.parent, RunOptions(outcomes, Event()))
    assert path == golden.path
    assert {name: outcome for name, outcome in outcomes.items() if outcome != "reused"} == {
        **dict.fromkeys(dict(MAPS), "computed"),
        "data-check": "computed",
        "hierarchy": "computed",
        "soft-tree": "computed",
        "students": "computed",
        "explanations": "computed",
        "causes": "computed",
        "modes": "computed",
    }
    after = open_run(path).commits
    assert [(commit.name, commit.key, commit.digest) for commit in after[: len(before)]] == before
    committed = [(commit.name, commit.key) for commit in after[len(before) :]]
    further = {"data-check", "hierarchy", "soft-tree", "causes", "modes"}
    assert further <= dict(committed).keys()
    explained = [(name, key) for name, key in committed if name.startswith("explanations/")]
    assert explained
    rest = [one for one in committed if one not in explained and one[0] not in further]
    assert sorted(rest[:-1]) == sorted([*MAPS, STUDENTS])

    again = Outcomes()
    run_experiment(experiment, golden.path.parent, RunOptions(again, Event()))
    assert set(again.values()) == {"reused"}
    extend_run(path, students_stage(experiment.students, seed=experiment.seed), RunOptions(again, Event()))
    assert again["students"] == "reused"  # more students are asked for, and it knows those it has


@pytest.mark.long
def test_it_is_upgraded_by_what_it_lacks_and_nothing_else(golden: Run) -> None:
    before = [(commit.name, commit.key, commit.digest) for commit in golden.commits]
    with pytest.raises(SystemExit) as left:
        main(["upgrade", str(golden.path)])
    assert not left.value.code
    upgraded = open_run(golden.path)
    after = [(commit.name, commit.key, commit.digest) for commit in upgraded.commits]
    assert after[: len(before)] == before
    added = {name for name, *_ in after[len(before) :] if name}
    assert added == {"causes", "modes"}  # its students are of an earlier version
    assert len(upgraded.stages["causes"].open()["sample"]) > 0
    assert set(upgraded.stages["teacher"].open().variables) == set(golden.stages["teacher"].open().variables)


@pytest.mark.parametrize("hashing", [1, 2])
def test_a_run_is_found_that_was_created_before_a_setting_was_there(tmp_path: Path, hashing: int) -> None:
    experiment = Experiment(name="toy")
    recorded = experiment.model_dump(mode="json")
    del recorded["students"]["gradient_neighbors"], recorded["teacher"]["network"]["depth"]
    with open_writer(tmp_path, "toy-0123abcd", config=recorded, provenance={}, hashing=hashing):
        pass
    found = identity_for(experiment, tmp_path)
    assert found == Identity("toy-0123abcd", recorded, hashing)
    with open_writer(tmp_path, found.id, config=found.config, provenance={}):
        pass  # nobody takes it for another configuration
    written = found.fingerprint()(experiment.teacher)
    assert "depth" not in json.dumps(written)
    assert ("schedule" in written) == (hashing == 1)


ZERO = {"l2": 1e-4, "gradient_neighbors": 100}  # of students before they had an anchor


@pytest.mark.parametrize("students", [ZERO, ZERO | {"limit": "all"}])
@pytest.mark.parametrize("hashing", [1, 2])
def test_a_run_is_continued_that_began_with_another_default(
    tmp_path: Path, hashing: int, students: dict[str, Any]
) -> None:
    """All students were fitted where no limit was given; a run that meant all of them means them still."""
    description = experiment_from({"name": "toy"})
    methods = FORMER[3]["explanations"]["methods"]
    former = experiment_from({"name": "toy", "students": students, "explanations": {"methods": methods}})
    recorded = former.model_dump(mode="json")
    with open_writer(tmp_path, "toy-0123abcd", config=recorded, provenance={}, hashing=hashing):
        pass
    found = identity_for(description, tmp_path)
    assert found == Identity("toy-0123abcd", recorded, hashing)
    assert found.experiment.students == former.students
    given = experiment_from({"name": "toy", "students": {"limit": 300, "l2": 1e-3, "gradient_neighbors": 25}})
    assert identity_for(given, tmp_path).id == run_id(given)
    with open_writer(tmp_path, run_id(given), config=given.model_dump(mode="json"), provenance={}):
        pass
    assert identity_for(description, tmp_path).id == run_id(given)  # what it means today comes first


def test_a_limit_changes_no_key() -> None:
    sections = [Students().replaced(limit=limit) for limit in (None, 1, 300)]
    keys = [
        students_stage(section, seed=0).key({"teacher": "a", "vae": "b"}, fingerprint)
        for section in sections
        for fingerprint in (changes, as_recorded(Experiment(name="toy"), {"students": {"limit": None}}))
    ]
    assert len(set(keys)) == 1


def test_the_name_of_today_comes_before_other_runs_of_the_same_configuration(tmp_path: Path) -> None:
    experiment = Experiment(name="toy")
    for name in (run_id(experiment), "toy-0123abcd"):
        with open_writer(tmp_path, name, config=experiment.model_dump(mode="json"), provenance={}):
            pass
    assert identity_for(experiment, tmp_path).id == run_id(experiment)
    shutil.rmtree(tmp_path / run_id(experiment))
    assert identity_for(experiment, tmp_path).id == "toy-0123abcd"


def test_a_run_that_no_experiment_of_today_describes_is_another_one(tmp_path: Path) -> None:
    experiment = Experiment(name="toy")
    gone = experiment.model_dump(mode="json") | {"gone": 1}
    with open_writer(tmp_path, "toy-0123abcd", config=gone, provenance={}):
        pass
    assert identity_for(experiment, tmp_path).id == run_id(experiment)


def test_keys_of_a_later_version_are_an_error() -> None:
    with pytest.raises(NewerFormatError, match="way 3 in toy"):
        Identity("toy", {}, 3).fingerprint()
