"""A run of an older version, or a smaller one, lacks variables: it is whole, and who needs one says which."""

from collections.abc import Callable
from pathlib import Path

import pytest
from forged import rewrite_stage, without

from dashboards.data.population import population
from deepvid.compare import compare_runs
from deepvid.errors import StoreError
from deepvid.pipeline.trained import TrainedRun
from deepvid.store import Run, import_archive, open_run, verify

GOLDEN = Path(__file__).parents[2] / "golden" / "version_1.zip"
Reader = Callable[[Run], object]


def loading(run: Run) -> object:
    opened = TrainedRun(run)
    return opened.teacher, opened.vae, opened.scale


def comparing(run: Run) -> object:
    return compare_runs(run, run)


@pytest.mark.parametrize(
    ("stage", "name", "reader"),
    [
        ("dataset", "test", population),
        ("dataset", "class_names", population),
        ("teacher", "logits", comparing),
        ("teacher", "logits", population),
        ("teacher", "network", loading),
        ("vae", "scale", loading),
        ("vae", "settings", loading),
        ("projection-pca-pixels-2d", "position", population),
        ("students/41d7493b-0", "sample", Run.students),
    ],
)
def test_who_needs_what_a_run_lacks_says_what(tmp_path: Path, stage: str, name: str, reader: Reader) -> None:
    path = import_archive(GOLDEN, tmp_path)
    rewrite_stage(path, stage, group=without(name))
    assert verify(path).ok
    run = open_run(path)
    assert run.open(stage).attrs["encoding-version"] == 1  # a notebook shows what is there
    with pytest.raises(StoreError) as caught:
        reader(run)
    assert caught.value.found == f"no {name}"
    assert run.stages[stage].group in caught.value.must


@pytest.mark.parametrize(
    ("stage", "name", "value", "reader"),
    [
        ("dataset", "class_names", 7, population),
        ("teacher", "image_shape", "28x28", loading),
        ("vae", "settings", [], loading),
        ("projection-pca-pixels-2d", "quality", {"neighborhood_hit": 1}, population),
    ],
)
def test_an_attribute_of_another_form_is_damage_to_all(
    tmp_path: Path, stage: str, name: str, value: object, reader: Reader
) -> None:
    path = import_archive(GOLDEN, tmp_path)
    rewrite_stage(path, stage, group=lambda _, document: document["attributes"].update({name: value}))
    (found,) = verify(path).runs
    assert f"attributes.{name} is " in found.unfit[0]
    assert found.bad == (stage,)
    with pytest.raises(StoreError, match="holds what was committed"):
        reader(open_run(path))


@pytest.mark.parametrize(
    ("stage", "name", "value"),
    [("vae", "settings", {"depth": 3}), ("teacher", "network", {"kind": "forest"})],
)
def test_a_model_that_another_version_trained_is_no_riddle(
    tmp_path: Path, stage: str, name: str, value: object
) -> None:
    path = import_archive(GOLDEN, tmp_path)
    rewrite_stage(path, stage, group=lambda _, document: document["attributes"].update({name: value}))
    assert verify(path).ok
    with pytest.raises(StoreError, match="settings that this DeepVID knows"):
        loading(open_run(path))
