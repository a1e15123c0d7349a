"""A student fitted while a person waits, against the one that the pipeline stored."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from foreign import Wrapped

from deepvid import config
from deepvid.engine import models
from deepvid.engine.client import ThreadEngine
from deepvid.engine.handlers import _editor
from deepvid.engine.requests import EditLatents, ExplainImage, FitStudent
from deepvid.errors import ConfigError, StoreError, UserError
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.user_model import UserModel
from deepvid.store import open_run
from deepvid.tier import Tier
from deepvid.trust import Infill

pytestmark = pytest.mark.long

ON_ALL_CORES = """
import os, sys
from deepvid import config
from deepvid.engine import models
from deepvid.engine.client import ThreadEngine
from deepvid.engine.requests import FitStudent

settings = config.Students(neighbors=40, gradient_neighbors=0, smoothness=(0.0,))
engine = ThreadEngine()
found = engine.submit(FitStudent(sys.argv[1], 1100, settings)).result(timeout=240)
engine.close()
import jax
cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
assert found.sizes["student"] == 1
assert len(jax.devices()) == cores, jax.devices()
"""


@pytest.fixture(scope="module")
def settings(tiny_run: Path) -> config.Students:
    return config.Students.model_validate(open_run(tiny_run).config["students"])


def test_equals_the_stored_student(tiny_run: Path, settings: config.Students) -> None:
    stored = open_run(tiny_run).batches("students")[0].open()
    sample = int(stored["sample"][3])
    engine = ThreadEngine()
    job = engine.submit(FitStudent(tiny_run, sample, settings, seed=0))
    found = job.result(timeout=240)
    engine.close()
    assert job.tick is not None
    assert set(found.variables) == set(stored.variables)
    assert dict(found.sizes) == {**stored.sizes, "student": 1}
    assert found.attrs["settings_key"] == stored.attrs["settings_key"]
    assert int(found["sample"][0]) == sample
    # One thread there, many here: sums in another order, nothing else.
    np.testing.assert_allclose(found["weights"][0], stored["weights"][3], atol=2e-2)
    np.testing.assert_allclose(found["kl"][0], stored["kl"][3], rtol=0.05)


def test_a_right_image_has_the_maps_that_need_no_student(tiny_run: Path) -> None:
    run = open_run(tiny_run)
    settings = config.Explanations.model_validate(run.config["explanations"])
    label = run.stages["dataset"].open()["label"].to_numpy()
    logits = run.stages["teacher"].open()["logits"].to_numpy()
    sample = int(np.flatnonzero(label == logits.argmax(axis=1))[-1])
    engine = ThreadEngine()
    found = engine.submit(ExplainImage(tiny_run, sample, settings)).result(timeout=240)
    engine.close()
    assert found.attrs["methods"] == ["hirescam", "random"]
    assert found["contrast"][0].values.tolist() == np.argsort(-logits[sample])[:2].tolist()
    assert np.isfinite(found["margin_lost"]).all()
    assert np.isnan(found["faithfulness"]).all()
    assert found["infill"].values.tolist() == [Infill.NOT_ASKED]


def test_without_a_student_methods_that_need_one_are_refused(tiny_run: Path) -> None:
    engine = ThreadEngine()
    request = ExplainImage(tiny_run, 0, config.Explanations(methods=("student",)))
    with pytest.raises(UserError, match=r"no student needs none.* Found: student"):
        engine.submit(request).result(timeout=240)
    engine.close()


def test_an_image_is_explained_as_the_run_has_it(tiny_run: Path, settings: config.Students) -> None:
    run = open_run(tiny_run)
    stored = run.batches("explanations")[0].open()
    explanations = config.Explanations.model_validate(run.config["explanations"])
    (row, *_) = np.flatnonzero(stored["infill"] == Infill.JUDGED)
    request = ExplainImage(tiny_run, int(stored["sample"][row]), explanations, settings, infill=True)
    engine = ThreadEngine()
    found = engine.submit(request).result(timeout=240)
    engine.close()
    assert found.attrs["methods"] == stored.attrs["methods"]
    assert found.attrs["students"] == stored.attrs["students"]
    assert found.attrs["settings_key"] == stored.attrs["settings_key"]
    for name in ("scale", "margin_lost", "margin_chance", "infill_lost", "infill_chance"):
        np.testing.assert_allclose(found[name][0], stored[name][row], rtol=0.05, atol=0.05)
    np.testing.assert_allclose(found["map"][0].astype(int), stored["map"][row].astype(int), atol=4)


def test_all_cores_work_at_the_student_a_person_waits_for(tiny_run: Path) -> None:
    subprocess.run([sys.executable, "-c", ON_ALL_CORES, str(tiny_run)], check=True, env=os.environ)


@pytest.mark.parametrize("place", ["tiny_run", "tiny_archive"])
def test_other_settings_give_another_student(
    place: str, request: pytest.FixtureRequest, settings: config.Students
) -> None:
    engine = ThreadEngine()
    changed = settings.model_copy(update={"smoothness": (1.0,)})
    found = engine.submit(FitStudent(request.getfixturevalue(place), 1100, changed)).result(timeout=240)
    engine.close()
    assert found.sizes["fit"] == 1
    assert found.attrs["settings"]["smoothness"] == [1.0]


def test_a_run_is_opened_once_until_another_model_is_named(
    tiny_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = models.trained_run(tiny_run)
    assert models.trained_run(tiny_run) is opened
    named = [*models.registered_models, UserModel(config.Function())]
    monkeypatch.setattr(models, "registered_models", named)
    assert models.trained_run(tiny_run) is not opened


@pytest.fixture
def without_a_teacher(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a model that is not given in this command."""

    def missing(opened: TrainedRun) -> None:
        raise StoreError("The model that a run explains is given", f"none for {opened.run.id}", "Give it")

    monkeypatch.setattr(TrainedRun, "teacher", property(missing))


@pytest.mark.usefixtures("without_a_teacher")
@pytest.mark.parametrize("place", ["tiny_run", "tiny_archive"])
def test_without_its_teacher_a_student_is_fitted_to_stored_labels(
    place: str, request: pytest.FixtureRequest, settings: config.Students
) -> None:
    path = request.getfixturevalue(place)
    stored = open_run(path).batches("students")[0].open()
    sample, other = int(stored["sample"][3]), 1100
    assert other not in stored["sample"]
    engine = ThreadEngine()

    def fitted(sample: int, **changes: Any) -> xr.Dataset:
        found: xr.Dataset = engine.submit(FitStudent(path, sample, settings.replaced(**changes))).result(240)
        return found

    same = fitted(sample)
    assert set(same.variables) == set(stored.variables)
    assert same.attrs["settings_key"] == stored.attrs["settings_key"]
    np.testing.assert_allclose(same["weights"][0], stored["weights"][3], atol=2e-2)
    np.testing.assert_allclose(same["kl"][0], stored["kl"][3], rtol=0.05)
    assert np.abs(fitted(sample, l2=0.1)["weights"][0] - stored["weights"][3]).max() > 0.05
    with pytest.raises(ConfigError, match=r"Found: band = 1\.1"):
        fitted(sample, band=1.1)
    with pytest.raises(StoreError, match=r"given\. Found: none for"):
        fitted(other)
    engine.close()


@pytest.mark.parametrize("tier", [Tier.GRADIENTS, Tier.PREDICT])
def test_a_foreign_teacher_is_asked_in_plain_calls(
    tiny_run: Path, settings: config.Students, tier: Tier, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = open_run(tiny_run).batches("students")[0].open()
    sample, shift = int(stored["sample"][3]), (0.5,) * 8
    engine = ThreadEngine()
    expected = engine.submit(EditLatents(tiny_run, sample, shift)).result(timeout=240)
    monkeypatch.setattr(TrainedRun, "teacher", property(lambda opened: Wrapped(opened.network, tier)))
    _editor.cache_clear()
    student = engine.submit(FitStudent(tiny_run, sample, settings, seed=0)).result(timeout=240)
    edited = engine.submit(EditLatents(tiny_run, sample, shift)).result(timeout=240)
    engine.close()
    _editor.cache_clear()
    np.testing.assert_allclose(edited.logits, expected.logits, atol=1e-3)
    without = {"jacobian", "neighborhood_gradient"}
    if tier is Tier.GRADIENTS:
        np.testing.assert_allclose(student["weights"][0], stored["weights"][3], atol=2e-2)
        assert set(student.variables) == set(stored.variables)
    else:
        assert set(student.variables) == set(stored.variables) - without | {"occlusion"}


def test_a_sample_that_does_not_exist_is_named(tiny_run: Path, settings: config.Students) -> None:
    engine = ThreadEngine()
    with pytest.raises(ConfigError, match="numbered from 0 and below"):
        engine.submit(FitStudent(tiny_run, 10**6, settings)).result(timeout=60)
    engine.close()
