"""Runs that explain what somebody else has trained: a table of answers, a function, a file that is data."""

import builtins
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from explained import described, explained
from micro import Recorder, experiment
from micro_runs import copied
from nets import linear_onnx

import deepvid
from dashboards.data.aim import Aim
from dashboards.data.maps import by_row, read_projection
from dashboards.data.population import population
from dashboards.data.values import certainty
from dashboards.kit.elements import words
from dashboards.views.focus import card as focus
from dashboards.views.strip import drawn
from dashboards.views.what_if import table as what_if
from deepvid import config
from deepvid.adapters.contract import Model
from deepvid.cli.main import main
from deepvid.config import Experiment, run_id
from deepvid.engine.requests import WhatIf
from deepvid.errors import ConfigError, DataError, StoreError
from deepvid.pipeline.plan import plan
from deepvid.pipeline.refitting import refit_batch
from deepvid.pipeline.reproduce import reproduce
from deepvid.pipeline.runner import RunOptions, extend_run
from deepvid.pipeline.students import students_stage
from deepvid.pipeline.time_travel import time_travel_stage
from deepvid.pipeline.trained import TrainedRun
from deepvid.pipeline.user_model import UserModel, named_in
from deepvid.pipeline.worker_pool import Batch
from deepvid.store import Run, open_run, write_archive
from deepvid.students.listed import OWN
from deepvid.tier import Tier

CLASSES = ("low", "high", "wide")
FUNCTION = """
import numpy as np
WEIGHT = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)
CALLS = []
def logits(images):
    CALLS.append(len(images))
    return images.reshape(len(images), -1) @ WEIGHT * {scale}
"""


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 random images of three classes, test images among training images."""
    rng = np.random.default_rng(1)
    path = tmp_path_factory.mktemp("images") / "images.npz"
    np.savez(
        path,
        images=rng.integers(0, 255, (60, 8, 8, 1), np.uint8),
        labels=np.arange(60) % 3,
        class_names=CLASSES,
        split=rng.random(60) < 0.4,
    )
    return path


@pytest.fixture
def my_net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], str]]:
    """Writes a module with a function and returns what a person calls it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield partial(written, tmp_path)
    sys.modules.pop("my_net", None)


def written(folder: Path, scale: float) -> str:
    (folder / "my_net.py").write_text(FUNCTION.format(scale=scale))
    sys.modules.pop("my_net", None)
    importlib.invalidate_caches()
    return "my_net:logits"


@pytest.fixture(scope="module")
def wanted(images: Path) -> Experiment:
    """Experiment that explains the function that `my_net` writes."""
    return described(images, {"source": "function", "entry": "my_net:logits"})


@pytest.fixture(scope="module")
def asked(wanted: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run that explains `my_net(1.0)`; tests copy its store before they write to it."""
    folder = tmp_path_factory.mktemp("asked")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        written(folder, 1.0)
        run = explained(folder / "runs", wanted)
    sys.modules.pop("my_net", None)
    return run


def table(tmp_path: Path, **arrays: Any) -> dict[str, Any]:
    np.savez(tmp_path / "answers.npz", **arrays)
    return {"source": "predictions", "path": str(tmp_path / "answers.npz")}


def test_a_table_has_maps_and_trees_and_no_student(tmp_path: Path, images: Path) -> None:
    rng = np.random.default_rng(2)
    logits, features = rng.normal(size=(60, 3)), rng.normal(size=(60, 5))
    run = explained(tmp_path, described(images, table(tmp_path, logits=logits, features=features)))
    computed = {"dataset", "data-check", "teacher", "hierarchy", "projection-pca-features-2d", "soft-tree"}
    assert set(run.stages) == computed | {"causes", "modes"}
    causes = run.stages["causes"].open()
    known = np.isfinite(causes["strength"].to_numpy()).all(axis=0)
    assert dict(zip(causes.attrs["causes"], known.tolist(), strict=True)) == {
        "label_doubt": False, "one_place": False, "picture_quality": True, "overlap": True,
        "unlike_training": True, "copies": True,
    }  # fmt: skip
    assert "of which there are answers alone" in causes.attrs["lacks"][0]
    rows = run.stages["dataset"].open()["row"].to_numpy()
    assert not np.array_equal(rows, np.arange(60))
    teacher = run.stages["teacher"].open()
    np.testing.assert_allclose(teacher["logits"], logits[rows], rtol=1e-6)
    np.testing.assert_allclose(teacher["features"], features[rows], rtol=1e-6)
    assert teacher.attrs["tier"] == "predictions"


def test_every_view_shows_the_own_probabilities_of_independent_classes(tmp_path: Path, images: Path) -> None:
    said = np.full((60, 3), (0.99, 0.01, 0.98))  # a softmax of their logs would show .50, .01, .49
    features = np.random.default_rng(2).normal(size=(60, 5))
    answers = {**table(tmp_path, probabilities=said, features=features), "output": {"kind": "independent"}}
    run = explained(tmp_path, described(images, answers))
    known = population(run)
    assert known is not None
    assert known.probabilities(0) == pytest.approx(said[0], abs=1e-5)
    assert known.confidence == pytest.approx(np.full(known.rows, 0.99), abs=1e-5)
    values = certainty(known)
    assert values is not None
    assert values.margin == pytest.approx(np.full(known.rows, 0.01), abs=1e-5)
    assert values.loss == pytest.approx(-np.log(said[0, known.label]), abs=1e-4)
    right = np.mean(known.label == 0)
    assert run.stages["teacher"].metrics["calibration_error"] == pytest.approx(abs(0.99 - right), abs=1e-5)
    logits, names = known.logits(0), known.class_names
    bars = focus.bars(logits, 1, names, known.link)
    assert [bar.probability for bar in bars] == pytest.approx([0.99, 0.98, 0.01], abs=1e-5)
    both = WhatIf(0, np.stack([logits, logits]), (), 0, ())
    assert what_if.stored(both, names, known.link) == "low .99, as stored"
    aim = Aim(0, 2, "")
    pixels = np.zeros((1, 8, 8, 1))
    (frame,) = drawn(pixels[0], pixels, logits[None], names, aim, known.link).frames
    assert words(frame) == f"{names[0]} .99‖Δ‖ 0 · {names[2]} .98"


def test_logits_stand_for_features_that_a_model_does_not_show(tmp_path: Path, images: Path) -> None:
    logits = np.random.default_rng(2).normal(size=(60, 3))
    run = explained(tmp_path, described(images, table(tmp_path, logits=logits)))
    teacher = run.stages["teacher"].open()
    assert teacher.attrs["features_of"] == "logits"
    np.testing.assert_array_equal(teacher["features"], teacher["logits"])
    shown = read_projection("map", run.stages["projection-pca-features-2d"].open())
    assert by_row(shown, np.arange(60), 60).title == "PCA of logits"


def test_the_tree_of_features_is_that_of_the_layer_which_reads_them(tmp_path: Path, images: Path) -> None:
    rng = np.random.default_rng(3)
    features, head = rng.normal(size=(60, 4)), np.array([[1, 0.9, -1], [0, 0, 2], [1, 1, 0], [0, 0, 0.0]])
    logits = features @ head + [1, 2, 3]
    run = explained(tmp_path, described(images, table(tmp_path, logits=logits, features=features)))
    parent = run.stages["hierarchy"].open()["parent"].to_numpy()
    assert parent[0] == parent[1] != parent[2]


def test_a_function_is_asked_about_every_image_and_its_students(
    asked: Run, my_net: Callable[[float], str]
) -> None:
    run, (module, _, _) = asked, my_net(1.0).partition(":")
    weight = importlib.import_module(module).WEIGHT
    pixels = run.stages["dataset"].open()["image"].to_numpy().reshape(60, -1) / np.float32(255)
    np.testing.assert_allclose(run.stages["teacher"].open()["logits"], pixels @ weight, rtol=1e-4, atol=1e-5)
    assert run.stages["teacher"].open().attrs["model"]["name"] == "my_net:logits"
    assert run.summary["metrics"]["students"] == 3


def test_a_model_of_many_classes_explains_images_of_a_few(tmp_path: Path) -> None:
    content = linear_onnx((1, 8, 8), 400)
    (tmp_path / "many.onnx").write_bytes(content)
    names = [f"class {number}" for number in range(400)]
    rng = np.random.default_rng(1)
    labels = np.array(names)[np.array([3, 50, 399])[np.arange(30) % 3]]
    np.savez(tmp_path / "few.npz", images=rng.random((30, 8, 8)), labels=labels)
    dataset = {"source": "arrays", "path": str(tmp_path / "few.npz"), "test_share": 1, "classes": names}
    wanted = described(tmp_path, {"source": "onnx", "path": str(tmp_path / "many.onnx")}, dataset=dataset)
    run = explained(tmp_path, wanted)
    teacher = run.stages["teacher"].open()
    assert teacher["logits"].shape == (30, 400)
    assert list(teacher.attrs["class_names"]) == names
    assert set(run.stages["dataset"].open()["label"].to_numpy()) == {3, 50, 399}
    (batch,) = run.batches("students")
    students = batch.open()
    assert "weights" not in students
    assert students["shared_weights"].shape[2] == OWN + 1
    asked = np.take_along_axis(students["row"].to_numpy(), students["contrast"].to_numpy(), axis=1)
    assert asked.tolist() == [[0, 1]] * students.sizes["student"]
    # what is fitted anew to the labels that are stored is the same student
    again = refit_batch(
        TrainedRun(run),
        Batch(wanted.students, wanted.seed, "k", (int(students["sample"][0]),)),
        StoreError("", "", ""),
    )
    assert abs(again["kl"].to_numpy() - students["kl"].to_numpy()[:1]).max() < 1e-2
    np.testing.assert_array_equal(again["row"][0], students["row"][0])


def test_a_model_of_more_classes_says_how_to_name_them(tmp_path: Path, images: Path) -> None:
    (tmp_path / "many.onnx").write_bytes(linear_onnx((1, 8, 8), 400))
    with pytest.raises(DataError, match=r"3 classes.*400 outputs.*--classes NAMES\.txt"):
        explained(tmp_path, described(images, {"source": "onnx", "path": str(tmp_path / "many.onnx")}))


def test_a_function_that_answers_otherwise_is_not_what_the_run_explains(
    tmp_path: Path, asked: Run, wanted: Experiment, my_net: Callable[[float], str]
) -> None:
    store = copied(asked.path, tmp_path).parent
    my_net(1.0)
    assert explained(store, wanted).commits == asked.commits
    my_net(2.0)
    with pytest.raises(DataError, match="my_net:logits"):
        explained(store, wanted)


@pytest.mark.long
def test_tuning_asks_the_model_that_is_named(
    asked: Run, my_net: Callable[[float], str], capsys: pytest.CaptureFixture[str]
) -> None:
    entry, store = my_net(1.0), str(asked.path.parent)
    sample = int(asked.batches("students")[0].open()["sample"][0])
    wanted = ["tune", asked.id, "--store", store, "--image", str(sample), "--l2", "0.001,0.1"]
    with pytest.raises(SystemExit, match="2"):
        main([*wanted, "--json"])
    assert "--model, an option of deepvid serve, fit-students, tune" in " ".join(
        capsys.readouterr().err.split()
    )
    few = ["--temperature", "1", "--l1", "0", "--smoothness", "0", "--band", "0.6", "--neighbors", "20"]
    with pytest.raises(SystemExit, match="0"):
        main([*wanted, *few, "--model", entry, "--json"])
    points = json.loads(capsys.readouterr().out)["points"]
    assert {point["settings"]["l2"] for point in points} == {0.001, 0.1}


def test_a_model_that_raises_leaves_what_is_committed_and_is_gone_on_with_once_it_is_mended(
    tmp_path: Path, images: Path, my_net: Callable[[float], str]
) -> None:
    """It answers about stored images, whose values are bytes, and about no decoded one."""
    entry = my_net(1.0)
    module = tmp_path / "my_net.py"
    mended = module.read_text()
    module.write_text(
        mended.replace(
            "    CALLS.append(len(images))\n",
            "    if np.abs(255 * images - np.round(255 * images)).max() > 1e-3:\n"
            "        raise RuntimeError('such an image I have never seen')\n",
        )
    )
    wanted = described(images, {"source": "function", "entry": entry})
    with pytest.raises(DataError, match="such an image I have never seen") as raised:
        explained(tmp_path / "runs", wanted)
    assert "image" in raised.value.found
    (path,) = (tmp_path / "runs").iterdir()
    assert {"dataset", "teacher"} <= set(open_run(path).stages)
    module.write_text(mended)
    sys.modules.pop("my_net", None)
    importlib.invalidate_caches()
    run = explained(tmp_path / "runs", wanted)
    assert run.path == path
    assert run.summary["metrics"]["students"] > 0


def test_every_image_may_be_a_test_image(tmp_path: Path, my_net: Callable[[float], str]) -> None:
    rng = np.random.default_rng(1)
    np.savez(tmp_path / "all.npz", images=rng.random((40, 8, 8)), labels=np.arange(40) % 3)
    wanted = described(tmp_path / "all.npz", {"source": "function", "entry": my_net(1.0)})
    dataset = wanted.dataset.replaced(test_share=1)
    wanted = wanted.replaced(dataset=dataset, students=wanted.students.replaced(limit=0))
    run = explained(tmp_path, wanted)
    assert run.stages["dataset"].open()["test"].to_numpy().all()
    assert np.isfinite(run.stages["vae"].open()["scale"]).all()


def test_explain_makes_a_run_of_an_object_and_goes_on_with_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    images, weight = rng.random((40, 8, 8)).astype(np.float32), rng.normal(size=(64, 3))

    def net(batch: np.ndarray) -> np.ndarray:
        return batch.reshape(len(batch), -1) @ weight

    def raising(batch: np.ndarray, outputs: np.ndarray) -> Any:
        raise RuntimeError("it keeps no graph")

    net.gradient = raising  # type: ignore[attr-defined]  # students do without
    micro = experiment(projections=[{"method": "pca"}]).model_dump(mode="json")
    names = ("vae", "soft_tree", "projections", "students", "explanations", "causes")
    settings = {name: micro[name] for name in names}
    run = deepvid.explain(net, images, np.arange(40) % 3, CLASSES, store=tmp_path, settings=settings)
    assert run.summary["metrics"]["students"] == 3
    assert run.stages["teacher"].open().attrs["tier"] == "predict"
    again = deepvid.explain(net, images, np.arange(40) % 3, CLASSES, store=tmp_path, settings=settings)
    assert again.commits == run.commits
    teacher = TrainedRun(run, UserModel(config.Function(), net)).teacher
    assert isinstance(teacher, Model)
    assert (teacher.name, teacher.tier) == ("net", Tier.PREDICT)

    def other(batch: np.ndarray) -> np.ndarray:
        return net(batch)[:, ::-1]

    with pytest.raises(DataError, match="another"):  # of the same kind, and not what the run explains
        _ = TrainedRun(run, UserModel(config.Function(), other)).teacher
    settings["students"] = {**settings["students"], "limit": 0}
    third = deepvid.explain(other, images, np.arange(40) % 3, CLASSES, store=tmp_path, settings=settings)
    assert third.id != run.id


def test_an_onnx_file_travels_along_and_answers_in_the_archive(tmp_path: Path, images: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "model.onnx").write_bytes(linear_onnx((1, 8, 8), 3))
    run = explained(tmp_path, described(images, {"source": "onnx", "path": str(tmp_path / "model.onnx")}))
    students = run.students()
    assert "occlusion" in students
    assert "neighborhood_gradient" not in students
    write_archive(run, tmp_path / "own.deepvid.zip")
    (tmp_path / "model.onnx").unlink()
    archived = open_run(tmp_path / "own.deepvid.zip")
    model = TrainedRun(archived).teacher
    assert isinstance(model, Model)
    pixels = archived.stages["dataset"].open()["image"].to_numpy()[:5] / np.float32(255)
    stored = archived.stages["teacher"].open()["logits"].to_numpy()[:5]
    np.testing.assert_allclose(model.answers(pixels).logits, stored, rtol=1e-5, atol=1e-6)


def test_another_file_of_the_same_name_is_another_run(tmp_path: Path, images: Path) -> None:
    pytest.importorskip("onnxruntime")
    wanted = described(images, {"source": "onnx", "path": str(tmp_path / "model.onnx")})
    ids = set()
    for classes in (3, 3, 4):
        content = linear_onnx((1, 8, 8), classes)
        (tmp_path / "model.onnx").write_bytes(content)
        named = named_in(wanted)
        assert named is not None
        ids.add(run_id(named.of(wanted)))
    assert len(ids) == 2


def test_nothing_that_a_run_names_is_imported(
    tmp_path: Path,
    asked: Run,
    wanted: Experiment,
    my_net: Callable[[float], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever made the archive chose the name; only the person at the keyboard may have it loaded."""
    run = open_run(copied(asked.path, tmp_path))
    my_net(1.0)  # it could be
    imported: list[str] = []
    real = builtins.__import__

    def watched(name: str, *rest: Any, **others: Any) -> Any:
        imported.append(name)
        return real(name, *rest, **others)

    monkeypatch.setattr(builtins, "__import__", watched)
    with pytest.raises(StoreError, match="my_net:logits"):
        _ = TrainedRun(run).teacher
    recorder = Recorder()
    more = wanted.students.replaced(images="0,1")
    with pytest.raises(StoreError, match="--model"):
        extend_run(run.path, students_stage(more, seed=0), RunOptions(recorder, recorder.cancel))
    assert "my_net" not in sys.modules
    assert "my_net" not in imported
    assert open_run(run.path).summary["state"] == "finished"  # nothing was begun that could fail


def test_reproducing_takes_what_asked_a_model_that_is_not_there(
    tmp_path: Path, asked: Run, my_net: Callable[[float], str]
) -> None:
    my_net(1.0)
    write_archive(asked, tmp_path / "own.deepvid.zip")
    recorder = Recorder()
    without = reproduce(
        tmp_path / "own.deepvid.zip", tmp_path / "without", RunOptions(recorder, recorder.cancel)
    )
    assert without.ok
    taken = {stage.name.partition("/")[0] for stage in without.stages if stage.outcome == "from the archive"}
    assert taken == {"dataset", "teacher", "vae", "students"}
    assert "my_net" not in sys.modules
    named = UserModel(config.Function(entry="my_net:logits"))
    order = RunOptions(recorder, recorder.cancel, user_model=named)
    again = reproduce(tmp_path / "own.deepvid.zip", tmp_path / "again", order)
    assert again.ok
    taken = {stage.name for stage in again.stages if stage.outcome == "from the archive"}
    assert taken == {"dataset", "teacher"}


def test_a_run_explains_one_model(asked: Run) -> None:
    assert UserModel(config.Function(entry="other:logits")).of_run(asked) is None
    assert UserModel(config.Onnx(path=Path("my_net"))).of_run(asked) is None
    assert UserModel(config.Function(entry="my_net:logits")).of_run(asked) is not None


def test_a_file_that_is_not_there_is_said(images: Path) -> None:
    with pytest.raises(ConfigError, match=r"no absent\.onnx"):
        named_in(described(images, {"source": "onnx", "path": "absent.onnx"}))


def test_what_a_table_lacks_is_said(tmp_path: Path, images: Path) -> None:
    wanted = described(images, table(tmp_path, logits=np.random.default_rng(2).normal(size=(60, 3))))
    run = explained(tmp_path, wanted)
    recorder = Recorder()
    order = RunOptions(recorder, recorder.cancel)
    with pytest.raises(StoreError, match="explains a table of its answers"):
        extend_run(run.path, students_stage(wanted.students, seed=0), order)
    with pytest.raises(ConfigError, match="explains a model trained elsewhere"):
        extend_run(run.path, time_travel_stage(config.TimeTravel(), seed=0), order)


def test_a_table_plans_nothing_that_asks(images: Path) -> None:
    wanted = described(images, {"source": "predictions", "path": "x.npz"})
    assert not {"vae", "students", "explanations"} & {stage.name for stage in plan(wanted)}
