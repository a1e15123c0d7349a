"""An ONNX file gives the logits and features of its network, from its bytes alone."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from nets import IMAGES, NAMES, SHAPE, answers, onnx_bytes

from deepvid.adapters.onnx import OnnxNetwork, has_external_data, read_onnx
from deepvid.adapters.preparing import Prepared, prepared
from deepvid.config import Input, Output
from deepvid.errors import DataError
from deepvid.tier import Tier

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def opened(content: bytes, features: str | None = None, **input: Any) -> Prepared:
    return prepared(OnnxNetwork(content, "net.onnx", features), Input(**input), Output(), SHAPE, NAMES)


def test_the_same_network_in_numpy() -> None:
    model = opened(onnx_bytes())
    found, exact = model.answers(IMAGES), answers(IMAGES)
    assert model.tier is Tier.PREDICT
    assert found.logits == pytest.approx(exact.logits, abs=1e-5)
    assert found.features == pytest.approx(exact.features, abs=1e-5)


@pytest.mark.parametrize("squash", ["Softmax", "Identity"])
def test_features_are_found_before_what_follows_the_last_dense_layer(squash: str) -> None:
    model = opened(onnx_bytes(squash=squash))
    assert model.answers(IMAGES).features == pytest.approx(answers(IMAGES).features, abs=1e-5)
    assert model.kind == ("probabilities" if squash == "Softmax" else "logits")


def test_a_tensor_that_is_named_gives_the_features() -> None:
    found = opened(onnx_bytes(), "pooled").answers(IMAGES).features
    assert found is not None
    assert found.shape == (30, 4)
    with pytest.raises(DataError, match="'pool', and the last that it computes are"):
        opened(onnx_bytes(), "pool")


def test_scores_of_no_dense_layer_show_no_features() -> None:
    assert opened(onnx_bytes(squash="Relu")).answers(IMAGES).features is None


def test_a_fixed_batch() -> None:
    assert opened(onnx_bytes(batch=8)).answers(IMAGES).logits == pytest.approx(
        answers(IMAGES).logits, abs=1e-5
    )


def test_the_threads_are_those_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 5, 7}, raising=False)
    options = OnnxNetwork(onnx_bytes(), "net.onnx")._session.get_session_options()
    assert options.intra_op_num_threads == 3


def test_the_digest_is_that_of_the_file() -> None:
    import hashlib

    assert opened(onnx_bytes()).digest() == hashlib.sha256(onnx_bytes()).hexdigest()


def test_a_network_of_another_size() -> None:
    with pytest.raises(DataError, match=r"The model takes \(n, 1, 9, 8\). Found: images 5x5x1"):
        prepared(OnnxNetwork(onnx_bytes(), "net.onnx"), Input(), Output(), (5, 5, 1), NAMES)


def test_images_become_the_one_size_that_a_model_takes_where_that_distorts_nothing() -> None:
    y, x = (side for side in onnx_shape(onnx_bytes()) if side > 1)
    model = prepared(OnnxNetwork(onnx_bytes(), "net.onnx"), Input(), Output(), (2 * y, 2 * x, 1), NAMES)
    assert model.size == (y, x)
    assert model.image_shape == (2 * y, 2 * x, 1)
    assert model.answers(np.ones((3, 2 * y, 2 * x, 1), np.float32)).logits.shape == (3, len(NAMES))


def outside(path: Path) -> bytes:
    """The network with its weights in a file beside it, as it is allowed."""
    model = onnx.load_model_from_string(onnx_bytes())
    onnx.save_model(model, path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    return path.read_bytes()


def test_weights_in_other_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = outside(tmp_path / "net.onnx")
    assert (tmp_path / "weights.bin").exists()
    monkeypatch.chdir(tmp_path)  # where ONNX Runtime would find them
    with pytest.raises(DataError, match="whose weights are in other files"):
        OnnxNetwork(content, "net.onnx")


def test_weights_beside_the_file_are_gathered(tmp_path: Path) -> None:
    outside(tmp_path / "net.onnx")
    gathered = read_onnx(tmp_path / "net.onnx")
    assert not has_external_data(gathered)
    images = np.random.default_rng(0).random((2, *onnx_shape(gathered)), np.float32)
    ours, theirs = (OnnxNetwork(content, "net.onnx").outputs(images) for content in (gathered, onnx_bytes()))
    np.testing.assert_array_equal(ours.scores, theirs.scores)


def onnx_shape(content: bytes) -> tuple[int, ...]:
    takes = OnnxNetwork(content, "net.onnx").takes
    assert takes is not None
    return tuple(side or 1 for side in takes[1:])


@pytest.mark.parametrize("kind", ["elsewhere", "link", "short", "often", "none"])
def test_weights_anywhere_else_are_not_read(tmp_path: Path, kind: str) -> None:
    outside(tmp_path / "net.onnx")
    model, weights = onnx.load(tmp_path / "net.onnx", load_external_data=False), tmp_path / "weights.bin"
    if kind == "elsewhere":
        (tmp_path / "inner").mkdir()
        weights.rename(tmp_path / "inner" / "weights.bin")
        for tensor in model.graph.initializer:
            for entry in tensor.external_data:
                entry.value = "inner/weights.bin" if entry.key == "location" else entry.value
    elif kind == "link":
        weights.rename(tmp_path / "secret")
        weights.symlink_to(tmp_path / "secret")
    elif kind == "short":
        weights.write_bytes(weights.read_bytes()[:-1])
    elif kind == "often":  # a file that is read a thousand times
        model.graph.initializer.extend([model.graph.initializer[0]] * 1000)
    else:
        weights.unlink()
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(DataError, match="whose weights are in other files"):
        read_onnx(tmp_path / "net.onnx")


def hidden_in(place: Callable[[Any, Any], None]) -> bytes:
    """A tensor in another file, somewhere in the network."""
    model = onnx.load_model_from_string(onnx_bytes())
    tensor = onnx.TensorProto(name="hidden", data_type=1, dims=[1], data_location=1)
    place(model, tensor)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    "place",
    [
        lambda model, tensor: model.graph.node[0].attribute.add(name="value", type=4).t.CopyFrom(tensor),
        lambda model, tensor: (
            model.graph.node[0].attribute.add(name="then", type=5).g.initializer.append(tensor)
        ),
        lambda model, tensor: model.graph.sparse_initializer.add().values.CopyFrom(tensor),
        lambda model, tensor: model.training_info.add().algorithm.initializer.append(tensor),
        lambda model, tensor: (
            model.functions.add().node.add().attribute.add(name="value", type=9).tensors.append(tensor)
        ),
    ],
)
def test_wherever_they_are(place: Callable[[Any, Any], None]) -> None:
    assert has_external_data(hidden_in(place))
    assert not has_external_data(onnx_bytes())


def deep(depth: int) -> bytes:
    """Graphs in attributes of nodes in graphs."""
    content = b""
    for field in [*(6, 5, 1) * depth, 7]:
        size = b""
        length = len(content)
        while length >= 128:
            size, length = size + bytes([length % 128 + 128]), length // 128
        content = bytes([field << 3 | 2]) + size + bytes([length]) + content
    return content


@pytest.mark.parametrize("location", [b"\xf0\x80\x80\x80\x10\x01", b"\x70\x81\x80\x80\x80\x10"])
def test_no_bit_hides_them(location: bytes) -> None:
    """A tag, or a value, that is another one in the 32 bits that parsers look at."""
    initializer = b"\x2a" + bytes([len(location)]) + location
    content = b"\x3a" + bytes([len(initializer)]) + initializer
    with pytest.raises(DataError, match=r"a tag of more than 32 bits|weights are in other files"):
        OnnxNetwork(content, "net.onnx")


@pytest.mark.parametrize(
    "content", [b"\x80\x04no network", onnx_bytes()[:-7], b"\x08\x08", b"x" * 100, deep(40), deep(2000)]
)
def test_no_onnx_at_all(content: bytes) -> None:
    with pytest.raises(DataError, match=r"An \.onnx file is a self-contained network"):
        OnnxNetwork(content, "net.onnx")


def changed(change: Callable[[Any], None]) -> bytes:
    model = onnx.load_model_from_string(onnx_bytes())
    change(model)
    return bytes(model.SerializeToString())


def test_two_inputs_and_labels_alone() -> None:
    other = onnx.helper.make_tensor_value_info("other", 1, [1])
    with pytest.raises(DataError, match=r"image tensor\(float\), other tensor\(float\)"):
        OnnxNetwork(changed(lambda model: model.graph.input.append(other)), "net.onnx")

    def labels_alone(model: Any) -> None:
        model.graph.node.append(onnx.helper.make_node("ArgMax", ["scores"], ["label"], axis=1))
        del model.graph.output[:]
        model.graph.output.append(onnx.helper.make_tensor_value_info("label", 7, ["n", 1]))

    with pytest.raises(DataError, match=r"outputs label tensor\(int64\)"):
        OnnxNetwork(changed(labels_alone), "net.onnx")


def test_a_network_in_half_precision_takes_and_gives_float32() -> None:
    def halved(model: Any) -> None:
        for tensor in model.graph.initializer:
            array = onnx.numpy_helper.to_array(tensor).astype(np.float16)
            tensor.CopyFrom(onnx.numpy_helper.from_array(array, tensor.name))
        for value in (*model.graph.input, *model.graph.output):
            value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16

    found = opened(changed(halved)).answers(IMAGES)
    assert found.logits.dtype == np.float32
    assert found.features is not None
    assert found.features.dtype == np.float32
    assert found.logits == pytest.approx(answers(IMAGES).logits, abs=2e-2)
