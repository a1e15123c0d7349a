"""What the last dense layer of an ONNX network reads, made an output of it."""

from typing import Any

from deepvid.errors import DataError, MissingExtraError

_DENSE = ("Gemm", "MatMul")
_AFTER = frozenset(
    [
        "Add",
        "Cast",
        "Clip",
        "Div",
        "Flatten",
        "Identity",
        "LogSoftmax",
        "Mul",
        "Reshape",
        "Sigmoid",
        "Softmax",
        "Squeeze",
        "Sub",
    ]
)
"""What may come between the last dense layer and the scores."""


def with_features(content: bytes, scores: str, named: str | None) -> tuple[bytes, str | None]:
    """The network with the tensor `named`, or the one that is found, among its outputs; and its name.

    Without the package onnx, or where the scores come of no dense layer, none is found.
    """
    try:
        import onnx
    except ImportError as error:
        if named is None:
            return content, None
        raise MissingExtraError.of("A named tensor of an ONNX model", "onnx", "onnx") from error
    model = onnx.load_model_from_string(content)
    makers = {output: node for node in model.graph.node for output in node.output if output}
    tensor = _last_dense_input(makers, scores) if named is None else _checked(named, makers)
    if tensor is None or any(output.name == tensor for output in model.graph.output):
        return content, tensor
    kind = next(output.type.tensor_type.elem_type for output in model.graph.output if output.name == scores)
    model.graph.output.append(onnx.helper.make_tensor_value_info(tensor, kind, None))
    return model.SerializeToString(), tensor


def _last_dense_input(makers: dict[str, Any], scores: str) -> str | None:
    """Backwards from the scores; None where something else than a dense layer made them."""
    tensor = scores
    while (node := makers.get(tensor)) is not None:
        if node.op_type in _DENSE:
            return node.input[0] if node.input[0] in makers else None
        if node.op_type not in _AFTER:
            return None
        tensor = next((name for name in node.input if name in makers and not _constant(makers[name])), "")
    return None


def _constant(node: Any) -> bool:
    return node.op_type in ("Constant", "DequantizeLinear") and not node.input


def _checked(named: str, makers: dict[str, Any]) -> str:
    if named not in makers:
        last = ", ".join(list(makers)[-8:])
        raise DataError(
            "teacher.features names a tensor that the ONNX network computes",
            f"{named!r}, and the last that it computes are {last}",
            "Name one of its tensors, or none: DeepVID finds what the last dense layer reads",
        )
    return named
