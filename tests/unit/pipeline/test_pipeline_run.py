"""The real pipeline on a few images: resumed by key, copied between runs, recorded when it fails."""

import re
import shutil
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from micro import Recorder, digests, experiment, run

from deepvid.cli.main import main
from deepvid.errors import Cancelled, ConfigError, DataError, DivergedError, StoreError
from deepvid.hierarchy.induced import induced
from deepvid.hierarchy.tree import tree_of
from deepvid.pipeline.runner import RunOptions, extend_run, run_experiment
from deepvid.pipeline.students import students_stage
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Tick
from deepvid.store import list_runs, open_run
from deepvid.training import predict

pytestmark = pytest.mark.long

STAGES = [
    "dataset",
    "data-check",
    "teacher",
    "vae",
    "projection-pca-pixels-2d",
    "hierarchy",
    "soft-tree",
    "projection-pca-latents-2d",
    "causes",
    "modes",
    "students",
    "explanations",
]


class Told(Recorder):
    """And what each stage foretells."""

    def __init__(self) -> None:
        super().__init__()
        self.forecasts: dict[str, Tick] = {}

    def ticked(self, stage: str, tick: Tick) -> None:
        super().ticked(stage, tick)
        if tick.size is not None:
            self.forecasts[stage] = tick


@pytest.fixture(scope="module")
def told() -> Told:
    """Messages while `finished` runs."""
    return Told()


@pytest.fixture(scope="module")
def finished(told: Told, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; tests copy its store before they write to it."""
    made = run(tmp_path_factory.mktemp("pipeline") / "runs", experiment(), told)
    assert told.outcomes == dict.fromkeys(STAGES, "computed") | {"explanations": "reused"}  # of none
    return made.path


@pytest.fixture
def store(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.parent, tmp_path / "runs"))


def test_the_teachers_answers_are_those_of_its_last_parameters(finished: Path) -> None:
    found = open_run(finished)
    dataset, teacher = found.stages["dataset"].open(), found.stages["teacher"].open()
    predictions = predict(TrainedRun(found).network, dataset["image"].to_numpy())
    np.testing.assert_allclose(teacher["logits"], predictions.logits, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(teacher["features"], predictions.features, rtol=1e-4, atol=1e-5)


def test_the_parameters_are_taken_apart_by_their_layout_alone(finished: Path) -> None:
    """As a reader in another language does, who knows the network and nothing of ours."""
    found = open_run(finished)
    image, teacher = found.stages["dataset"].open()["image"], found.stages["teacher"].open()
    arrays, at = {}, 0
    for path, shape in teacher.attrs["parameter_layout"]:
        size = int(np.prod(shape))
        arrays[path] = teacher["parameters"].to_numpy()[at : at + size].reshape(shape)
        at += size
    assert at == teacher.sizes["parameter"]
    answers = image.to_numpy().reshape(len(image), -1) / 255
    for layer in ("blocks/0/dense", "dense"):
        answers = answers @ arrays[f"{layer}/kernel/value"] + arrays[f"{layer}/bias/value"]
        answers = np.maximum(answers, 0) if layer.startswith("blocks") else answers
    np.testing.assert_allclose(answers, teacher["logits"], rtol=1e-3, atol=1e-4)
    vae = found.stages["vae"].open()
    assert sum(np.prod(shape) for _, shape in vae.attrs["parameter_layout"]) == vae.sizes["parameter"]


def test_the_hierarchy_takes_every_sample_down_the_tree_of_the_head(finished: Path) -> None:
    found = open_run(finished)
    dataset, teacher = found.stages["dataset"].open(), found.stages["teacher"].open()
    group, tree = (stored := found.stages["hierarchy"].open()), tree_of(stored["parent"].to_numpy())
    head = np.asarray(TrainedRun(found).network.dense.kernel[...]).T  # type: ignore[attr-defined]
    np.testing.assert_array_equal(tree.children, induced(head).tree.children)
    logits, leaf, label = teacher["logits"].to_numpy(), group["leaf"].to_numpy(), dataset["label"].to_numpy()
    for sample in range(70):  # one by one, from the root
        node, probabilities = tree.root, []
        while node >= tree.leaves:
            means = [logits[sample][tree.under[child]].mean() for child in tree.children[node - 10]]
            side = int(means[1] > means[0])
            probabilities.append(1 / (1 + np.exp(means[1 - side] - means[side])))
            node = tree.children[node - 10][side]
        assert node == leaf[sample]
        assert group["path_probability"][sample] == pytest.approx(np.mean(probabilities), rel=1e-4)
        left = [node for node in tree.path(node) if not tree.under[node, label[sample]]]
        assert group["turn"][sample] == (left[0] if left else -1)
    assert group["node_probability"][tree.root] == 1
    shares, test = group.attrs["accuracy"], dataset["test"].to_numpy()
    assert shares["hard"]["value"] == pytest.approx((leaf == label)[test].mean())
    assert shares["flat"]["value"] == pytest.approx((logits.argmax(axis=1) == label)[test].mean())
    assert found.stages["hierarchy"].metrics["hard_accuracy"] == shares["hard"]["value"]


def test_the_soft_tree_takes_every_sample_down_by_its_features(finished: Path) -> None:
    found = open_run(finished)
    dataset, features = found.stages["dataset"].open(), found.stages["teacher"].open()["features"].to_numpy()
    group = found.stages["soft-tree"].open()
    ends, label = group["leaf_class"].to_numpy(), dataset["label"].to_numpy()
    tree = tree_of(group["parent"].to_numpy(), ends, 10)
    for sample in range(30):
        node = tree.root
        while node >= tree.leaves:
            inner = node - tree.leaves
            score = group["weights"].to_numpy()[inner] @ features[sample] + group["bias"].to_numpy()[inner]
            node = tree.children[inner][int(score < 0)]
        assert node == group["leaf"][sample]
    np.testing.assert_array_equal(group["leaf_probability"].to_numpy().argmax(axis=1), ends)
    shares, test = group.attrs["accuracy"], dataset["test"].to_numpy()
    right = ends[group["leaf"].to_numpy()] == label
    assert shares["hard"]["value"] == pytest.approx(right[test].mean())
    assert len(group.attrs["others"]) == 1  # two trees were trained
    assert group["returns"].to_numpy().max() <= 1


def test_weights_apply_to_intensities_from_0_to_1(finished: Path) -> None:
    found = open_run(finished)
    (batch,) = found.batches("students")
    students, image = batch.open(), found.stages["dataset"].open()["image"].to_numpy() / 255
    for student, sample in enumerate(students["sample"].to_numpy()):
        products = np.einsum("fkyxc,yxc->fk", students["weights"][student], image[sample])
        classes = (products + students["intercept"].to_numpy()[student]).argmax(axis=1)
        teacher = students["teacher_logits"].to_numpy()[student].argmax()
        assert ((classes == teacher) == students["agrees_on_sample"].to_numpy()[student]).all()


def test_stages_are_committed_in_order(finished: Path) -> None:
    found = open_run(finished)
    assert [name for name in found.stages if "/" not in name] == STAGES[:-2]
    assert found.status().state == "finished"
    assert found.summary["source"] == "fashion_mnist_small"
    assert found.summary["metrics"]["students"] == 3
    assert 0 <= found.summary["metrics"]["test_accuracy"] <= 1


def test_every_stage_says_what_it_holds(finished: Path) -> None:
    found = open_run(finished)
    sizes = {name: dict(stage.open().sizes) for name, stage in found.stages.items()}
    assert sizes["dataset"] == {"sample": 70, "y": 28, "x": 28, "channel": 1}
    assert sizes["teacher"]["sample"] == 70
    assert sizes["projection-pca-pixels-2d"] == {"sample": 30, "dimension": 2}
    assert sizes["vae"]["test_sample"] == 30
    map_of_tests = found.stages["projection-pca-pixels-2d"].open()
    assert map_of_tests["sample"].to_numpy().tolist() == list(range(40, 70))
    assert map_of_tests.attrs["quality"]["trustworthiness"]["chance"] is not None
    measured = float(np.nanmean(map_of_tests["hit"]))
    assert measured == pytest.approx(map_of_tests.attrs["quality"]["neighborhood_hit"]["value"], abs=1e-6)
    assert np.isfinite(map_of_tests["data_hit"]).any()
    teacher = found.series("teacher")
    assert teacher is not None
    assert teacher.open().sizes == {"epoch": 2, "sample": 30, "class": 10, "feature": 8} | {
        "parameter": found.stages["teacher"].open().sizes["parameter"]
    }


def test_students_explain_the_most_confident_errors(finished: Path) -> None:
    found = open_run(finished)
    (batch,) = found.batches("students")
    students = batch.open()
    logits = found.stages["teacher"].open()["logits"].to_numpy()
    label = found.stages["dataset"].open()["label"].to_numpy()
    probability = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    errors = [i for i in range(40, 70) if logits[i].argmax() != label[i]]
    expected = sorted(errors, key=lambda i: -probability[i].max())[:3]
    assert students["sample"].to_numpy().tolist() == expected
    assert students.sizes["fit"] == 2
    assert students["contrast"].to_numpy()[:, 1].tolist() == label[expected].tolist()


def test_the_same_experiment_again_commits_nothing(store: Path) -> None:
    recorder = Recorder()
    before = (store / open_run(next(store.iterdir())).id / "journal.jsonl").read_bytes()
    found = run(store, experiment(), recorder)
    assert recorder.outcomes == dict.fromkeys(STAGES, "reused")
    assert (found.path / "journal.jsonl").read_bytes() == before


@pytest.mark.long
def test_the_same_seed_gives_the_same_bytes(finished: Path, tmp_path: Path) -> None:
    again = run(tmp_path / "runs", experiment(), Recorder())
    assert digests(again) == digests(open_run(finished))


def test_an_interrupted_run_continues_to_the_same_bytes(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        run(tmp_path / "runs", experiment(), Recorder(cancel_at=("teacher", "epoch 2")))
    stopped = open_run(next((tmp_path / "runs").iterdir()))
    teacher = stopped.series("teacher")
    assert teacher is not None
    assert teacher.epochs == 1
    assert stopped.status().state == "interrupted"
    continued = run(tmp_path / "runs", experiment(), Recorder(), stop_after="teacher")
    assert len(digests(continued)) >= 3
    assert set(digests(continued)) <= set(digests(open_run(finished)))


def test_equal_stages_of_another_run_are_copied(finished: Path, store: Path) -> None:
    recorder = Recorder()
    changed = experiment(vae={"latent": 2, "width": 2, "hidden": 4, "epochs": 1, "batch": 20})
    copied = run(store, changed, recorder, stop_after="vae")
    assert recorder.outcomes == dict.fromkeys(STAGES[:7], "copied") | {"vae": "computed"}
    shutil.rmtree(store / finished.name)  # a run stands alone
    source = open_run(finished)
    for name in ("dataset", "teacher"):
        assert copied.stages[name].digest == source.stages[name].digest
    history, original = copied.series("teacher"), source.series("teacher")
    assert history is not None
    assert original is not None
    np.testing.assert_array_equal(history.open()["test_logits"], original.open()["test_logits"])
    assert copied.summary["metrics"]["test_accuracy"] == source.summary["metrics"]["test_accuracy"]
    assert copied.summary["source"] == "fashion_mnist_small"


@pytest.mark.parametrize("limit", [3, 5])
def test_students_of_another_run_are_copied_and_only_the_rest_is_fitted(
    finished: Path, store: Path, limit: int
) -> None:
    recorder = Recorder()
    students = {"limit": limit, "neighbors": 20, "gradient_neighbors": 2}
    other = run(store, experiment(name="other", projections=[], students=students), recorder)
    assert recorder.outcomes["students"] == ("copied" if limit == 3 else "computed")
    (source,) = open_run(finished).batches("students")
    copied, *more = other.batches("students")
    assert (copied.name, copied.key, copied.digest) == (source.name, source.key, source.digest)
    assert [batch.open().sizes["student"] for batch in more] == ([2] if limit == 5 else [])
    assert other.summary["metrics"]["students"] == limit


def test_stop_after_leaves_the_rest_out(store: Path) -> None:
    recorder = Recorder()
    run(store, experiment(name="short"), recorder, stop_after="dataset")
    assert list(recorder.outcomes) == ["dataset"]
    (short,) = (each for each in list_runs(store) if each.id.startswith("short-"))
    assert short.state == "stopped"
    with pytest.raises(
        ConfigError, match="The stages of this experiment are dataset, data-check, projection"
    ):
        run(store, experiment(name="short"), recorder, stop_after="teachers")


def test_a_failed_stage_is_recorded_with_its_error(tmp_path: Path) -> None:
    wild = {"network": {"kind": "mlp", "hidden": [8]}, "batch": 20, "optimizer": "sgd", "learning_rate": 1e30}
    with pytest.raises(DivergedError) as caught:
        run(tmp_path / "runs", experiment(teacher=wild), Recorder())
    status = open_run(next((tmp_path / "runs").iterdir())).status()
    assert (status.state, status.stage) == ("failed", "teacher")
    assert status.error == (caught.value.must, caught.value.found, caught.value.action)


@pytest.mark.parametrize(
    "refused",
    [
        {"dataset": {"source": "arrays", "path": "absent.npz"}},
        {"dataset": {"source": "folder", "path": "."}},
        {"dataset": {"train": 3, "test": 3}},
        {"students": {"images": "class:99"}},
        {"students": {"images": "confusion:0,10"}},
        {"students": {"images": "0,999999"}},
    ],
    ids=str,
)
def test_what_is_refused_is_refused_before_anything_is_trained_and_leaves_no_run(
    refused: dict[str, Any], tmp_path: Path
) -> None:
    recorder = Recorder()
    with pytest.raises((DataError, ConfigError)):
        run(tmp_path / "runs", experiment(**refused), recorder)
    assert set(recorder.outcomes) <= {"dataset"}
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_run_that_was_there_stays_when_its_images_are_refused(drawings: Path, tmp_path: Path) -> None:
    own = experiment(dataset={"source": "arrays", "path": str(drawings)})
    run(tmp_path / "runs", own, Recorder(), "dataset")
    _drawn(drawings, 1)
    with pytest.raises(DataError):
        run(tmp_path / "runs", own, Recorder(), "dataset")
    assert len(list((tmp_path / "runs").iterdir())) == 1


@pytest.mark.parametrize(
    "wrong", [{"images": "class:99"}, {"images": "0,999999"}, {"band": (0.5, 0.5)}], ids=str
)
def test_more_students_that_cannot_be_leave_a_finished_run_as_it_is(
    wrong: dict[str, Any], store: Path
) -> None:
    path = next(store.iterdir())
    before = (path / "journal.jsonl").read_bytes()
    stage = students_stage(experiment().students.replaced(**wrong), seed=0)
    recorder = Recorder()
    with pytest.raises(ConfigError):
        extend_run(path, stage, RunOptions(recorder, recorder.cancel))
    assert (path / "journal.jsonl").read_bytes() == before
    assert open_run(path).status().state == "finished"


def test_one_more_map_joins_a_finished_run_and_one_of_other_settings_takes_its_place(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = next(store.iterdir())
    which, name = [path.name, "--store", str(path.parent)], "projection-tsne-latents-3d"

    def project(*options: str) -> int | str | None:
        with pytest.raises(SystemExit) as caught:
            main(["project", *which, "--of", "latents", "--dimensions", "3", *options])
        return caught.value.code

    assert name not in open_run(path).stages
    assert project("--perplexity", "4") == 0
    first = open_run(path).stages[name]
    assert first.open().sizes["dimension"] == 3
    assert open_run(path).status().state == "finished"
    assert project("--perplexity", "4") == 0
    assert open_run(path).stages[name].key == first.key
    assert project("--perplexity", "3") == 0
    assert open_run(path).stages[name].open().attrs["projection"]["perplexity"] == 3
    before = (path / "journal.jsonl").read_bytes()
    assert project("--method", "mds") == 2
    assert "'mds'" in capsys.readouterr().err
    assert (path / "journal.jsonl").read_bytes() == before


def test_more_students_of_an_interrupted_run_say_what_it_lacks(tmp_path: Path) -> None:
    path = run(tmp_path / "runs", experiment(), Recorder(), "dataset").path
    before = (path / "journal.jsonl").read_bytes()
    recorder = Recorder()
    with pytest.raises(StoreError, match=r"students needs teacher and vae.*Continue the run first"):
        extend_run(path, students_stage(experiment().students, seed=0), RunOptions(recorder, recorder.cancel))
    assert (path / "journal.jsonl").read_bytes() == before


def test_more_students_leave_those_with_equal_settings_out(store: Path) -> None:
    path = next(store.iterdir())
    section = experiment().students
    first = open_run(path).batches("students")[0].open()["sample"].to_numpy().tolist()

    def add(**changes: Any) -> list[int]:
        recorder = Recorder()
        stage = students_stage(section.replaced(**changes), seed=0)
        extend_run(path, stage, RunOptions(recorder, recorder.cancel))
        batches = open_run(path).batches("students")
        assert open_run(path).summary["metrics"]["students"] == sum(
            b.open().sizes["student"] for b in batches
        )
        return batches[-1].open()["sample"].to_numpy().tolist()

    assert add(images=f"{first[0]},5", limit=None) == [5]
    assert add(images=f"{first[0]}", l2=0.01) == [first[0]]  # other settings: another student
    names = [batch.name for batch in open_run(path).batches("students")]
    assert names[1] == names[0].removesuffix("-0") + "-1"
    assert names[2].endswith("-0")
    assert open_run(path).status().state == "finished"


def test_time_and_disk_are_told_before_a_stage_begins(finished: Path, told: Told) -> None:
    assert told.forecasts["teacher"].message == told.forecasts["vae"].message == "2 epochs of 40 images"
    made = open_run(finished)
    for name in ("teacher", "vae"):
        series = made.series(name)
        assert series is not None
        written = series.open().nbytes + series.state_nbytes + made.stages[name].open().nbytes
        assert told.forecasts[name].size == pytest.approx(written, rel=0.1)
    students = told.forecasts["students"]
    said = re.fullmatch(r"3 of (\d+) misclassified test images", students.message)
    assert said is not None
    left_out = f"students.limit leaves {int(said[1]) - 3} of {said[1]} misclassified test images out. "
    fit = f"Fit them too: deepvid fit-students {finished.name} --images misclassified --limit all --store "
    assert told.notes[-1] == left_out + fit + str(finished.parent)
    assert students.remaining is not None
    assert 1 < students.remaining < 60
    (batch,) = made.batches("students")
    assert students.size == pytest.approx(batch.open().nbytes, rel=0.1)


def test_a_choice_that_nothing_meets_is_said(store: Path) -> None:
    path, told = next(store.iterdir()), Told()
    run = open_run(path)
    logits = run.stages["teacher"].open()["logits"].values
    label = run.stages["dataset"].open()["label"].values
    pairs = {(int(a), int(b)) for a, b in zip(label, logits.argmax(axis=1), strict=True)}
    true, predicted = next((a, b) for a in range(10) for b in range(10) if a != b and (a, b) not in pairs)
    section = experiment().students.replaced(images=f"confusion:{true},{predicted}")
    extend_run(path, students_stage(section, seed=0), RunOptions(told, Event()))
    assert [note.partition(" of ")[0] for note in told.notes] == ["There are no test images"]


def test_fewer_images_than_were_asked_for_are_said(tmp_path: Path) -> None:
    own, told = experiment(dataset={"train": 999_999, "test": 30}), Told()
    run_experiment(own, tmp_path, RunOptions(told, Event(), stop_after="dataset"))
    assert told.notes == ["dataset.train asks for 999,999 images, and there are 10,000: all of them are used"]


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    """An .npz file of a person's own images; its first pixel is the given one."""
    return _drawn(tmp_path / "drawings.npz", 0)


def _drawn(path: Path, pixel: int) -> Path:
    images = np.full((20, 8, 8), 9, np.uint8)
    images[0, 0, 0] = pixel
    np.savez(path, images=images, labels=np.arange(20) % 2)
    return path


def test_images_that_were_changed_since_are_an_error_and_not_the_old_result(
    drawings: Path, tmp_path: Path
) -> None:
    own = {"dataset": {"source": "arrays", "path": str(drawings)}}
    again = lambda: run(tmp_path, experiment(**own), recorder, "dataset")  # noqa: E731
    recorder = Recorder()
    again()
    again()
    assert recorder.outcomes == {"dataset": "reused"}
    _drawn(drawings, 1)
    with pytest.raises(DataError, match="keeps the images it began with") as caught:
        again()
    assert "deepvid rm micro-" in str(caught.value)
    drawings.unlink()
    again()  # a run has its own copy


def test_a_stage_is_not_copied_from_a_run_that_had_other_images(drawings: Path, tmp_path: Path) -> None:
    own = {"dataset": {"source": "arrays", "path": str(drawings)}}
    outcomes = []
    for name, pixel in (("first", 0), ("second", 0), ("third", 1)):
        recorder = Recorder()
        _drawn(drawings, pixel)
        found = run(tmp_path, experiment(name=name, **own), recorder, "dataset")
        assert found.stages["dataset"].open()["image"].values.min() == pixel
        outcomes.append(recorder.outcomes["dataset"])
    assert outcomes == ["computed", "copied", "computed"]
