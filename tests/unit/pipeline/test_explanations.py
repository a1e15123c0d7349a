"""The stage that explains and measures, on the tiny run that the real pipeline made."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from deepvid import fields
from deepvid.store import Run, open_run
from deepvid.trust import Infill

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def run(tiny_run: Path) -> Run:
    return open_run(tiny_run)


@pytest.fixture(scope="module")
def explained(run: Run) -> xr.Dataset:
    return xr.concat([batch for batch in opened(run) if batch.attrs["students"]], "explained")


def opened(run: Run) -> list[xr.Dataset]:
    return [batch.open().load() for batch in run.batches("explanations")]


@pytest.fixture(scope="module")
def students(run: Run) -> xr.Dataset:
    return xr.concat(
        [batch.open().load() for batch in run.batches("students")], "student", data_vars="minimal"
    )


def test_every_student_is_explained_by_every_method(explained: xr.Dataset, students: xr.Dataset) -> None:
    assert set(explained["sample"].values.tolist()) == set(students["sample"].values.tolist())
    assert explained.attrs["methods"] == ["student", "neighborhood_gradient", "hirescam", "random"]
    assert set(fields.EXPLANATIONS) - {"places_r2"} == set(explained.variables)  # no student of places


def test_right_images_nearest_to_another_class_are_explained_without_a_student(
    run: Run, explained: xr.Dataset
) -> None:
    """Of every class in turn the nearest; as many as there are errors."""
    right = xr.concat([batch for batch in opened(run) if not batch.attrs["students"]], "explained")
    assert right.attrs["methods"] == ["hirescam", "random"]
    label, test = (run.stages["dataset"].open()[name].to_numpy() for name in ("label", "test"))
    logits = run.stages["teacher"].open()["logits"].to_numpy()
    known = test & (logits.argmax(axis=1) == label)
    two = np.sort(logits, axis=1)[:, -2:]
    margin = np.where(known, two[:, 1] - two[:, 0], np.inf)
    expected = [np.flatnonzero(known & (label == own)) for own in range(10)]
    expected = [rows[np.argsort(margin[rows])] for rows in expected]
    turns = [sorted((margin[rows[turn]], rows[turn]) for rows in expected) for turn in range(3)]
    wanted = [sample for turn in turns for _, sample in turn][: len(explained["sample"])]
    assert right["sample"].values.tolist() == wanted
    assert (right["contrast"].values == np.argsort(-logits[wanted], axis=1)[:, :2]).all()
    assert np.isfinite(right["margin_lost"]).all()


def test_the_students_map_is_its_contributions_against_its_neighbors(
    run: Run, explained: xr.Dataset, students: xr.Dataset
) -> None:
    """W(x - mean) of the smoothest fit, predicted less true, in logits."""
    sample = int(explained["sample"][0])
    one = students.isel(student=students["sample"].values.tolist().index(sample), fit=1)
    first, second = one["contrast"].values
    image = run.stages["dataset"].open()["image"][sample].values.astype(float) / 255
    temperature = one.attrs["settings"]["temperature"]
    weights = temperature * (one["weights"][first] - one["weights"][second]).values.astype(float)
    expected = (weights * (image - one["neighborhood_mean"].values / 255)).sum(axis=-1)
    stored = explained.isel(explained=0, method=0)
    assert float(stored["total"]) == pytest.approx(expected.sum(), abs=1e-3)
    scale = float(stored["scale"])
    assert scale == pytest.approx(np.abs(expected).max(), rel=1e-3)
    np.testing.assert_allclose(stored["map"].values * scale / 127, expected, atol=scale / 200)


def test_curves_are_taken_of_some_and_margins_of_all(explained: xr.Dataset) -> None:
    infill = explained["infill"].values
    others = np.array([judge != "infill" for judge in explained.attrs["judges"]])
    judged = ~np.isnan(explained["faithfulness"].values[..., others]).any(axis=(1, 2))
    assert 0 < judged.sum() < len(judged)
    assert (np.isnan(explained["faithfulness"].values).all(axis=(1, 2)) == ~judged).all()
    assert ((infill == Infill.NOT_ASKED) == ~judged).all()
    areas = explained["faithfulness"][..., ~others]
    for values in (explained["infill_lost"], explained["infill_chance"], areas):
        known = np.isfinite(values.values).reshape(len(infill), -1)
        assert (known.all(axis=1) == (infill == Infill.JUDGED)).all()
    assert np.isfinite(explained["margin_lost"].values).all()
    assert (explained["margin_chance"].values > 0).all()
    assert (np.abs(explained["faithfulness"].values[judged][..., others]) <= 1).all()


def test_the_student_is_truer_than_chance(explained: xr.Dataset) -> None:
    lost = explained["margin_lost"].values
    assert lost[:, 0].mean() > 3 * abs(lost[:, 3].mean())


def test_evaluate_explains_the_students_that_were_fitted_last(tiny_run: Path, tmp_path: Path) -> None:
    path = Path(shutil.copytree(tiny_run, tmp_path / tiny_run.name))
    before = {batch.name for batch in open_run(path).batches("explanations")}
    sample = int(open_run(path).batches("students")[0].open()["sample"][0])
    which = [path.name, "--images", str(sample), "--store", str(tmp_path)]
    for command in (["fit-students", *which, "--band", "0.7"], ["evaluate", *which, "--json"]):
        done = subprocess.run([sys.executable, "-m", "deepvid", *command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["methods"]
    assert {row["method"] for row in rows} == {"student", "neighborhood_gradient", "hirescam", "random"}
    stored = open_run(path)
    added = [batch.open() for batch in stored.batches("explanations") if batch.name not in before]
    fitted = stored.batches("students")[-1].open().attrs
    assert fitted["settings"]["band"] == 0.7
    assert [batch.attrs["students"] for batch in added] == [fitted["settings_key"]]
    assert added[0]["sample"].values.tolist() == [sample]
