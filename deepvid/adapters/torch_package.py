"""PyTorch, once it is needed."""

from typing import Any

from deepvid.errors import MissingExtraError


def torch_package() -> Any:
    try:
        import torch
    except ImportError as error:
        raise MissingExtraError.of("A PyTorch model", "torch", "torch") from error
    return torch
