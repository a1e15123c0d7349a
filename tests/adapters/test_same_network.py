"""One network in every framework that is installed: the same logits, features and slopes."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import IMAGES, NAMES, SHAPE, answers, keras_net, nnx_net, onnx_bytes, torch_net

from deepvid import config
from deepvid.adapters.catalogue import open_model, section_of
from deepvid.adapters.checking import check, same_model
from deepvid.errors import DataError
from deepvid.tier import Tier

CLASSES = np.array([2, 0, 1])


def opened(section: config.ExternalModel, given: Any = None) -> Any:
    return open_model(section, image_shape=SHAPE, class_names=NAMES, given=given)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "my_net.py").write_text("from nets import *\n")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("my_net", None)


@pytest.fixture(scope="module")
def native() -> Any:
    return opened(config.Flax(), nnx_net())


@pytest.mark.parametrize("framework", ["torch", "keras", "onnxruntime"])
def test_the_same_in_every_framework(framework: str, native: Any) -> None:
    pytest.importorskip(framework)
    if framework == "onnxruntime":
        model = opened(config.Onnx(path=Path("net.onnx")), onnx_bytes())
    else:
        net = torch_net() if framework == "torch" else keras_net()
        assert section_of(net).source == framework  # type: ignore[attr-defined]
        model = opened(section_of(net), net)
    exact, found = native.slopes(IMAGES, CLASSES), model.answers(IMAGES)
    assert found.logits == pytest.approx(exact.logits, abs=1e-5)
    assert found.features == pytest.approx(answers(IMAGES).features, abs=1e-5)
    if model.tier is Tier.GRADIENTS:
        logits, slopes = model.slopes(IMAGES, CLASSES)
        assert logits == pytest.approx(exact.logits, abs=1e-5)
        assert slopes == pytest.approx(exact.slopes, abs=1e-6)
    same_model(model, IMAGES, exact.logits)
    assert check(model, IMAGES, exact.logits.argmax(axis=1), NAMES).accuracy == 1


def test_a_factory_of_torch_and_weights_at_a_path_with_spaces(folder: Path) -> None:
    torch = pytest.importorskip("torch")
    safetensors = pytest.importorskip("safetensors.torch")
    changed = torch_net()
    torch.nn.init.ones_(changed.last.weight)
    for name, save in (("my best.pt", torch.save), ("my best.safetensors", safetensors.save_file)):
        save(changed.state_dict(), folder / name)
        section = section_of("my_net:torch_net", weights=folder / name)
        assert section == config.Torch(entry="my_net:torch_net", weights=folder / name)
        model = opened(section)
        assert model.name == "my_net:torch_net"
        assert model.digest() == opened(config.Torch(), changed).digest()
        with pytest.raises(DataError, match="The model is the one that the run explains"):
            same_model(model, IMAGES, answers(IMAGES).logits)


def test_weights_of_flax_in_safetensors(folder: Path) -> None:
    pytest.importorskip("safetensors")
    from flax import nnx
    from safetensors.flax import save_file

    changed = nnx_net()
    changed.last.kernel[...] = changed.last.kernel[...] * 2
    flat = {
        ".".join(map(str, names)): leaf[...]
        for names, leaf in nnx.to_flat_state(nnx.state(changed, nnx.Param))
    }
    save_file(flat, folder / "my best.safetensors")
    model = opened(section_of("my_net:nnx_net", weights=folder / "my best.safetensors"))
    assert model.answers(IMAGES).logits == pytest.approx(2 * answers(IMAGES).logits, abs=2e-5)


def test_a_keras_file_is_named_by_its_path(folder: Path) -> None:
    pytest.importorskip("keras")
    pytest.importorskip("h5py")
    keras_net().save(folder / "my net.keras")
    model = opened(section_of("my net.keras"))
    assert model.answers(IMAGES).logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    with pytest.raises(DataError, match="A Keras model is named by its file"):
        section_of("my_net:keras_net")


def test_a_range_a_mean_and_a_std_are_chained_back(native: Any) -> None:
    torch = pytest.importorskip("torch")

    class Shifted(torch.nn.Module):
        """Takes 0 to 255, normalized."""

        def __init__(self) -> None:
            super().__init__()
            self.net = torch_net()

        def forward(self, inputs: Any) -> Any:
            return self.net((inputs * 50 + 20) / 255)

    section = config.Torch(input=config.Input(range=255, mean=20, std=50))
    logits, slopes = opened(section, Shifted()).slopes(IMAGES, CLASSES)
    exact = native.slopes(IMAGES, CLASSES)
    assert logits == pytest.approx(exact.logits, abs=1e-5)
    assert slopes == pytest.approx(exact.slopes, abs=1e-5)
