"""A Keras model gives what its network gives elsewhere, on each backend that is installed."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import IMAGES, NAMES, SHAPE, answers, keras_net

from deepvid.adapters.keras import KerasModel, keras_package, open_keras
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
    if model.tier is not Tier.GRADIENTS:
        pytest.skip(f"no slopes on {keras.backend.backend()}")
    logits, slopes = model.slopes(IMAGES, np.array([2, 0]))
    assert logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    up, down = IMAGES.copy(), IMAGES.copy()
    up[:, 4, 3, 0] += 1e-3
    down[:, 4, 3, 0] -= 1e-3
    moved = (answers(up).logits - answers(down).logits)[:, [2, 0]] / 2e-3
    assert slopes[:, :, 4, 3, 0] == pytest.approx(moved, abs=2e-3)


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


CODE = """
import numpy as np, nets
from deepvid.adapters.keras import KerasModel
from deepvid.adapters.preparing import prepared
from deepvid.config import Input, Output
model = prepared(KerasModel(nets.keras_net(), "net"), Input(), Output(), nets.SHAPE, nets.NAMES)
assert np.allclose(model.answers(nets.IMAGES).logits, nets.answers(nets.IMAGES).logits, atol=1e-5)
assert np.allclose(model.answers(nets.IMAGES).features, nets.answers(nets.IMAGES).features, atol=1e-5)
logits, slopes = model.slopes(nets.IMAGES, np.array([1]))
assert np.allclose(logits, nets.answers(nets.IMAGES).logits, atol=1e-5)
assert slopes.shape == (30, 1, 9, 8, 1)
"""


def test_on_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
