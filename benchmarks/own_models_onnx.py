"""One of our residual networks as an ONNX file, of the operators that exporters write, NCHW."""

from typing import Any

import numpy as np
from own_models_net import EPSILON, Layer, Net


def onnx_bytes(net: Net) -> bytes:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights: dict[str, np.ndarray] = {"weight": net.weight, "bias": net.bias}
    nodes: list[Any] = []

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def normalized(name: str, layer: Layer, images: str) -> str:
        arrays = (layer.kernel.transpose(3, 2, 0, 1), *layer[1:5])
        kernel, *norm = [f"{name}.{part}" for part in ("kernel", "scale", "bias", "mean", "variance")]
        weights.update(zip([kernel, *norm], arrays, strict=True))
        stride = {"strides": [layer.stride] * 2, "auto_pad": "SAME_UPPER"}
        maps = node("Conv", [images, kernel], f"{name}.maps", **stride)
        return node("BatchNormalization", [maps, *norm], f"{name}.norm", epsilon=EPSILON)

    output = node("Relu", [normalized("stem", net.stem, "images")], "stem")
    for number, block in enumerate(net.blocks):
        name, inner = f"block{number}", output
        for place, layer in enumerate(block.convolutions):
            inner = normalized(f"{name}.{place}", layer, inner)
            if place + 1 < len(block.convolutions):
                inner = node("Relu", [inner], f"{name}.{place}")
        if block.shortcut:
            output = normalized(f"{name}.shortcut", block.shortcut, output)
        output = node("Relu", [node("Add", [inner, output], f"{name}.sum")], name)
    pooled = node("GlobalAveragePool", [output], "pooled")
    node("Gemm", [node("Flatten", [pooled], "features"), "weight", "bias"], "logits")
    y, x, channels = net.image_shape
    graph = helper.make_graph(
        nodes,
        "resnet",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", channels, y, x])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(net.class_names)])],
        [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
