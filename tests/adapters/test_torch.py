"""A PyTorch module gives what its network gives elsewhere, and is left as it was."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import IMAGES, NAMES, SHAPE, answers, torch_net

from deepvid.adapters.preparing import Prepared, prepared
from deepvid.adapters.torch import TorchModule, load_weights, open_exported
from deepvid.config import Input, Output
from deepvid.errors import DataError
from deepvid.tier import Tier

torch = pytest.importorskip("torch")


def opened(module: Any, features: str | None = None) -> Prepared:
    return prepared(TorchModule(module, "net", features), Input(), Output(), SHAPE, NAMES)


def test_the_same_network_in_numpy() -> None:
    model = opened(torch_net())
    found, exact = model.answers(IMAGES), answers(IMAGES)
    assert model.tier is Tier.GRADIENTS
    assert found.logits == pytest.approx(exact.logits, abs=1e-5)
    assert found.features == pytest.approx(exact.features, abs=1e-5)


def test_slopes_in_one_pass_with_the_logits() -> None:
    model = opened(torch_net())
    logits, slopes = model.slopes(IMAGES, np.array([2, 0]))
    assert logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    up, down = IMAGES.copy(), IMAGES.copy()
    up[:, 4, 3, 0] += 1e-3
    down[:, 4, 3, 0] -= 1e-3
    moved = (answers(up).logits - answers(down).logits)[:, [2, 0]] / 2e-3
    assert slopes[:, :, 4, 3, 0] == pytest.approx(moved, abs=2e-3)


def test_a_module_in_training_is_asked_in_evaluation_and_goes_on_training() -> None:
    net = torch_net().train()
    net.first.eval()  # as a person who freezes a layer has it
    assert opened(net).answers(IMAGES).logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    assert [net.training, net.dropout.training, net.first.training] == [True, True, False]
    assert not net.last._forward_pre_hooks
    assert all(parameter.grad is None and parameter.requires_grad for parameter in net.parameters())


def test_a_layer_that_is_named_gives_the_features() -> None:
    found = opened(torch_net(), "convolution").answers(IMAGES).features
    assert found is not None
    assert found.shape == (30, 4 * 7 * 6)
    with pytest.raises(DataError, match="'conv', and the last layers of net are"):
        opened(torch_net(), "conv")


def test_a_network_without_a_dense_head_shows_no_features() -> None:
    head = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    assert opened(head).answers(IMAGES).features is None


def test_a_dense_layer_that_is_called_by_name_shows_no_features() -> None:
    class Named(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch_net()

        def forward(self, images: Any) -> Any:
            return self.net.last(
                input=self.net.first(self.net.convolution(images).relu().mean((2, 3))).relu()
            )

    found = opened(Named()).answers(IMAGES)
    assert found.features is None
    assert found.logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)


@pytest.mark.parametrize("wrap", [lambda out: (out, None), lambda out: {"logits": out}])
def test_what_is_returned_among_other_things(wrap: Any) -> None:
    class Wrapped(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch_net()

        def forward(self, images: Any) -> Any:
            return wrap(self.net(images))

    model = opened(Wrapped())
    assert model.answers(IMAGES).logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    assert model.slopes(IMAGES, np.array([1])).slopes.shape == (30, 1, *SHAPE)


def test_a_module_in_half_precision() -> None:
    found = opened(torch_net().to(torch.bfloat16))
    assert found.answers(IMAGES).logits == pytest.approx(answers(IMAGES).logits, abs=0.1)
    assert len(found.digest() or "") == 64


def test_a_device_that_is_gone_names_the_images() -> None:
    net = torch_net()
    net.convolution.to("meta")
    with pytest.raises(DataError) as caught:
        opened(net).answers(IMAGES)
    assert "at images 0 to 24 of 30" in str(caught.value)


@pytest.mark.parametrize("wrapper", [None, "state_dict"])
def test_weights_that_torch_saved(wrapper: str | None, tmp_path: Path) -> None:
    path, net, fresh = tmp_path / "my weights.pt", torch_net(), torch_net()
    torch.save({wrapper: net.state_dict(), "epoch": 3} if wrapper else net.state_dict(), path)
    torch.nn.init.zeros_(fresh.first.weight)
    assert TorchModule(fresh, "net").digest() != TorchModule(net, "net").digest()
    load_weights(fresh, path)
    assert TorchModule(fresh, "net").digest() == TorchModule(net, "net").digest()


def test_weights_in_safetensors(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    path, net, fresh = tmp_path / "my weights.safetensors", torch_net(), torch_net()
    safetensors.save_file(net.state_dict(), path)
    torch.nn.init.zeros_(fresh.first.weight)
    load_weights(fresh, path)
    assert torch.equal(fresh.first.weight, net.first.weight)


def test_tensors_without_names(tmp_path: Path) -> None:
    torch.save({0: torch.zeros(2)}, tmp_path / "weights.pt")
    with pytest.raises(DataError, match="names its tensors by texts"):
        load_weights(torch_net(), tmp_path / "weights.pt")


class Evil:
    def __reduce__(self) -> Any:
        return Path.touch, (Path("was_run"),)


def test_objects_are_never_unpickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": Evil()}, tmp_path / "weights.pt")
    with pytest.raises(DataError, match="holds only tensors"):
        load_weights(torch_net(), tmp_path / "weights.pt")
    assert not Path("was_run").exists()
    with pytest.raises(DataError, match="holds only tensors"):
        load_weights(torch_net(), tmp_path / "none.pt")


def test_weights_of_another_network(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "weights.pt")
    with pytest.raises(
        DataError, match=r"weights\.pt: Missing key\(s\) in state_dict: \"convolution\.weight\""
    ):
        load_weights(torch_net(), tmp_path / "weights.pt")


def test_an_exported_program(tmp_path: Path) -> None:
    path, batch = tmp_path / "net.pt2", torch.export.Dim("batch")
    program = torch.export.export(
        torch_net().eval(), (torch.zeros(2, 1, 9, 8),), dynamic_shapes=({0: batch},)
    )
    torch.export.save(program, path)
    model = prepared(open_exported(path), Input(), Output(), SHAPE, NAMES)
    logits, slopes = model.slopes(IMAGES, np.array([1]))
    assert logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)
    assert slopes == pytest.approx(opened(torch_net()).slopes(IMAGES, np.array([1])).slopes, abs=1e-6)
    with pytest.raises(DataError, match=r"The model takes \(n, 1, 9, 8\)"):
        prepared(open_exported(path), Input(), Output(), (5, 5, 1), NAMES)


def test_an_exported_program_of_a_fixed_batch(tmp_path: Path) -> None:
    torch.export.save(
        torch.export.export(torch_net().eval(), (torch.zeros(4, 1, 9, 8),)), tmp_path / "net.pt2"
    )
    model = prepared(open_exported(tmp_path / "net.pt2"), Input(), Output(), SHAPE, NAMES)
    assert model.answers(IMAGES).logits == pytest.approx(answers(IMAGES).logits, abs=1e-5)


@pytest.mark.parametrize("content", [None, b"no program"])
def test_no_exported_program(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    if content:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"\.pt2 file"):
        open_exported(path)


def test_torchscript_and_what_is_no_module() -> None:
    with pytest.raises(DataError, match="TorchScript"):
        TorchModule(torch.jit.script(torch.nn.Linear(2, 2)), "net")
    with pytest.raises(DataError, match="a dict"):
        TorchModule({}, "net")
