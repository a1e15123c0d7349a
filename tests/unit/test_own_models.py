"""The page on a model of one's own: its examples run, each where its framework is installed."""

import os
from pathlib import Path

import numpy as np
import pytest
from pages import clothes, run_example

import deepvid
from deepvid.store import list_runs, open_run

QUICK = {
    "soft_tree": {"depth": 2, "epochs": 2, "trees": 2},
    "vae": {"latent": 3, "width": 2, "hidden": 4, "epochs": 1},
    "projections": [{"method": "pca"}],
    "students": {"limit": 2, "neighbors": 20, "gradient_neighbors": 2},
    "explanations": {"methods": ["student"], "judged": 0},
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
