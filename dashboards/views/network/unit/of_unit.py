"""What is told of one unit beside its responses: what it does, on which images, and what drives it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dashboards.data.layers import Layers
from dashboards.data.population import Mask, Population
from dashboards.data.units import LayerUnits
from dashboards.session.gestures import Response
from dashboards.session.gestures.response import Answers
from deepvid.wording import minus

INPUTS = 5
SHARE = 0.1  # of the images, those that answer most or least


class Source(NamedTuple):
    """A unit of the layer before; of a group, one of its own units."""

    unit: int
    moved: float  # sd of this unit, with the sign of what more of that one does; of a group, its share


@dataclass(frozen=True)
class OfUnit:
    """A unit of a layer; `count` is int64 (class,): how much each class counts in an effect."""

    units: LayerUnits
    place: int

    @property
    def index(self) -> int:
        """Its number in the layer."""
        return int(self.units.index[self.place])

    def answering(self, low: float, high: float) -> Answers:
        """The gesture that means the images which it answers so."""
        return Response.drawn(self.units.name, self.index, low, high)

    def extreme(self, *, least: bool) -> Answers:
        """A tenth of the images: those that it answers least, or most."""
        response = self.units.response[:, self.place]
        low, high = (0, SHARE) if least else (1 - SHARE, 1)
        return self.answering(*np.quantile(response, [low, high]).tolist())

    def facts(self) -> list[list[str]]:
        """[text, hint] of what is told of no other kind."""
        return []

    def changed(
        self, table: Population, count: np.ndarray, mask: Mask | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """What silencing it changes of each logit, and the standard error; empty where that is not known."""
        doing = self.units.doing
        if doing is None:
            nothing = np.zeros(0, np.float32)
            return nothing, nothing
        return doing.weighted(self.place, count / max(1, count.sum()))

    def of_selection(self) -> bool:
        """Whether `changed` is told of the selected images themselves, and not of their classes."""
        return False

    def told(self, table: Population, of: Sequence[int], logit: int) -> str:
        """What silencing it does to one logit on the images of each class."""
        doing = self.units.doing
        assert doing is not None
        lines = [
            f"{doing.change[self.place, index, logit]:+.2f} ± {doing.error[self.place, index, logit]:.2f} on "
            f"{doing.images[index]:,} images of {table.class_names[index]}"
            for index in of
        ]
        return minus("\n".join([f"Logit of {table.class_names[logit]}, in nats:", *lines]))

    def lacking(self, layers: Layers) -> str:
        """Why nothing is told of what it does."""
        if self.units.doing is not None:
            return "What it does was measured on no image of these classes."
        if layers.columns[self.units.number].parameters is None:
            return "What it does was not measured: this classifier was trained elsewhere, and answers alone."
        if "silenced" not in layers.attrs:
            return "What it does was not measured yet: look into the layers again."
        return "What it does was not measured: the network is too wide, or it was not asked for."

    def before(self, layers: Layers) -> str:
        """The layer of its sources; empty where there is none."""
        doing = self.units.doing
        return "" if doing is None or doing.before is None else layers.names[doing.before]

    def sources(self) -> list[Source]:
        """Those that drive it most."""
        doing = self.units.doing
        if doing is None or doing.before is None:
            return []
        moved = doing.moved[self.place]
        most = np.argsort(-np.abs(moved), kind="stable")[:INPUTS]
        return [Source(int(doing.source[one]), float(moved[one])) for one in most.tolist()]

    def closed(self) -> list[int]:
        """Those of its sources that cannot be opened, for they are not kept."""
        return []
