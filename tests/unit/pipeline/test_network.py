"""The layers of a real training: what is stored of them is what the images and the network say."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from micro import Recorder, digests, experiment, looked_into
from micro_runs import MicroRuns, copied
from scipy.special import softmax

from deepvid.config import Teacher, run_id
from deepvid.errors import Cancelled
from deepvid.fields import PARTS
from deepvid.network.influence import with_one
from deepvid.pipeline.influence import kept_snapshots, mean_rates
from deepvid.pipeline.plan import plan
from deepvid.pipeline.reproduce import reproduce
from deepvid.pipeline.runner import RunOptions
from deepvid.pipeline.trained import TrainedRun
from deepvid.progress import Tick
from deepvid.store import Run, open_run, write_archive

pytestmark = pytest.mark.long

TRAINED, TESTED, K = 40, 30, 5
SETTINGS: dict[str, Any] = {"components": TRAINED, "neighbors": K}  # all that 40 images can differ by


def looked(path: Path, recorder: Recorder | None = None, **settings: Any) -> Run:
    return looked_into(path, recorder, **{**SETTINGS, **settings})


@pytest.fixture(scope="module")
def trained(micro_runs: MicroRuns) -> Path:
    return micro_runs.teacher()


@pytest.fixture(scope="module")
def finished(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return looked(copied(trained, tmp_path_factory.mktemp("finished")))


@pytest.fixture(scope="module")
def group(finished: Run) -> xr.Dataset:
    return finished.together(*PARTS).load()


def raw(found: Run, column: str) -> np.ndarray:
    """(sample, number): what a column says of every image."""
    images = found.stages["dataset"].open()["image"].to_numpy() / np.float32(255)
    if column == "pixels":
        return images.reshape(len(images), -1)
    network = TrainedRun(found).network
    return np.asarray(network.logits(images) if column == "logits" else network.activations(images, column))


def test_neighbors_at_every_column_are_those_of_all_it_says(finished: Run, group: xr.Dataset) -> None:
    """Codes of all that training images differ by order neighbors as the raw numbers do."""
    label = finished.stages["dataset"].open()["label"].to_numpy()
    names = [column["name"] for column in group.attrs["columns"]]
    assert names == ["pixels", "hidden1", "logits"]
    for number, name in enumerate(names):
        numbers = raw(finished, name)
        right = 0
        for sample in range(TESTED):
            distances = np.linalg.norm(numbers[:TRAINED] - numbers[TRAINED + sample], axis=1)
            votes = Counter(label[distances.argsort()[:K]].tolist())
            said = int(group["probe"][number, sample])
            assert votes[said] == max(votes.values()) == group["probe_votes"][number, sample]
            right += said == label[TRAINED + sample]
        value, low, high = group.attrs["columns"][number]["accuracy"]
        assert value == pytest.approx(right / TESTED)
        assert low < value < high
        assert 0 <= group.attrs["columns"][number]["chance"] <= 0.3


def test_depth_and_the_sentence_follow_from_what_neighbors_say(finished: Run, group: xr.Dataset) -> None:
    label = finished.stages["dataset"].open()["label"].to_numpy()[TRAINED:]
    predicted = finished.stages["teacher"].open()["logits"].to_numpy()[TRAINED:].argmax(axis=1)
    probe = group["probe"].to_numpy().T
    for sample in range(TESTED):
        agrees = [said == predicted[sample] for said in probe[sample]]
        assert group["depth"][sample] == next(n for n in range(4) if all(agrees[n:]))
    wrong = predicted != label
    lost = [label[sample] not in probe[sample] for sample in np.flatnonzero(wrong)]
    assert group.attrs["never"][0] == pytest.approx(np.mean(lost))
    assert group.attrs["errors"] == wrong.sum() == len(lost)
    assert finished.stages["layers"].metrics["never"] == group.attrs["never"][0]


def test_units_of_a_network_without_maps_have_their_one_answer(finished: Run, group: xr.Dataset) -> None:
    hidden = raw(finished, "hidden1")[TRAINED:]
    np.testing.assert_allclose(group["response_mean"], hidden, rtol=2e-3, atol=1e-4)
    np.testing.assert_array_equal(group["response_mean"], group["response_max"])
    assert not group["response_peak"].any()
    assert group["unit_index"].to_numpy().tolist() == list(range(8))
    assert set(group["unit_column"].to_numpy()) == {1}
    assert group.attrs["columns"][1]["receptive_field"] is None
    assert group["sample"].to_numpy().tolist() == list(range(TRAINED, TRAINED + TESTED))


def test_maps_are_principal_components_turned_onto_each_other(group: xr.Dataset) -> None:
    layout = group["layout"].to_numpy()
    np.testing.assert_allclose((layout**2).sum(axis=2).mean(axis=1), 1, rtol=1e-4)
    code = group["code"].to_numpy().astype(float)
    for number in range(3):
        spread = np.linalg.svd(code[number] - code[number].mean(axis=0), compute_uv=False)[:2]
        measured = np.linalg.svd(layout[number], compute_uv=False)
        np.testing.assert_allclose(measured / measured[0], spread / spread[0], rtol=1e-3)
    columns = group.attrs["columns"]
    assert columns[0]["residual"] is None
    for number in (1, 2):
        distance = np.sqrt(((layout[number] - layout[number - 1]) ** 2).sum(axis=1).mean())
        assert columns[number]["residual"] == pytest.approx(distance, rel=1e-3)
        assert columns[number]["neighbors_chance"] == pytest.approx(10 / 29)


def test_the_last_layer_is_fitted_again_and_influence_foretells_what_it_loses(
    finished: Run, group: xr.Dataset
) -> None:
    features = with_one(finished.stages["teacher"].open()["features"].to_numpy()[:TRAINED])
    label = finished.stages["dataset"].open()["label"].to_numpy()[:TRAINED]
    head = group["head"].to_numpy().astype(float)
    probability = softmax(features @ head.T, axis=1)
    gradient = (probability - np.eye(10)[label]).T @ features / TRAINED + 1e-3 * head
    assert np.linalg.norm(gradient) < 1e-5
    assert group["inverse_hessian"].shape == (90, 90)
    assert group.attrs["influence"]["leave_one_out"] > 0.9  # of so few, each matters
    assert group.attrs["influence"]["left_out"] == TRAINED


def test_of_a_convolutional_network_units_have_places_and_fields(
    micro_runs: MicroRuns, tmp_path: Path
) -> None:
    path = copied(micro_runs.residual(), tmp_path)
    told: list[str] = []
    few = {"units": 3, "layers": 4, "training": 25, "flips": 2, "strips": 1, "silenced_images": 4}
    found = looked(path, Heard(told), **few).together(*PARTS).load()
    assert [text for text in told if "layers." in text or "units." in text] == [
        "25 of 40 training images may be neighbors (layers.training)",
        "4 of 5 layers are looked into (layers.layers)",
        "3 of 8 units of stage3.block1 are kept, those that tell the classes apart best (units.units)",
    ]
    names = [column["name"] for column in found.attrs["columns"]]
    assert names == ["pixels", "stem", "stage1.block1", "stage3.block1", "pool", "logits"]
    assert found["unit_column"].to_numpy().tolist() == [1, 1, 2, 2, 3, 3, 3]
    assert found["response_peak"].to_numpy()[:, 4:].max() < 49
    assert found["response_peak"].to_numpy().max() < 28 * 28
    assert (found["response_mean"] <= found["response_max"]).all()
    assert found.attrs["columns"][1]["receptive_field"]["y"] == {"size": 3, "stride": 1, "offset": -1}
    assert found.attrs["training_images"] == 25
    maps = np.asarray(TrainedRun(open_run(path)).network.activations(_images(path), "stage3.block1"))
    kept = found["unit_index"].to_numpy()[4:]
    np.testing.assert_allclose(
        found["response_max"].to_numpy()[:, 4:], maps.max(axis=(1, 2))[:, kept], rtol=2e-3, atol=1e-3
    )


def _images(path: Path) -> np.ndarray:
    return open_run(path).stages["dataset"].open()["image"].to_numpy()[TRAINED:] / np.float32(255)


class Heard(Recorder):
    """Keeps what stays to be read."""

    def __init__(self, told: list[str]) -> None:
        super().__init__()
        self._told = told

    def ticked(self, stage: str, tick: Tick) -> None:
        if tick.lasting:
            self._told.append(tick.message)


def test_stopped_it_goes_on_from_the_stages_it_has(trained: Path, finished: Run, tmp_path: Path) -> None:
    path = copied(trained, tmp_path)
    with pytest.raises(Cancelled):
        looked(path, Recorder(cancel_at=("layers", "hidden1")))
    assert not set(open_run(path).stages) & set(PARTS)
    with pytest.raises(Cancelled):
        looked(path, Recorder(cancel_at=("influence", "training images at epoch")))
    recorder = Recorder()
    assert digests(looked(path, recorder)) == digests(finished)
    before = ("layers", "units", "unit-groups")
    assert recorder.outcomes == {name: "reused" if name in before else "computed" for name in PARTS}
    looked(path, recorder)
    assert set(recorder.outcomes.values()) == {"reused"}


def test_another_setting_computes_its_stage_and_those_that_read_it(trained: Path, tmp_path: Path) -> None:
    path, recorder = copied(trained, tmp_path), Recorder()

    def computed(**settings: Any) -> set[str]:
        looked(path, recorder, **{"flips": 0, "maximized": 2, **settings})
        return {name for name, outcome in recorder.outcomes.items() if outcome == "computed"}

    assert computed() == set(PARTS)
    assert computed(left_out=3) == {"influence"}
    first = open_run(path).stages["influence"]
    assert computed(units=4) == {"units", "maximized", "unit-maps"}  # influence has its copy again
    assert open_run(path).stage("unit-maps") is not None
    again = open_run(path).stages["influence"]
    assert (again.key, recorder.outcomes["influence"]) != (first.key, "reused")
    with pytest.raises(Cancelled):
        looked(path, Recorder(cancel_at=("maximized", "images")), flips=0, maximized=2, units=3)
    run = open_run(path)
    assert run.stage("units") is not None
    assert run.stage("maximized") is run.stage("unit-maps") is None  # they are of other units


def test_it_is_reproduced_from_an_archive(finished: Run, tmp_path: Path) -> None:
    write_archive(finished, tmp_path / "run.zip")
    recorder = Recorder()
    again = reproduce(tmp_path / "run.zip", tmp_path / "again", RunOptions(recorder, recorder.cancel))
    found = {one.name: one.outcome for one in again.stages}
    assert {found[name] for name in PARTS} == {"equal bytes"}


def test_a_run_that_does_not_ask_for_it_keeps_its_id() -> None:
    plain, asked = experiment(), experiment(network={})
    assert not set(PARTS) & {stage.name for stage in plan(plain)}
    assert tuple(stage.name for stage in plan(asked))[-len(PARTS) :] == PARTS
    assert run_id(experiment(network=None)) == run_id(plain) != run_id(asked)
    assert run_id(plain) == "micro-6add0763"


def test_training_images_are_kept_with_what_the_last_layer_said_at_every_epoch(
    finished: Run, group: xr.Dataset
) -> None:
    """Two epochs of two steps each under the one-cycle schedule; the last one's network is the teacher."""
    teacher = finished.stages["teacher"].open()
    assert group["training"].to_numpy().tolist() == list(range(TRAINED))
    rates = 5e-3 * np.interp(np.arange(4) / 4, [0, 0.25, 1], [0.04, 1, 0]).reshape(2, 2).mean(axis=1)
    assert [one["epoch"] for one in group.attrs["snapshots"]] == [1, 2]
    assert [one["rate"] for one in group.attrs["snapshots"]] == pytest.approx(rates)
    features, logits = (teacher[name].to_numpy()[:TRAINED] for name in ("features", "logits"))
    np.testing.assert_allclose(group["snapshot_features"][1], features, rtol=2e-3, atol=1e-4)
    np.testing.assert_allclose(group["snapshot_logits"][1], logits, rtol=2e-3, atol=1e-3)
    assert np.abs(group["snapshot_logits"][0] - logits).max() > 1e-2
    assert 1 <= group.attrs["firsts"]["tracin"] <= TRAINED
    assert group.attrs["firsts"]["queries"] == TESTED


def test_a_new_image_can_be_placed_among_the_training_images(finished: Run, group: xr.Dataset) -> None:
    assert group.attrs["bases"] == ["pixels", "hidden1", "logits"]
    begin = 0
    for number, name in enumerate(group.attrs["bases"]):
        output = raw(finished, name)
        rows = slice(begin, begin + output.shape[1])
        placed = (output - group["basis_mean"].to_numpy()[rows]) @ group["basis"].to_numpy()[rows].astype(
            "f4"
        )
        size = np.abs(placed).max()
        np.testing.assert_allclose(placed[:TRAINED], group["training_code"][number], atol=5e-3 * size)
        np.testing.assert_allclose(placed[TRAINED:], group["code"][number], atol=5e-3 * size)
        begin = rows.stop
    assert begin == group.sizes["output"]


def test_epochs_that_are_kept_stand_evenly_for_all() -> None:
    assert kept_snapshots(6, 5) == [1, 2, 4, 5, 6]
    assert kept_snapshots(6, 2) == [3, 6]
    assert kept_snapshots(3, 100) == [1, 2, 3]
    assert kept_snapshots(3, 0) == []
    section = Teacher(epochs=4, batch=10, schedule="constant", learning_rate=0.1)
    assert mean_rates(section, 40, [1, 4]) == pytest.approx([0.1, 0.3])


def test_without_snapshots_the_rest_is_there(trained: Path, tmp_path: Path) -> None:
    found = looked(copied(trained, tmp_path), snapshots=0).together(*PARTS)
    assert "snapshot_features" not in found
    assert found.attrs["snapshots"] == []
    assert found.attrs["firsts"] is None
    assert "training_code" in found


def test_every_unit_is_silenced_on_test_images_and_what_that_does_is_stored(
    finished: Run, group: xr.Dataset
) -> None:
    """Behind the last hidden layer there are logits alone: a unit moves them by its weights."""
    weight = np.asarray(TrainedRun(finished).network.dense.kernel)
    hidden, label = raw(finished, "hidden1"), finished.stages["dataset"].open()["label"].to_numpy()
    away = hidden[:TRAINED].mean(axis=0) - hidden[TRAINED:]
    classes = len(finished.class_names)
    for one in range(classes):
        rows = away[label[TRAINED:] == one]
        expected = rows.mean(axis=0)[:, None] * weight
        np.testing.assert_allclose(group["silenced"][:, one], expected, rtol=5e-3, atol=1e-3)
        error = rows.std(axis=0, ddof=1)[:, None] / np.sqrt(len(rows)) * np.abs(weight)
        np.testing.assert_allclose(group["silenced_error"][:, one], error, rtol=2e-2, atol=1e-3)
    counts = np.bincount(label[TRAINED:], minlength=classes).tolist()
    assert group.attrs["silenced"] == {"images": TESTED, "of_class": counts}
    assert not group["unit_input"].any()  # pixels are no units
    assert sorted(group["unit_leaf"].to_numpy().tolist()) == list(range(8))


def test_units_are_not_silenced_where_nobody_asks(trained: Path, tmp_path: Path) -> None:
    group = looked(copied(trained, tmp_path), silenced_images=0).together(*PARTS)
    assert group.attrs["silenced"] is None
    assert not {"silenced", "silenced_error", "unit_input"} & set(group)
    assert "response_mean" in group
