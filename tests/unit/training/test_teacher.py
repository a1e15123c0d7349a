"""Training a teacher: what a snapshot holds, and that an interruption leaves no trace."""

from threading import Event

import jax
import numpy as np
import pytest

from deepvid import config
from deepvid.cores import Placement
from deepvid.errors import Cancelled, DataError, DivergedError
from deepvid.models import restore
from deepvid.progress import Progress, Tick
from deepvid.training import Snapshot, predict, train_teacher
from deepvid.training.loop import run_epochs, scanned, shuffled, stepwise

pytestmark = pytest.mark.long

NAMES = ("dark", "bright")
SETTINGS = config.Teacher(
    network=config.ResNet(width=2), epochs=3, batch=8, optimizer="adam", learning_rate=0.01, dropout=0.3
)
SMALL = SETTINGS.model_copy(update={"network": config.Mlp(hidden=(8,))})
RNG = np.random.default_rng(0)
LABELS = np.arange(60, dtype=np.int32) % 2
IMAGES = (RNG.integers(0, 128, (60, 8, 8, 1)) + 60 * LABELS[:, None, None, None]).astype(np.uint8)
TEST = np.arange(60) >= 40
DATA = (IMAGES, LABELS, TEST, NAMES)


@pytest.fixture(scope="module")
def snapshots() -> list[Snapshot]:
    return list(train_teacher(SETTINGS, *DATA, seed=5))


def test_a_snapshot_says_everything(snapshots: list[Snapshot]) -> None:
    assert [snapshot.epoch for snapshot in snapshots] == [0, 1, 2]
    last = snapshots[-1]
    assert last.test_logits.shape == (20, 2)
    assert last.test_features.shape == (20, 8)  # width 2, doubled twice
    assert {array.dtype for array in last[1:4]} == {np.dtype(np.float32)}
    assert set(last.metrics) == {
        *("train_loss", "train_accuracy", "test_loss", "test_accuracy"),
        *("calibration_error", "learning_rate", "seconds"),
    }
    assert last.metrics["test_accuracy"] == (last.test_logits.argmax(1) == LABELS[TEST]).mean()
    assert last.metrics["train_loss"] < snapshots[0].metrics["train_loss"]
    assert all(type(array) is np.ndarray for array in last.state.values())


def test_the_stored_vector_is_the_network_that_was_tested(snapshots: list[Snapshot]) -> None:
    for snapshot in snapshots:
        network = restore(
            SETTINGS.network, image_shape=(8, 8, 1), class_names=NAMES, vector=snapshot.parameters
        )
        logits, features = predict(network, IMAGES[TEST])
        np.testing.assert_array_equal(logits, snapshot.test_logits)
        np.testing.assert_array_equal(features, snapshot.test_features)


def test_a_training_that_diverges_stops_and_says_so() -> None:
    settings = SMALL.model_copy(update={"optimizer": "sgd", "learning_rate": 1e30, "schedule": "constant"})
    with pytest.raises(DivergedError, match=r"a loss of nan in epoch 1.*Lower the learning rate"):
        list(train_teacher(settings, *DATA, seed=5))


def test_a_resumed_training_equals_an_uninterrupted_one(snapshots: list[Snapshot]) -> None:
    (resumed,) = train_teacher(SETTINGS, *DATA, seed=5, state=snapshots[1].state)
    _assert_same(resumed, snapshots[2])


def test_a_cancelled_training_continues_from_its_last_epoch(snapshots: list[Snapshot]) -> None:
    cancel = Event()

    def stop_inside_the_second_epoch(tick: Tick) -> None:
        if tick.message.startswith("epoch 2/3") and tick.done >= 7:
            cancel.set()

    progress = Progress(stop_inside_the_second_epoch, cancel)
    kept: list[Snapshot] = []
    with pytest.raises(Cancelled):  # noqa: PT012 - what came before the exception counts
        for snapshot in train_teacher(SETTINGS, *DATA, seed=5, progress=progress):
            kept.append(snapshot)
    assert [snapshot.epoch for snapshot in kept] == [0]
    second, third = train_teacher(SETTINGS, *DATA, seed=5, state=kept[0].state)
    _assert_same(second, snapshots[1])
    _assert_same(third, snapshots[2])


def _assert_same(ours: Snapshot, theirs: Snapshot) -> None:
    for name in ("parameters", "test_logits", "test_features"):
        assert getattr(ours, name).tobytes() == getattr(theirs, name).tobytes(), name
    assert ours.state.keys() == theirs.state.keys()
    assert all(ours.state[name].tobytes() == array.tobytes() for name, array in theirs.state.items())
    assert {**ours.metrics, "seconds": 0} == {**theirs.metrics, "seconds": 0}


def test_the_seed_decides() -> None:
    first, again, other = (next(train_teacher(SMALL, *DATA, seed=seed)) for seed in (5, 5, 6))
    assert first.parameters.tobytes() == again.parameters.tobytes()
    assert (first.parameters != other.parameters).any()


def test_a_finished_training_yields_nothing(snapshots: list[Snapshot]) -> None:
    assert not list(train_teacher(SETTINGS, *DATA, seed=5, state=snapshots[-1].state))


def test_a_state_of_other_settings_is_refused(snapshots: list[Snapshot]) -> None:
    other = SETTINGS.model_copy(update={"optimizer": "sgd"})
    with pytest.raises(DataError, match=r"A training state continues.*optimizer.*Train again"):
        next(train_teacher(other, *DATA, seed=5, state=snapshots[0].state))


def test_progress_counts_steps_and_test_images_and_names_epoch_and_loss() -> None:
    ticks: list[Tick] = []
    list(train_teacher(SMALL, *DATA, seed=5, progress=Progress(ticks.append)))
    assert [tick.done for tick in ticks] == sorted(tick.done for tick in ticks)
    # 40 images in batches of 8 are trained on, 20 labeled at a third of the cost.
    assert ticks[-1].done == ticks[-1].total == pytest.approx(3 * (5 + 20 / 8 / 3))
    assert len({tick.done for tick in ticks if tick.message == "images"}) > 3
    assert any(tick.message.startswith("epoch 3/3 loss 0.") for tick in ticks)


def test_every_epoch_sees_every_image_once_in_an_order_of_its_own() -> None:
    first, second = (shuffled(22, 4, seed=1, epoch=epoch) for epoch in (0, 1))
    assert first.shape == (5, 4)
    assert len(set(first.ravel())) == 20
    assert (first != second).any()
    assert (first == shuffled(22, 4, seed=1, epoch=0)).all()
    assert shuffled(3, 4, seed=1, epoch=0).shape == (1, 3)


def test_steps_in_one_call_equal_steps_one_by_one() -> None:
    def step(leaves, rows, average):  # type: ignore[no-untyped-def]
        numbers, keys = rows
        state = leaves[0] * 0.5 + average(numbers.sum() + jax.vmap(jax.random.normal)(keys).sum())
        return [state], {"loss": state}

    data = (np.arange(12, dtype=np.float32),)
    order = shuffled(12, 3, seed=0, epoch=0)
    key = jax.random.key(0)
    (state,), metrics = scanned(step, data, key)([jax.numpy.zeros(())], order, 7)
    one_by_one = stepwise(step, data, key, Placement(3))
    other = [jax.numpy.zeros(())]
    losses = []
    for i in range(4):
        other, found = one_by_one(other, order[i : i + 1], 7 + i)
        losses.append(found["loss"][0])
    np.testing.assert_allclose(metrics["loss"], losses, rtol=1e-6)
    np.testing.assert_allclose(state, other[0], rtol=1e-6)


def test_the_state_handed_in_survives() -> None:
    begin = jax.numpy.ones(4)
    (epoch,) = run_epochs(
        lambda state, rows, keys, average: (state + rows.sum(), {"loss": state.sum()}),
        begin,
        (np.ones(6, np.float32),),
        first=0,
        epochs=1,
        batch=2,
        seed=0,
        held_out=0,
        progress=Progress(),
    )
    assert begin.tolist() == [1, 1, 1, 1]
    assert epoch.state.tolist() == [7, 7, 7, 7]


@pytest.mark.parametrize("count", [1, 199, 401])
def test_predictions_do_not_depend_on_the_batch(count: int, snapshots: list[Snapshot]) -> None:
    network = restore(
        SETTINGS.network, image_shape=(8, 8, 1), class_names=NAMES, vector=snapshots[-1].parameters
    )
    images = np.resize(IMAGES, (count, 8, 8, 1))
    logits, features = predict(network, images)
    assert (logits.shape, features.shape) == ((count, 2), (count, 8))
    one_image = network.logits(images[-1:].astype(np.float32) / 255)
    np.testing.assert_allclose(logits[-1:], one_image, rtol=1e-4, atol=1e-5)
