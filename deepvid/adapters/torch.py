"""A PyTorch module, asked where it lies: its device, its precision, in evaluation mode.

Or a program that torch.export saved. Loading it runs code of it: only what a person names is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from deepvid import config
from deepvid.adapters.contract import Adapter, Outputs, digest_of, digest_of_file
from deepvid.adapters.entries import made, required
from deepvid.adapters.returned import array_of, scores_in
from deepvid.config import names
from deepvid.errors import DataError, DeepVIDError, MissingExtraError
from deepvid.tier import Tier

if TYPE_CHECKING:
    from jaxtyping import Int

_FEATURES = "teacher.features names a layer of the module"


def torch_package() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError.of("A PyTorch model", "torch", "torch") from error
    return torch


def opened(section: config.Torch | config.ExportedProgram, given: Any) -> Adapter:
    if isinstance(section, config.ExportedProgram):
        return open_exported(section.path)
    torch = torch_package()
    if given is not None:
        return TorchModule(given, type(given).__name__, section.features)
    entry = required(section.entry, "teacher.entry", "module:factory")
    module = made(entry, lambda found: isinstance(found, torch.nn.Module))
    adapter = TorchModule(module, entry, section.features)
    if section.weights is not None:
        load_weights(module, section.weights)
    return adapter


class TorchModule:
    """An `Adapter` of a `torch.nn.Module`. Between calls the module is as the person left it."""

    tier = Tier.GRADIENTS
    layout: names.Layout = "NCHW"

    def __init__(
        self,
        module: Any,
        name: str,
        features: str | None = None,
        *,
        takes: tuple[int | None, ...] | None = None,
        digest: str | None = None,
    ) -> None:
        torch = torch_package()
        if isinstance(module, torch.jit.ScriptModule):
            raise DataError(
                "A PyTorch model is a module",
                f"{name}, which is TorchScript: deprecated, and unknown to Python 3.14",
                "Give the module that it was made from, or export it to ONNX",
            )
        if not isinstance(module, torch.nn.Module):
            raise DataError(
                "A PyTorch model is a torch.nn.Module",
                f"{name}, which is a {type(module).__name__}",
                "Give the module, or name a function without arguments that returns it",
            )
        self.module = module
        self.name = name
        self.takes = takes
        self._digest = digest
        self._lock = Lock()  # hooks are the module's, not a call's
        self._layer = _named_layer(module, name, features) if features else None
        dense = [layer for layer in module.modules() if isinstance(layer, torch.nn.Linear)]
        self._dense: list[Any] = dense  # that may be the last one; at most one, once the module was asked

    def outputs(self, inputs: np.ndarray) -> Outputs:
        torch = torch_package()
        with self._lock, _evaluating(self.module), torch.inference_mode():
            with self._watched() as seen:
                scores = scores_in(self.module(self._tensor(inputs)))
            return Outputs(array_of(scores), self._features(seen, scores))

    def outputs_and_slopes(
        self, inputs: np.ndarray, outputs: Int[np.ndarray, " asked"]
    ) -> tuple[np.ndarray, np.ndarray]:
        with self._lock, _evaluating(self.module):
            return slopes_by_autograd(
                lambda tensor: scores_in(self.module(tensor)), self._tensor(inputs), outputs
            )

    def head(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Of the dense layer that was found to make the scores; none where another layer was named."""
        if self._layer is not None or len(self._dense) != 1:
            return None
        (layer,) = self._dense
        weight = array_of(layer.weight)
        return weight, np.zeros(len(weight), np.float32) if layer.bias is None else array_of(layer.bias)

    def digest(self) -> str:
        """Of the parameters and buffers, unless a file's was given."""
        if self._digest is None:
            state = self.module.state_dict()
            return digest_of(
                (name, _bytes_of(value)) for name, value in state.items() if hasattr(value, "detach")
            )
        return self._digest

    def _tensor(self, inputs: np.ndarray) -> Any:
        torch = torch_package()
        places = (*self.module.parameters(), *self.module.buffers())
        device = places[0].device if places else None
        kind = next((place.dtype for place in places if place.is_floating_point()), torch.float32)
        return torch.from_numpy(np.ascontiguousarray(inputs)).to(device, kind)

    @contextmanager
    def _watched(self) -> Iterator[list[tuple[Any, Any]]]:
        """Collects (layer, what it reads or, if it was named, gives) while the module runs."""
        seen: list[tuple[Any, Any]] = []
        if self._layer is not None:
            hooks = [self._layer.register_forward_hook(lambda layer, _, given: seen.append((layer, given)))]
        else:
            hooks = [
                layer.register_forward_pre_hook(
                    lambda layer, read: seen.append((layer, read[0] if read else None))
                )
                for layer in self._dense
            ]
        try:
            yield seen
        finally:
            for hook in hooks:
                hook.remove()

    def _features(self, seen: list[tuple[Any, Any]], scores: Any) -> np.ndarray | None:
        if self._layer is None:
            seen = [(layer, read) for layer, read in seen if _makes(layer, read, scores)]
            self._dense = [layer for layer, _ in seen[-1:]]
        return array_of(scores_in(seen[-1][1])).reshape(len(scores), -1) if seen else None


def slopes_by_autograd(
    network: Callable[[Any], Any], tensor: Any, outputs: Int[np.ndarray, " asked"]
) -> tuple[np.ndarray, np.ndarray]:
    """Scores and slopes: one pass forward, and one backward for each asked output of all samples."""
    torch = torch_package()
    with torch.enable_grad():
        tensor = tensor.detach().requires_grad_()
        scores = network(tensor)
        rows = scores.reshape(len(scores), -1)
        slopes = [
            torch.autograd.grad(rows[:, int(output)].sum(), tensor, retain_graph=place + 1 < len(outputs))[0]
            for place, output in enumerate(outputs)
        ]
    return array_of(scores), np.stack([array_of(slope) for slope in slopes], axis=1)


@contextmanager
def _evaluating(module: Any) -> Iterator[None]:
    training = [layer for layer in module.modules() if layer.training]
    for layer in training:
        layer.training = False
    try:
        yield
    finally:
        for layer in training:
            layer.training = True


def _makes(layer: Any, read: Any, scores: Any) -> bool:
    """Whether this dense layer may have made the scores of what it read."""
    return (
        read is not None  # it was given by its name
        and read.ndim == 2
        and len(read) == len(scores)
        and layer.out_features == scores.reshape(len(scores), -1).shape[1]
    )


def _named_layer(module: Any, name: str, features: str) -> Any:
    layers = dict(module.named_modules())
    if features not in layers:
        raise DataError(
            _FEATURES,
            f"{features!r}, and the last layers of {name} are {', '.join(list(layers)[-8:])}",
            "Name one of its layers, or none: DeepVID finds what the last dense layer reads",
        )
    return layers[features]


def _bytes_of(value: Any) -> np.ndarray:
    """A tensor of any type, its numbers as they lie in memory."""
    torch = torch_package()
    tensor = value.detach().cpu().contiguous()
    return np.asarray(tensor.reshape(-1).view(torch.uint8).numpy()).reshape(*tensor.shape, -1)


def load_weights(module: Any, path: Path) -> None:
    """Of a .safetensors file, or of what torch.save wrote of a state_dict; never unpickles objects."""
    state = _read(path)
    for wrapper in ("state_dict", "model_state_dict", "model"):  # what training scripts save around it
        if isinstance(inner := state.get(wrapper), dict):
            state = inner
    if not all(isinstance(name, str) for name in state):
        raise DataError(
            "A state_dict names its tensors by texts", f"other names in {path}", "Save model.state_dict()"
        )
    try:
        module.load_state_dict(state)
    except (RuntimeError, TypeError) as error:
        lines = [line.strip() for line in str(error).splitlines()]
        raise DataError(
            "The weights are those of the network",
            f"{path}: {(lines[1:] or lines)[0][:300].rstrip('.')}",
            "Give the weights of this network, or the function that makes the network of these weights",
        ) from error


def _read(path: Path) -> dict[str, Any]:
    torch = torch_package()
    try:
        if path.suffix.lower() == ".safetensors":
            return dict(_safetensors()(path))
        state = torch.load(path, map_location="cpu", weights_only=True)
    except DeepVIDError:
        raise
    except Exception as error:  # of three packages, with nothing in common
        found = (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
        raise DataError(
            "A file of weights holds only tensors, as .safetensors or as a state_dict that torch.save wrote",
            f"{path}: {found}",
            "Save it so: torch.save(model.state_dict(), path)",
        ) from error
    if not isinstance(state, dict):
        raise DataError(
            "A file of weights holds a state_dict",
            f"{path}: {type(state).__name__}",
            "Save model.state_dict()",
        )
    return state


def _safetensors() -> Callable[[Path], dict[str, Any]]:
    try:
        from safetensors.torch import load_file
    except ImportError as error:
        raise MissingExtraError.of("A .safetensors file", "torch", "safetensors") from error
    return load_file


def open_exported(path: Path) -> TorchModule:
    torch = torch_package()
    if not path.is_file():
        raise DataError("The .pt2 file exists", f"no file {path}", "Give its path")
    try:
        program = torch.export.load(path)
        module = program.module()
    except Exception as error:  # whatever loading it runs into
        raise DataError(
            "A .pt2 file is what torch.export.save wrote",
            f"{path}: {(str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip('.')}",
            "Save it again, with this version of PyTorch, or export it to ONNX",
        ) from error
    for layer in module.modules():
        layer.training = False  # it has no eval(): whether it trains was settled when it was exported
    return TorchModule(module, path.name, takes=_takes(program), digest=digest_of_file(path))


def _takes(program: Any) -> tuple[int | None, ...] | None:
    """The shape of its only input; sizes that may vary are None."""
    inputs = program.graph_signature.user_inputs
    shapes = [
        node.meta["val"].shape for node in program.graph.nodes if node.name in inputs and "val" in node.meta
    ]
    if len(shapes) != 1:
        return None
    return tuple(side if isinstance(side, int) else None for side in shapes[0])
