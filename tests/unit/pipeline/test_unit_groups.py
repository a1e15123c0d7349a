"""The groups of a network's units as the stage stores them."""

from threading import Event
from typing import Any, NamedTuple

import jax
import numpy as np
import pytest

from deepvid import config, fields
from deepvid.errors import Cancelled
from deepvid.models import LayeredClassifier, build
from deepvid.network.grouping import pooled
from deepvid.network.groups import answers
from deepvid.network.layers import layers_of
from deepvid.pipeline.stage import Images
from deepvid.pipeline.unit_groups import ABLATED_ON, FEWEST, asked_images, cuts, grouped, numbers_of
from deepvid.progress import SILENT, Progress, Tick


class Part(NamedTuple):
    arrays: dict[str, np.ndarray]
    attrs: Any


NAMES = ("ant", "bee", "cat")
TRAINED, TESTED = 24, 40
LABEL = np.arange(TRAINED + TESTED) % 2  # no cat among them


def network(settings: config.Network) -> LayeredClassifier:
    made = build(settings, image_shape=(12, 10, 1), class_names=NAMES, key=jax.random.key(0))
    made.eval()
    return made


@pytest.fixture(scope="module")
def residual() -> LayeredClassifier:
    return network(config.ResNet(depth=8, width=2))


@pytest.fixture(scope="module")
def images() -> Images:
    image = np.random.default_rng(0).integers(0, 256, (TRAINED + TESTED, 12, 10, 1), dtype=np.uint8)
    test = np.arange(TRAINED + TESTED) >= TRAINED
    return Images(image, LABEL.astype(np.int32), test, NAMES)


def made(of: LayeredClassifier, images: Images, *, progress: Progress = SILENT, **settings: Any) -> Part:
    section = config.UnitGroups.model_validate({"groups": 3, **settings})
    return Part(*grouped(of, layers_of(of, 6), images, section, seed=0, progress=progress))


@pytest.fixture(scope="module")
def part(residual: LayeredClassifier, images: Images) -> Part:
    return made(residual, images)


def test_every_layer_with_maps_has_its_groups(residual: LayeredClassifier, part: Part) -> None:
    layers = layers_of(residual, 6)
    names = [one["name"] for one in part.attrs["columns"]]
    assert names == ["stem", "stage1.block1", "stage2.block1", "stage3.block1"]
    assert [one["groups"] for one in part.attrs["columns"]] == [2, 2, 3, 3]  # two units of the first
    assert part.arrays["group_column"].tolist() == [1, 1, 2, 2, 3, 3, 3, 4, 4, 4]
    units = part.arrays["group_units"]
    assert units.shape == (10, layers[4].shape[-1])
    assert (units >= 0).all()
    np.testing.assert_allclose(units.sum(axis=1), 1, rtol=1e-5)
    assert not units[:2, 2:].any()
    for name, array in part.arrays.items():
        declared = fields.NETWORK[name]
        assert (str(array.dtype), array.ndim) == (declared.dtype, len(declared.dims)), name


def test_answers_to_test_images_are_those_of_the_maps(
    residual: LayeredClassifier, images: Images, part: Part
) -> None:
    tested = images.image[images.test] / np.float32(255)
    maps = pooled(residual.activations(tested, "stage2.block1"))
    said = np.asarray(answers(maps, part.arrays["group_units"][4:7, :4]))
    np.testing.assert_allclose(part.arrays["group_mean"][:, 4:7], said.mean(axis=1), rtol=2e-3, atol=1e-3)
    np.testing.assert_allclose(part.arrays["group_max"][:, 4:7], said.max(axis=1), rtol=2e-3, atol=1e-3)


def test_what_is_told_of_them_has_its_floor_and_its_chance(part: Part) -> None:
    told = part.attrs
    assert told["images"] == TESTED  # as many as there are
    assert told["of_class"] == [TESTED // 2, TESTED // 2, 0]
    assert 1 / 3 <= told["floor"] <= 1
    for one in told["columns"]:
        value, low, high = one["kept"]
        assert low <= value <= high
        assert 0 <= one["error"] <= 1
        assert 0 <= one["stability_chance"] <= 1
    assert [one["adds_up"] for one in told["columns"]] == [False, False, False, True]
    assert told["columns"][-1]["adds_up_within"] < 1e-4
    assert told["columns"][0]["adds_up_within"] is None
    # as many groups as units say all that the layer says
    assert told["columns"][0]["kept"][0] == 1
    assert told["columns"][0]["error"] < 0.05


def test_what_is_taken_away_is_told_per_class(part: Part) -> None:
    effect, mean = part.arrays["group_effect"], part.arrays["group_mean"].astype(float)
    assert np.isnan(effect[:7]).all()
    label = LABEL[TRAINED:]
    removed = part.arrays["group_removed"]
    for one in (0, 1):  # where only a mean and a linear layer follow, it is what the group adds
        adds = mean[label == one, 7:].mean(axis=0)[:, None] * effect[7:]
        np.testing.assert_allclose(removed[7:, one], -adds, rtol=2e-2, atol=2e-3)
    assert np.isnan(removed[:, 2]).all()
    assert np.isfinite(part.arrays["group_removed_error"][:, :2]).all()


def test_they_are_the_same_again_and_say_how_far_they_are(
    residual: LayeredClassifier, images: Images, part: Part
) -> None:
    seen: list[Tick] = []
    again = made(residual, images, progress=Progress(seen.append))
    for name, values in part.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], values)
    done = [tick.done / tick.total for tick in seen]
    assert done == sorted(done)
    assert any("grouping the units of stem" in tick.message for tick in seen)


def test_it_is_cancelled_between_layers(residual: LayeredClassifier, images: Images) -> None:
    cancel = Event()
    cancel.set()
    with pytest.raises(Cancelled):
        made(residual, images, progress=Progress(cancel=cancel))


def test_without_maps_or_where_nobody_asks_there_are_none(
    residual: LayeredClassifier, images: Images
) -> None:
    dense = network(config.Mlp(hidden=(7, 4)))
    assert made(dense, images) == Part({}, None)
    assert made(residual, images, groups=0) == Part({}, None)
    said = list(cuts(layers_of(dense, 6), config.UnitGroups()))
    assert said == ["hidden1, hidden2: units are not grouped, for they have no maps"]
    assert not list(cuts(layers_of(residual, 6), config.UnitGroups()))


def test_fewer_images_are_asked_of_a_costly_network(residual: LayeredClassifier) -> None:
    layers = [layer for layer in layers_of(residual, 6) if layer.has_maps and layer.has_units]
    section = config.UnitGroups()
    assert asked_images(residual, layers, 100_000, section) == ABLATED_ON
    assert asked_images(residual, layers, 20, section) == 20
    assert FEWEST < ABLATED_ON
    assert numbers_of(layers, section, 1000, 3) > 3 * 1000 * 10
