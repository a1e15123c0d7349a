"""Readers of what a teacher's layers say of images, whoever trained it: one contract, and two of them.

A network of ours is asked. What somebody else trained answers for whole images: its layers are what is known
of it, the pixels, the features that its last layer reads, where it shows them, and the logits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from deepvid.models import LayeredClassifier
from deepvid.network.codes import (
    BATCH,
    Basis,
    Codes,
    Responses,
    basis,
    codes,
    fitted_rows,
    principal_basis,
    responses,
)
from deepvid.network.layers import (
    FEATURES,
    LOGITS,
    PIXELS,
    Layer,
    Reach,
    ReceptiveField,
    layers_of,
    receptive_field,
)
from deepvid.progress import SILENT, Progress

if TYPE_CHECKING:
    from jaxtyping import Float, Int, UInt8

PIXEL = ReceptiveField(Reach(1, 1, 0), Reach(1, 1, 0))


class Reader(Protocol):
    """Reads some of the images of a run, which are named by their row."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The columns: pixels, layers, logits."""
        ...

    @property
    def depth(self) -> int:
        """How many layers there are between pixels and logits; some of them may be no column."""
        ...

    @property
    def network(self) -> LayeredClassifier | None:
        """The network, to silence and differentiate inside; None of a teacher that answers alone."""
        ...

    def field(self, layer: Layer, *, seed: int) -> ReceptiveField | None:
        """The field that each place of a layer sees; None of one without places."""
        ...

    def basis(self, layer: Layer, rows: Int[np.ndarray, " row"], components: int, *, seed: int) -> Basis:
        """The components of a column, fitted to some of these rows."""
        ...

    def codes(
        self, bases: Mapping[str, Basis], rows: Int[np.ndarray, " row"], *, progress: Progress = SILENT
    ) -> Codes:
        """Codes of all columns."""
        ...

    def responses(
        self, rows: Int[np.ndarray, " row"], *, progress: Progress = SILENT
    ) -> dict[str, Responses]:
        """Responses of all layers that have units."""
        ...


@dataclass(frozen=True, eq=False)
class NetworkReader:
    """A network of ours, which is asked at every layer."""

    network: LayeredClassifier
    layers: tuple[Layer, ...]
    image: UInt8[np.ndarray, "sample y x channel"]

    @classmethod
    def of(
        cls, network: LayeredClassifier, image: UInt8[np.ndarray, "sample y x channel"], most: int
    ) -> NetworkReader:
        """With at most so many of its layers."""
        return cls(network, layers_of(network, most), image)

    @property
    def depth(self) -> int:
        return len(self.network.layers)

    def field(self, layer: Layer, *, seed: int) -> ReceptiveField | None:
        return receptive_field(self.network, layer, seed=seed)

    def basis(self, layer: Layer, rows: Int[np.ndarray, " row"], components: int, *, seed: int) -> Basis:
        return basis(self.network, layer, self.image[rows], components, seed=seed)

    def codes(
        self, bases: Mapping[str, Basis], rows: Int[np.ndarray, " row"], *, progress: Progress = SILENT
    ) -> Codes:
        return codes(self.network, bases, self.image[rows], progress=progress)

    def responses(
        self, rows: Int[np.ndarray, " row"], *, progress: Progress = SILENT
    ) -> dict[str, Responses]:
        return responses(self.network, self.layers, self.image[rows], progress=progress)


@dataclass(frozen=True, eq=False)
class OutputsReader:
    """Reads what a teacher answered for every image."""

    output: Mapping[str, np.ndarray]  # (sample, ...) by the name of the column; pixels are uint8
    network: None = None

    @classmethod
    def of(
        cls,
        image: UInt8[np.ndarray, "sample y x channel"],
        features: Float[np.ndarray, "sample feature"] | None,
        logits: Float[np.ndarray, "sample class"],
    ) -> OutputsReader:
        """Without features pixels and logits are left."""
        shown = {} if features is None else {FEATURES: features}
        return cls({PIXELS: image, **shown, LOGITS: logits})

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Nobody knows how many parameters lead to the features."""
        return tuple(
            Layer(name, output.shape[1:], None if name == FEATURES else 0)
            for name, output in self.output.items()
        )

    @property
    def depth(self) -> int:
        return len(self.output) - 2

    def field(self, layer: Layer, *, seed: int) -> ReceptiveField | None:
        return PIXEL if layer.name == PIXELS else None

    def basis(self, layer: Layer, rows: Int[np.ndarray, " row"], components: int, *, seed: int) -> Basis:
        chosen = rows[fitted_rows(len(rows), layer, seed=seed)]
        return principal_basis(self._flat(layer.name, chosen), components, seed=seed)

    def codes(
        self, bases: Mapping[str, Basis], rows: Int[np.ndarray, " row"], *, progress: Progress = SILENT
    ) -> Codes:
        codes: dict[str, list[np.ndarray]] = {name: [] for name in bases}
        for begin in range(0, len(rows), BATCH):
            progress.update(begin, len(rows), "answers")
            for name, (mean, components, _) in bases.items():
                flat = self._flat(name, rows[begin : begin + BATCH])
                codes[name].append((flat - np.asarray(mean)) @ np.asarray(components))
        return {name: np.concatenate(parts) for name, parts in codes.items()}

    def responses(
        self, rows: Int[np.ndarray, " row"], *, progress: Progress = SILENT
    ) -> dict[str, Responses]:
        return {layer.name: self._responses(layer, rows) for layer in self.layers if layer.has_units}

    def _responses(self, layer: Layer, rows: Int[np.ndarray, " row"]) -> Responses:
        values = self._flat(layer.name, rows)
        return Responses(values, values, np.zeros(values.shape, np.int32))

    def _flat(self, name: str, rows: Int[np.ndarray, " row"]) -> Float[np.ndarray, "row number"]:
        flat = self.output[name][rows].reshape(len(rows), -1)
        return np.asarray(flat / np.float32(255) if name == PIXELS else flat, np.float32)
