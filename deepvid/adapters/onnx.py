"""An ONNX file: data, not code, which ONNX Runtime runs. Whether all of it is there, its bytes say.

A protobuf message is a row of fields, each a tag (number · 8 + wire type) and a value; messages lie within
messages. Source: https://protobuf.dev/programming-guides/encoding and onnx/onnx.proto.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from deepvid import config
from deepvid.adapters.contract import Adapter, Outputs
from deepvid.config import names
from deepvid.errors import DataError, MissingExtraError
from deepvid.tier import Tier

_TYPES = {"float": np.float32, "float16": np.float16, "double": np.float64, "uint8": np.uint8}
_WHOLE = "An .onnx file is a self-contained network that ONNX Runtime can read"


def opened(section: config.Onnx, given: Any) -> Adapter:
    """Of the file, or of its bytes as a run has them."""
    content = given if isinstance(given, bytes) else read_onnx(section.path)
    return OnnxNetwork(content, section.path.name, section.features)


def read_onnx(path: Path) -> bytes:
    """The bytes of a file that a person names, with the weights that PyTorch has written beside it.

    Raises DataError for a file that cannot be read, and for weights anywhere else.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(_WHOLE, f"{path}: {error.strerror}", "Give the path of an .onnx file") from error
    try:
        apart = has_external_data(content)
    except ValueError:
        return content  # refused when it is opened
    return _gathered(path, content) if apart else content


def _gathered(path: Path, content: bytes) -> bytes:
    """With the weights of its graph that lie in plain files of the same folder, none of them twice."""
    try:
        import onnx
        from onnx.external_data_helper import load_external_data_for_tensor
    except ImportError:
        return content  # refused when it is opened
    model = onnx.load_model_from_string(content)
    left: dict[str, int] = {}
    try:
        for tensor in model.graph.initializer:
            if tensor.data_location == onnx.TensorProto.EXTERNAL:
                told = {entry.key: entry.value for entry in tensor.external_data}
                name, length = told.get("location", ""), int(told.get("length", 0))
                left[name] = left.get(name, _size_beside(path, name)) - length
                if left[name] < 0 or length <= 0:
                    raise _in_other_files(path.name, f": more is declared than {name[:200]} has")
                load_external_data_for_tensor(tensor, str(path.parent))
        return bytes(model.SerializeToString())
    except (OSError, ValueError, onnx.checker.ValidationError) as error:
        raise _in_other_files(path.name, f": {str(error)[:200]}") from error


def _size_beside(path: Path, name: str) -> int:
    """Bytes of a file in the same folder. Raises DataError for any other place."""
    there = path.parent / name
    if not name or Path(name).name != name or there.is_symlink() or not there.is_file():
        raise _in_other_files(path.name, f", none of them beside it: {name[:200]}")
    return there.stat().st_size


def _in_other_files(name: str, found: str = "") -> DataError:
    return DataError(
        _WHOLE,
        f"{name}, whose weights are in other files{found}",
        "Export it with external_data=False, or save it in one: onnx.save(onnx.load(path), 'whole.onnx')",
    )


class OnnxNetwork:
    """An `Adapter` of the bytes of a file; no other file is read, and none is imported."""

    tier = Tier.PREDICT

    def __init__(self, content: bytes, name: str, features: str | None = None) -> None:
        _check_whole(content, name)
        self.name = name
        self._sha256 = hashlib.sha256(content).hexdigest()
        scores = _scores_of(_session(content, name), name)
        content, tensor = with_features(content, scores, features)
        self._session = _session(content, name)
        self._wanted = [scores] if tensor is None else [scores, tensor]
        self._input = _only_input(self._session, name)
        self._dtype = _TYPES[self._input.type[len("tensor(") : -1]]
        self.takes = tuple(side if isinstance(side, int) else None for side in self._input.shape) or None
        self.layout: names.Layout = _layout(self.takes)

    def outputs(self, inputs: np.ndarray) -> Outputs:
        given = np.rint(inputs) if self._dtype is np.uint8 else inputs
        found = self._session.run(self._wanted, {self._input.name: given.astype(self._dtype)})
        scores, features = (*found, None)[:2]
        return Outputs(scores, None if features is None else features.reshape(len(features), -1))

    def digest(self) -> str:
        return self._sha256


def _check_whole(content: bytes, name: str) -> None:
    try:
        external = has_external_data(content)
    except ValueError as error:
        raise DataError(_WHOLE, f"{name}, which is not one: {error}", "Export it again") from error
    if external:
        raise _in_other_files(name)


def _session(content: bytes, name: str) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError.of("An ONNX model", "onnx", "onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _cores()  # of this process: ONNX Runtime takes all of the machine
    options.log_severity_level = 3  # errors
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no class in common
        found = f"{name}: {str(error).strip().splitlines()[0][:200].rstrip('.')}"
        raise DataError(_WHOLE, found, "Export it again, or update onnxruntime") from error


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _only_input(session: Any, name: str) -> Any:
    inputs = session.get_inputs()
    known = [f"tensor({kind})" for kind in _TYPES]
    if len(inputs) != 1 or inputs[0].type not in known:
        raise DataError(
            "A classifier takes images, one tensor of numbers",
            f"{name} with the inputs {', '.join(f'{each.name} {each.type}' for each in inputs) or 'none'}",
            "Export the network alone, from the pixels to the classes",
        )
    return inputs[0]


def _scores_of(session: Any, name: str) -> str:
    """The first output of numbers, a row an image; what scikit-learn's have beside it are labels."""
    outputs = session.get_outputs()
    for output in outputs:
        if output.type in ("tensor(float)", "tensor(float16)", "tensor(double)"):
            return str(output.name)
    raise DataError(
        "A classifier gives logits or probabilities, one tensor of numbers",
        f"{name} with the outputs {', '.join(f'{each.name} {each.type}' for each in outputs)}",
        "Export it with them; from scikit-learn with options={id(model): {'zipmap': False}}",
    )


def _layout(takes: tuple[int | None, ...] | None) -> names.Layout:
    last = takes is not None and len(takes) == 4 and takes[3] in (1, 3) and takes[1] not in (1, 3)
    return "NHWC" if last else "NCHW"


_DENSE = ("Gemm", "MatMul")
_AFTER = frozenset((
    "Add", "Cast", "Clip", "Div", "Flatten", "Identity", "LogSoftmax", "Mul", "Reshape", "Sigmoid", "Softmax",
    "Squeeze", "Sub",
))  # fmt: skip
"""Operations that may come between the last dense layer and the scores."""


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


_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
DEEPEST = 100  # messages in each other: what parsers of protobuf follow
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14  # fields of a tensor

_WITHIN: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
"""The fields of each message in which tensors may lie."""


def has_external_data(content: bytes) -> bool:
    """Whether tensors are kept in other files. Raises ValueError for what is no ONNX file."""
    return _external(memoryview(content), "model", DEEPEST)


def _external(message: memoryview, kind: str, depth: int) -> bool:
    if not depth:
        raise ValueError(f"more than {DEEPEST} messages lie in each other")
    for number, value in _fields(message):
        if kind == "tensor":
            if number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value != 0):
                return True
        elif (inner := _WITHIN[kind].get(number)) is not None:
            if not isinstance(value, memoryview):
                raise ValueError(f"field {number} of a {kind} is no message")
            if _external(value, inner, depth - 1):
                return True
    return False


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag >= 2**32:  # parsers drop the bits above, and read another field
            raise ValueError("a tag of more than 32 bits")
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire == _BYTES:
            length, at = _varint(message, at)
        elif wire in (_EIGHT, _FOUR):
            length = 8 if wire == _EIGHT else 4
        else:
            raise ValueError(f"wire type {wire}")
        if at + length > len(message):
            raise ValueError("it ends in the middle")
        yield number, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The number that begins at `at`, and where it ends."""
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("it ends in the middle")
