"""The page on a model of one's own: its examples run, each where its framework is installed."""

import os
from pathlib import Path

import numpy as np
import pytest
from nets import zoo_onnx
from pages import clothes, run_example

import deepvid
from deepvid.store import list_runs, open_run

QUICK = {
    "soft_tree": {"depth": 2, "epochs": 2, "trees": 2},
    "vae": {"latent": 3, "width": 2, "hidden": 4, "epochs": 1},
    "projections": [{"method": "pca"}],
    "students": {"limit": 2, "neighbors": 20, "gradient_neighbors": 2},
    "explanations": {"methods": ["student"], "judged": 0},
    "causes": {"limit": 2},
}


@pytest.mark.parametrize(
    ("name", "package", "students"),
    [
        ("pytorch", "torch", True),
        ("keras", "keras", True),
        ("sklearn", "sklearn", True),
        ("table", "numpy", False),
    ],
)
def test_an_example_makes_a_run_that_can_be_looked_at(
    name: str,
    package: str,
    students: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    if "KERAS_BACKEND" not in os.environ:
        monkeypatch.setenv("KERAS_BACKEND", "jax")
    pytest.importorskip(package)
    explain = deepvid.explain
    monkeypatch.setattr(deepvid, "explain", lambda *given, **named: explain(*given, **named, settings=QUICK))
    images, labels, test, class_names, *_ = clothes()
    answers = np.random.default_rng(0).dirichlet(np.ones(10), len(labels))
    given = {"labels": labels, "test": test, "class_names": class_names, "probabilities": answers}
    run_example("own_models.md", name, images=images, **given)
    (listing,) = list_runs(tmp_path / "runs")
    run = open_run(listing.path)
    assert run.status().state == "finished"
    assert {"teacher", "hierarchy", "projection-pca-features-2d"} <= set(run.stages)
    assert (run.summary["metrics"].get("students", 0) > 0) == students
    if students:
        accuracy = run.summary["metrics"]["test_accuracy"]
        assert accuracy > 0.5  # of ten classes


def test_a_file_as_model_zoos_have_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.chdir(tmp_path)
    colors = np.array([[0.8, 0.2, 0.2], [0.2, 0.8, 0.2], [0.2, 0.2, 0.8]], np.float32)
    (tmp_path / "resnet.onnx").write_bytes(zoo_onnx(colors))
    rng = np.random.default_rng(0)
    shown = np.arange(60) % 3
    photos = np.clip(colors[shown, None, None] + rng.normal(0, 0.1, (60, 64, 64, 3)), 0, 1)
    labels = np.where(np.arange(60) < 6, (shown + 1) % 3, shown)  # six that nobody can get right
    explain = deepvid.explain
    monkeypatch.setattr(deepvid, "explain", lambda *given, **named: explain(*given, **named, settings=QUICK))
    names = [f"class {number}" for number in range(1000)]
    images = np.round(255 * photos).astype(np.uint8)
    run_example("own_models.md", "onnx", photos=images, labels=labels, names=names)
    (listing,) = list_runs(tmp_path / "runs")
    run = open_run(listing.path)
    teacher = run.stages["teacher"].open()
    assert teacher["logits"].shape == (60, 1000)
    assert run.summary["metrics"]["test_accuracy"] == pytest.approx(0.9)
    assert run.summary["metrics"]["students"] == 2
