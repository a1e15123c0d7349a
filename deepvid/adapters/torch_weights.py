"""Weights of a PyTorch module, of files that hold tensors and nothing that runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from deepvid.adapters.torch_package import torch_package
from deepvid.errors import DataError, DeepVIDError, MissingExtraError


def load_weights(module: Any, path: Path) -> None:
    """Of a .safetensors file, or of what torch.save wrote of a state_dict; never unpickles objects."""
    state = _read(path)
    for wrapper in ("state_dict", "model_state_dict", "model"):  # what training scripts save around it
        if isinstance(inner := state.get(wrapper), dict):
            state = inner
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
