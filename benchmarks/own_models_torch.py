"""One of our residual networks as a PyTorch module."""

from typing import Any

import numpy as np
from own_models_net import EPSILON, Layer, Net, padding


def torch_module(net: Net) -> Any:
    """In evaluation mode, its arrays contiguous NCHW."""
    import torch
    from torch import nn

    class Residual(nn.Module):
        def __init__(self, convolutions: Any, shortcut: Any) -> None:
            super().__init__()
            self.convolutions = convolutions
            self.shortcut = shortcut

        def forward(self, images: Any) -> Any:
            return torch.relu(self.convolutions(images) + self.shortcut(images))

    sides, blocks = net.image_shape[:2], []
    stem, sides = _normalized(net.stem, sides)
    for block in net.blocks:
        before, parts = sides, []
        for layer in block.convolutions:
            made, sides = _normalized(layer, sides)
            parts += [made, nn.ReLU()]
        shortcut = _normalized(block.shortcut, before)[0] if block.shortcut else nn.Identity()
        blocks.append(Residual(nn.Sequential(*parts[:-1]), shortcut))
    dense = nn.Linear(*net.weight.shape)
    _fill(dense, weight=net.weight.T, bias=net.bias)
    return nn.Sequential(stem, nn.ReLU(), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), dense).eval()


def _normalized(layer: Layer, sides: tuple[int, int]) -> tuple[Any, tuple[int, int]]:
    """And the sides (y, x) of the maps that it makes of those with `sides`."""
    from torch import nn

    side, _, inputs, outputs = layer.kernel.shape
    (top, bottom), (left, right) = (padding(size, side, layer.stride) for size in sides)
    even = top == bottom == left == right
    convolution = nn.Conv2d(inputs, outputs, side, layer.stride, top if even else 0, bias=False)
    norm = nn.BatchNorm2d(outputs, eps=EPSILON)
    _fill(convolution, weight=layer.kernel.transpose(3, 2, 0, 1))
    _fill(norm, weight=layer.scale, bias=layer.bias, running_mean=layer.mean, running_var=layer.variance)
    parts = [convolution, norm] if even else [nn.ZeroPad2d((left, right, top, bottom)), convolution, norm]
    y, x = (-(-size // layer.stride) for size in sides)
    return nn.Sequential(*parts), (y, x)


def _fill(layer: Any, **arrays: np.ndarray) -> None:
    import torch

    state = {name: torch.from_numpy(np.array(array, np.float32)) for name, array in arrays.items()}
    layer.load_state_dict(state, strict=False)  # but for how many batches a norm has seen
