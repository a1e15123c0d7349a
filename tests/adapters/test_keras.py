"""A Keras model gives what its network gives elsewhere, on the backend that KERAS_BACKEND names."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import IMAGES, NAMES, SHAPE, WEIGHTS, answers, keras_net

from deepvid.adapters.checking import check
from deepvid.adapters.keras import KerasModel, open_keras
from deepvid.adapters.keras_backends import keras_package
from deepvid.adapters.preparing import Prepared, prepared
from deepvid.config import Input, Output
from deepvid.errors import DataError
from deepvid.tier import Tier

pytest.importorskip("keras")
keras = keras_package()


def opened(model: Any, features: str | None = None) -> Prepared:
    return prepared(KerasModel(model, "net", features), Input(), Output(), SHAPE, NAMES)


def test_the_same_network_in_numpy() -> None:
    model = opened(keras_net())
    found, exact = model.answers(IMAGES), answers(IMAGES)
    assert found.logits == pytest.approx(exact.logits, abs=1e-5)
    assert found.features == pytest.approx(exact.features, abs=1e-5)


def test_slopes_in_one_pass_with_the_logits() -> None:
    model = opened(keras_net())
    assert model.tier is Tier.GRADIENTS
    logits, slopes = model.slopes(IMAGES, np.array([2, 0]))
    assert logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    up, down = IMAGES.copy(), IMAGES.copy()
    up[:, 4, 3, 0] += 1e-3
    down[:, 4, 3, 0] -= 1e-3
    moved = (answers(up).logits - answers(down).logits)[:, [2, 0]] / 2e-3
    assert slopes[:, :, 4, 3, 0] == pytest.approx(moved, abs=2e-3)


def test_slopes_of_any_number_of_images_and_outputs() -> None:
    model, alone = opened(keras_net()), opened(keras_net())
    for count, classes in ((30, [0, 1, 2]), (7, [1]), (1, [2, 2, 0, 1])):
        _, slopes = model.slopes(IMAGES[:count], np.array(classes))
        assert slopes.shape == (count, len(classes), *SHAPE)
        for place, index in enumerate(classes):
            _, exact = alone.slopes(IMAGES[:1], np.array([index]))
            assert slopes[0, place] == pytest.approx(exact[0, 0], abs=1e-6)


def test_weights_that_change_after_the_first_answer() -> None:
    net = keras_net()
    model = opened(net)
    before, _ = model.slopes(IMAGES, np.array([0]))
    net.layers[-1].set_weights([2 * WEIGHTS.last])
    logits, slopes = model.slopes(IMAGES, np.array([0]))
    assert logits == pytest.approx(2 * before, abs=1e-5)
    assert logits == pytest.approx(model.answers(IMAGES).logits, abs=1e-5)
    assert slopes == pytest.approx(2 * opened(keras_net()).slopes(IMAGES, np.array([0])).slopes, abs=1e-6)


class Counting(keras.layers.Layer):
    """Counts how often Python runs it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def call(self, images: Any) -> Any:
        self.calls += 1
        return images


def test_python_runs_once_unless_a_model_is_eager() -> None:
    if keras.backend.backend() != "tensorflow":
        pytest.skip("run_eagerly is of TensorFlow")
    calls = []
    for eagerly in (False, True):
        counting = Counting()
        net = keras.Sequential([keras.Input(SHAPE), counting, keras.layers.Flatten(), keras.layers.Dense(3)])
        net.compile(run_eagerly=eagerly)
        model = opened(net)
        begun = counting.calls
        for _ in range(3):
            model.answers(IMAGES[:4])
        model.slopes(IMAGES[:4], np.array([0, 1]))
        calls.append(counting.calls - begun)
    assert calls == [2, 4]  # a graph for the answers and one for the slopes; each call


def test_a_file(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    path = tmp_path / "my net.keras"
    net = keras_net()
    net.save(path)
    model = opened(open_keras(path))
    assert model.answers(IMAGES).logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    assert model.digest() == opened(net).digest()
    net.layers[-1].set_weights([np.zeros((5, 3))])
    assert model.digest() != opened(net).digest()


def test_a_layer_that_is_named_gives_the_features() -> None:
    net = keras_net()
    found = opened(net, net.layers[0].name).answers(IMAGES).features
    assert found is not None
    assert found.shape == (30, 7 * 6 * 4)
    with pytest.raises(DataError, match="'conv', and the last layers of net are"):
        opened(net, "conv")


def test_a_subclassed_model_shows_no_features() -> None:
    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.net = keras_net()

        def call(self, images: Any, training: bool = False) -> Any:
            return self.net(images, training=training)

    net = Net()
    net(IMAGES[:1])
    found = opened(net).answers(IMAGES)
    assert found.features is None
    assert found.logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)


def test_a_network_of_another_size() -> None:
    with pytest.raises(DataError, match=r"The model takes \(n, 9, 8, 1\)"):
        prepared(KerasModel(keras_net(), "net"), Input(), Output(), (5, 5, 1), NAMES)


@pytest.mark.parametrize("name", ["net.h5", "net.hdf5", "none.keras", "bad.keras"])
def test_other_files(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if not name.startswith("none"):
        path.write_bytes(b"\x89HDF no model")
    with pytest.raises(DataError, match=r"A Keras model is a \.keras file"):
        open_keras(path)


def test_keras_of_another_generation() -> None:
    with pytest.raises(DataError, match="of Keras 3"):
        KerasModel(np.zeros(3), "net")


def test_a_model_without_derivatives_is_asked_for_answers_alone() -> None:
    layers = keras.layers
    stopped = layers.Lambda(lambda scores: keras.ops.stop_gradient(scores))
    net = keras.Sequential([keras.Input(SHAPE), layers.Flatten(), layers.Dense(3), stopped])
    found = check(opened(net), IMAGES, None, NAMES)
    assert found.tier is Tier.PREDICT
    assert any("It has no gradients" in note for note in found.notes)
