"""One small convolutional network with the same weights in several frameworks.

Images (9, 8, 1): convolution 3x3 to 4 channels, ReLU, mean over y and x, dense to 5 features, ReLU, dense to
3 classes. Frameworks are imported where they are asked for.
"""

from typing import Any, NamedTuple

import numpy as np

from deepvid.adapters.contract import Answers

SHAPE = (9, 8, 1)
NAMES = ("Shirt", "Bag", "Coat")


class Weights(NamedTuple):
    convolution: np.ndarray  # (y, x, channel, feature)
    first: np.ndarray  # (feature, hidden)
    bias: np.ndarray  # (hidden)
    last: np.ndarray  # (hidden, class)


def _drawn() -> Weights:
    rng = np.random.default_rng(3)
    shapes = [(3, 3, 1, 4), (4, 5), (5,), (5, 3)]
    return Weights(*(rng.normal(size=shape).astype(np.float32) for shape in shapes))


WEIGHTS = _drawn()
IMAGES = np.random.default_rng(4).uniform(size=(30, *SHAPE)).astype(np.float32)


def answers(images: np.ndarray) -> Answers:
    """In NumPy: convolution by shifts, without padding."""
    y, x = SHAPE[0] - 2, SHAPE[1] - 2
    maps = sum(
        images[:, dy : dy + y, dx : dx + x] @ WEIGHTS.convolution[dy, dx]
        for dy in range(3)
        for dx in range(3)
    )
    pooled = np.maximum(maps, 0).mean(axis=(1, 2))
    hidden = np.maximum(pooled @ WEIGHTS.first + WEIGHTS.bias, 0)
    return Answers((hidden @ WEIGHTS.last).astype(np.float32), hidden.astype(np.float32))


def onnx_bytes(batch: int | str = "n", squash: str | None = None) -> bytes:
    """As torch.onnx.export writes it: NCHW, Gemm; `squash` is an operator after the last."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    initial = {
        "convolution": WEIGHTS.convolution.transpose(3, 2, 0, 1),
        "first": WEIGHTS.first,
        "bias": WEIGHTS.bias,
        "last": WEIGHTS.last.T,
    }
    nodes = [
        helper.make_node("Conv", ["image", "convolution"], ["maps"]),
        helper.make_node("Relu", ["maps"], ["positive"]),
        helper.make_node("GlobalAveragePool", ["positive"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "first", "bias"], ["before"]),
        helper.make_node("Relu", ["before"], ["hidden"]),
        helper.make_node("Gemm", ["hidden", "last"], ["dense" if squash else "scores"], transB=1),
    ]
    if squash:
        nodes.append(helper.make_node(squash, ["dense"], ["scores"]))
    height, width, channels = SHAPE
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, channels, height, width])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [batch, 3])],
        [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in initial.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def torch_net() -> Any:
    import torch

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution = torch.nn.Conv2d(1, 4, 3, bias=False)
            self.first = torch.nn.Linear(4, 5)
            self.dropout = torch.nn.Dropout(0.5)
            self.last = torch.nn.Linear(5, 3, bias=False)

        def forward(self, images: Any) -> Any:
            pooled = self.convolution(images).relu().mean((2, 3))
            return self.last(self.dropout(self.first(pooled).relu()))

    net = Net()
    arrays = {
        "convolution.weight": WEIGHTS.convolution.transpose(3, 2, 0, 1),
        "first.weight": WEIGHTS.first.T,
        "first.bias": WEIGHTS.bias,
        "last.weight": WEIGHTS.last.T,
    }
    net.load_state_dict({name: torch.tensor(array.copy()) for name, array in arrays.items()})
    return net


def nnx_net(rngs: Any = None) -> Any:
    import jax
    import jax.numpy as jnp
    from flax import nnx

    class Net(nnx.Module):
        def __init__(self, rngs: nnx.Rngs) -> None:
            self.convolution = nnx.Conv(1, 4, (3, 3), padding="VALID", use_bias=False, rngs=rngs)
            self.first = nnx.Linear(4, 5, rngs=rngs)
            self.dropout = nnx.Dropout(0.5, rngs=rngs)
            self.last = nnx.Linear(5, 3, use_bias=False, rngs=rngs)

        def __call__(self, images: jax.Array) -> jax.Array:
            pooled = jax.nn.relu(self.convolution(images)).mean((1, 2))
            return self.last(self.dropout(jax.nn.relu(self.first(pooled))))

    net = Net(rngs or nnx.Rngs(0))
    net.convolution.kernel[...] = jnp.asarray(WEIGHTS.convolution)
    net.first.kernel[...] = jnp.asarray(WEIGHTS.first)
    net.first.bias[...] = jnp.asarray(WEIGHTS.bias)
    net.last.kernel[...] = jnp.asarray(WEIGHTS.last)
    return net


def linen_net() -> Any:
    """Without variables; `linen_variables` are these."""
    import jax
    from flax import linen

    class Net(linen.Module):
        @linen.compact
        def __call__(self, images: jax.Array, train: bool) -> jax.Array:
            maps = linen.Conv(4, (3, 3), padding="VALID", use_bias=False, name="convolution")(images)
            hidden = jax.nn.relu(linen.Dense(5, name="first")(jax.nn.relu(maps).mean((1, 2))))
            dropped = linen.Dropout(0.5, deterministic=not train)(hidden)
            return linen.Dense(3, use_bias=False, name="last")(dropped)

    return Net()


def linen_variables() -> dict[str, Any]:
    return {
        "params": {
            "convolution": {"kernel": WEIGHTS.convolution},
            "first": {"kernel": WEIGHTS.first, "bias": WEIGHTS.bias},
            "last": {"kernel": WEIGHTS.last},
        }
    }


def keras_net() -> Any:
    import keras

    net = keras.Sequential(
        [
            keras.Input(SHAPE),
            keras.layers.Conv2D(4, 3, use_bias=False, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(5, activation="relu"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(3, use_bias=False),
        ]
    )
    net.set_weights([WEIGHTS.convolution, WEIGHTS.first, WEIGHTS.bias, WEIGHTS.last])
    return net


def linear_onnx(image: tuple[int, int, int], classes: int) -> bytes:
    """One dense layer with drawn weights, of images (channel, y, x)."""
    from onnx import TensorProto, helper, numpy_helper

    weight = np.random.default_rng(6).normal(size=(int(np.prod(image)), classes)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["image"], ["flat"]),
            helper.make_node("Gemm", ["flat", "weight"], ["logits"]),
        ],
        "linear",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", *image])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", classes])],
        [numpy_helper.from_array(weight, "weight")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    return bytes(model.SerializeToString())


def trap_onnx(image: tuple[int, int, int], classes: int, above: float) -> bytes:
    """The same, but of an image with a pixel above that it never comes to an end (2^62 rounds of nothing)."""
    from onnx import TensorProto, helper, load_model_from_string, numpy_helper

    model = load_model_from_string(linear_onnx(image, classes))
    graph = model.graph
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", [name], [f"{name} again"]) for name in ("going", "carried")],
        "body",
        [
            value("round", TensorProto.INT64, []),
            value("going", TensorProto.BOOL, []),
            value("carried", TensorProto.FLOAT, None),
        ],
        [value("going again", TensorProto.BOOL, []), value("carried again", TensorProto.FLOAT, None)],
    )
    flatten, dense = graph.node
    del graph.node[:]
    flatten.output[0] = "pixels"
    graph.node.extend(
        [
            flatten,
            helper.make_node("ReduceMax", ["pixels"], ["brightest"], keepdims=0),
            helper.make_node("Greater", ["brightest", "above"], ["bright"]),
            helper.make_node("Loop", ["rounds", "bright", "pixels"], ["flat"], body=body),
            dense,
        ]
    )
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.array(2**62, np.int64), "rounds"),
            numpy_helper.from_array(np.array(above, np.float32), "above"),
        ]
    )
    return bytes(model.SerializeToString())


def zoo_onnx(colors: np.ndarray) -> bytes:
    """Of the shape that model zoos have: images (3, 224, 224), normalized, to 1,000 classes.

    An image is of the class whose color, float (class, 3) before any normalization, its mean is nearest to;
    beyond the first classes there is no color.
    """
    from onnx import TensorProto, helper, numpy_helper

    mean, std = (np.array(of, np.float32) for of in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    weight, bias = np.zeros((3, 1000), np.float32), np.full(1000, -50, np.float32)
    weight[:, : len(colors)] = (40 * colors * std).T  # 40 (color . x - color . color / 2), x = std z + mean
    bias[: len(colors)] = 40 * (colors @ mean - (colors**2).sum(axis=1) / 2)
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["data"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["flat"]),
            helper.make_node("Gemm", ["flat", "weight", "bias"], ["scores"]),
        ],
        "zoo",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, ["n", 3, 224, 224])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 1000])],
        [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 10
    return bytes(model.SerializeToString())
