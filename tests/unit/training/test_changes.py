"""Trainings that are changed between epochs: what each change does, and that nothing else is different."""

from typing import Any

import jax
import numpy as np
import pytest

from deepvid import config
from deepvid.config import Change, Delete, Freeze, LeaveOut, Rate, Reorder, Reset, Stop, Thaw
from deepvid.errors import DataError
from deepvid.models import build, layout
from deepvid.training import Snapshot, train_teacher

pytestmark = pytest.mark.long

NAMES = ("dark", "bright")
SETTINGS = config.Teacher(
    network=config.Mlp(hidden=(6, 4)), epochs=4, batch=8, optimizer="adamw", learning_rate=0.01, dropout=0.3
)
LABELS = np.arange(60, dtype=np.int32) % 2
IMAGES = (np.random.default_rng(0).integers(0, 128, (60, 4, 4, 1)) + 60 * LABELS[:, None, None, None]).astype(
    np.uint8
)
TEST = np.arange(60) >= 40
PARTS = layout(build(SETTINGS.network, image_shape=(4, 4, 1), class_names=NAMES, key=jax.random.key(0)))


def train(*changes: Change, state: Any = None, **settings: Any) -> list[Snapshot]:
    changed = SETTINGS.replaced(changes=changes, **settings)
    return list(train_teacher(changed, IMAGES, LABELS, TEST, NAMES, seed=5, state=state))


def part(snapshot: Snapshot, path: str) -> np.ndarray:
    """One array of a snapshot's parameters."""
    ends = np.cumsum([int(np.prod(shape)) for _, shape in PARTS])
    values = dict(zip([name for name, _ in PARTS], np.split(snapshot.parameters, ends[:-1]), strict=True))
    return values[f"{path}/value"].reshape(dict(PARTS)[f"{path}/value"])


@pytest.fixture(scope="module")
def plain() -> list[Snapshot]:
    return train()


CHANGES: dict[str, tuple[Change, ...]] = {
    "rate": (Rate(after=2, factor=0.1),),
    "freeze and thaw": (Freeze(after=2, layer="hidden1"), Thaw(after=3, layer="hidden1")),
    "reset": (Reset(after=2, layer="hidden2"),),
    "reset of units": (Reset(after=2, layer="hidden1", units=(1, 4)),),
    "delete": (Delete(after=2, layer="hidden1", units=(0, 2)),),
    "leave out": (LeaveOut(after=2, samples=tuple(range(9))),),
    "reorder": (Reorder(after=2, seed=1),),
    "stop": (Stop(after=3),),
    "all at once": (Delete(after=3, layer="hidden2", units=(1,)), Rate(after=2, factor=3.0)),
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_changed_training_is_the_plain_one_until_its_change_and_continues_bit_for_bit(
    plain: list[Snapshot], changes: tuple[Change, ...]
) -> None:
    whole = train(*changes)
    assert len(whole) == (3 if isinstance(changes[0], Stop) else 4)
    same = [
        ours.parameters.tobytes() == theirs.parameters.tobytes()
        for ours, theirs in zip(whole, plain, strict=False)
    ]
    assert same == ([True] * 3 if isinstance(changes[0], Stop) else [True, True, False, False])
    for done in range(2, len(whole)):  # right before the change, and after an epoch with it
        snapshot = whole[done - 1]
        for ours, theirs in zip(train(*changes, state=snapshot.state), whole[done:], strict=True):
            assert ours.parameters.tobytes() == theirs.parameters.tobytes()
            assert ours.test_logits.tobytes() == theirs.test_logits.tobytes()
            assert ours.record.numbers.tobytes() == theirs.record.numbers.tobytes()
            assert all(ours.state[name].tobytes() == array.tobytes() for name, array in theirs.state.items())


@pytest.mark.parametrize("optimizer", ["adamw", "nesterov"])
def test_a_frozen_layer_stays_to_the_bit_and_moves_again_when_it_is_thawed(optimizer: str) -> None:
    frozen = train(Freeze(after=2, layer="hidden1"), Thaw(after=3, layer="hidden1"), optimizer=optimizer)
    kernels = [part(snapshot, "blocks/0/dense/kernel") for snapshot in frozen]
    assert (kernels[1] != kernels[0]).any()
    assert (kernels[2] == kernels[1]).all()  # momentum and decay are masked, too
    assert (kernels[3] != kernels[2]).any()
    assert (part(frozen[2], "dense/kernel") != part(frozen[1], "dense/kernel")).any()  # others go on
    ratio = frozen[2].record.numbers[:, 3 + frozen[2].record.kernels.index("hidden1.dense"), 1]
    assert (ratio == 0).all()


def test_deleted_units_give_nothing_from_there_on_and_the_others_live() -> None:
    after = train(Delete(after=2, layer="hidden1", units=(0, 2)))
    for snapshot in after[2:]:
        kernel, bias = (part(snapshot, f"blocks/0/dense/{name}") for name in ("kernel", "bias"))
        assert np.flatnonzero((kernel == 0).all(axis=0) & (bias == 0)).tolist() == [0, 2]


def test_units_drawn_anew_begin_as_they_began_without_memory(plain: list[Snapshot]) -> None:
    # With a rate of 1e-30 from there on, what is drawn stands in the next epoch.
    held = train(Reset(after=2, layer="hidden1", units=(1, 4)), Rate(after=2, factor=1e-30))[2]
    drawn = part(held, "blocks/0/dense/kernel") != part(plain[1], "blocks/0/dense/kernel")
    assert np.flatnonzero(drawn.all(axis=0)).tolist() == [1, 4]
    assert np.flatnonzero(drawn.any(axis=0)).tolist() == [1, 4]
    fresh = train(Rate(after=0, factor=1e-30))[0]
    np.testing.assert_array_equal(
        part(held, "blocks/0/dense/kernel")[:, [1, 4]], part(fresh, "blocks/0/dense/kernel")[:, [1, 4]]
    )


def test_images_left_out_are_not_met_and_the_record_keeps_its_form(plain: list[Snapshot]) -> None:
    left = train(LeaveOut(after=2, samples=tuple(range(9))))
    assert [snapshot.record.steps for snapshot in left] == [5, 5, 3, 3]  # 31 images in batches of 8
    assert left[3].record.numbers.shape == plain[3].record.numbers.shape
    assert np.isnan(left[3].record.numbers[3:]).all()
    # What they are labeled makes no difference any more, but for the epochs before.
    other = LABELS.copy()
    other[:9] ^= 1
    settings = SETTINGS.replaced(changes=[LeaveOut(after=0, samples=tuple(range(9)))])
    both = [
        list(train_teacher(settings, IMAGES, labels, TEST, NAMES, seed=5))[-1].parameters.tobytes()
        for labels in (LABELS, other)
    ]
    assert both[0] == both[1]


def test_a_rate_multiplies_the_schedule(plain: list[Snapshot]) -> None:
    slow = train(Rate(after=2, factor=0.1))
    ratios = [
        ours.metrics["learning_rate"] / theirs.metrics["learning_rate"]
        for ours, theirs in zip(slow, plain, strict=True)
    ]
    assert ratios[:3] == pytest.approx([1, 1, 0.1])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (Freeze(after=1, layer="hidden9"), "names a layer of the network.*'hidden9'.*hidden1.dense"),
        (Freeze(after=1, layer="hid"), "names a layer of the network.*'hid'"),
        (Delete(after=1, layer="hidden1", units=(6,)), "units of hidden1 are 0 to 5.*6"),
        (LeaveOut(after=1, samples=(3, 41)), "are training images.*sample 41"),
        (LeaveOut(after=1, samples=tuple(range(33))), "a batch of 8 images left.*7"),
    ],
)
def test_what_the_training_has_not_is_refused_before_anything_is_trained(change: Change, says: str) -> None:
    changed = SETTINGS.replaced(changes=[change])
    with pytest.raises(DataError, match=says):
        next(train_teacher(changed, IMAGES, LABELS, TEST, NAMES, seed=5))
