"""A network that is one matrix, as an adapter has it: outputs and slopes are known."""

from typing import Any

import numpy as np

from deepvid.adapters.contract import Outputs
from deepvid.adapters.pixels import pixels
from deepvid.config import Input
from deepvid.tier import Tier

NAMES = ("Shirt", "Bag", *map(str, range(2, 1000)))


class Plane:
    """Logits are input · weight, with a weight of (y, x, channel, output); features are those times two."""

    tier = Tier.GRADIENTS
    name = "plane"
    takes: tuple[int | None, ...] | None = None

    def __init__(self, weight: np.ndarray, layout: Any = "NHWC", kind: str = "logits") -> None:
        self.weight, self.layout, self.kind = weight.astype(np.float32), layout, kind
        self.image_shape = weight.shape[:3]
        self.classes = 2 if kind.startswith("one") else weight.shape[-1]
        self.seen: list[np.ndarray] = []
        self.fails_above = np.inf
        self.rows: int | None = None

    def outputs(self, inputs: np.ndarray) -> Outputs:
        self.seen.append(inputs)
        if inputs.max() > self.fails_above:
            raise ValueError("too bright\nwith more lines")
        logits = inputs.reshape(len(inputs), -1) @ self.weight.reshape(-1, self.weight.shape[-1])
        return Outputs(self._squashed(logits)[: self.rows], 2 * logits)

    def outputs_and_slopes(self, inputs: np.ndarray, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scores = self.outputs(inputs).scores
        weight = self.weight.reshape(-1, self.weight.shape[-1])
        if self.kind.endswith("sigmoid"):
            by_logits = np.einsum("no,op->nop", scores * (1 - scores), np.eye(weight.shape[1]))
        elif self.kind == "probabilities":
            by_logits = np.einsum("no,op->nop", scores, np.eye(weight.shape[1])) - np.einsum(
                "no,np->nop", scores, scores
            )
        else:
            by_logits = np.broadcast_to(np.eye(weight.shape[1]), (len(inputs), *[weight.shape[1]] * 2))
        slopes = np.einsum("nop,ip->noi", by_logits, weight)[:, outputs]
        return scores, slopes.reshape(len(inputs), len(outputs), *inputs.shape[1:])

    def digest(self) -> str | None:
        return None

    def _squashed(self, logits: np.ndarray) -> np.ndarray:
        if self.kind.endswith("sigmoid"):
            return 1 / (1 + np.exp(-logits))
        if self.kind == "probabilities":
            powers = np.exp(logits - logits.max(axis=1, keepdims=True))
            return powers / powers.sum(axis=1, keepdims=True)
        return logits


def drawn(
    image_shape: tuple[int, int, int], input: Input | None = None, kind: str = "logits", classes: int = 2
) -> Plane:
    """A plane of small random weights for what these images become, with the channels first."""
    made = pixels(input or Input(), image_shape, layout="NCHW")
    outputs = 1 if kind.startswith("one") else classes
    weight = np.random.default_rng(1).normal(size=(*made.shape, outputs)) / np.abs(made.scale).max() / 4
    plane = Plane(weight, "NCHW", kind)
    plane.image_shape = image_shape
    return plane
