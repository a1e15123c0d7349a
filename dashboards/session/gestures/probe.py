"""Images by what their nearest training images say at a layer, or at two."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dashboards.data.layers import TEACHER
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from deepvid import wording
from deepvid.errors import DataError

MOST = 2  # columns: a box has one, a ribbon two
LONGEST = 200  # letters of a layer's name


@dataclass(frozen=True)
class Probe(Gesture):
    """(column, classes): whose neighbors, in `TEACHER` the teacher, say one in each; of no other class."""

    kind: ClassVar[str] = "probe"

    said: tuple[tuple[str, tuple[int, ...]], ...]

    @classmethod
    def parse(cls, value: Any) -> "Probe":
        said = tuple((read_name(column), tuple(map(whole, classes))) for column, classes in value)
        if not 1 <= len(said) <= MOST or not all(classes for _, classes in said):
            raise ValueError("a probe has a class at one column or two")
        return cls(said)

    def to_json(self) -> list[Any]:
        return [[column, list(classes)] for column, classes in self.said]

    def mask(self, table: Population) -> Mask:
        rows = np.ones(table.rows, np.bool_)
        for column, classes in self.said:
            found = None if table.layers is None else table.layers.says(column, classes)
            if found is None:
                raise no_layer(table, column)
            rows &= found
        return rows

    def sentence(self, table: Population, count: int) -> str:
        parts = [_words(table, column, classes, one=count == 1) for column, classes in self.said]
        return f"{wording.quantity(count, 'image')} that {' and '.join(parts)}"


def no_layer(table: Population, column: str) -> DataError:
    """Says which layers there are."""
    looked = table.layers and table.layers.looked
    there = f"{column!r} among {', '.join(looked.names)}" if looked else f"{column!r}, and none looked into"
    return DataError(
        "A selection at a layer needs a run whose network stage has that layer",
        f"no layer {there}",
        "Clear the selection, or look into the layers of the run with `deepvid network RUN`",
    )


def read_name(column: Any) -> str:
    """The name of a column, from outside. Raises ValueError for what is none."""
    if not isinstance(column, str) or len(column) > LONGEST:
        raise ValueError("a layer is named by a text")
    return column


def _words(table: Population, column: str, classes: tuple[int, ...], *, one: bool) -> str:
    known = [table.class_names[index] for index in classes if index < table.class_count]
    which = known[0] if len(known) == 1 else f"one of {wording.quantity(len(known), 'class', 'classes')}"
    if column == TEACHER:
        return f"{'is' if one else 'are'} taken for {which}"
    return f"{'looks' if one else 'look'} like {which} in {column}"
