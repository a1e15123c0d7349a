"""What a link names that is not there: it is said once, and the rest of the link is shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from dashboards.data.class_groups import ALL, class_of
from dashboards.data.distances import near
from dashboards.data.orders import ORDERS
from dashboards.data.population import Population
from dashboards.session.address import SELECT
from deepvid.errors import UserError

_LONGEST = 40  # letters of what a link says, in a sentence


def lacking(table: Population, values: Mapping[str, Any], *, growing: bool) -> dict[str, str]:
    """What of the values for a `Navigation` the run does not have: the name, and words for it.

    A run that is `growing` may get a map yet.
    """
    lacks = {
        name: f"no test image #{values[name]}"
        for name in ("focus", "pin")
        if values[name] is not None and table.row_of(values[name]) is None
    }
    projection, sort, classes = values["projection"], values["sort"], values["classes"]
    if projection and not growing and projection not in {**table.maps, **table.maps_3d}:
        lacks["projection"] = f"no map {_shortened(projection)}"
    if sort and not _sorts(table, sort):
        lacks["sort"] = f"no order {_shortened(sort)}"
    if classes not in ("", ALL) and class_of(classes, table.class_count) is None:
        lacks["classes"] = f"no class of the number {_shortened(classes)}"
    return lacks


def refused(misread: Mapping[str, str], lacks: Iterable[str]) -> UserError:
    """Says both: what makes no sense anywhere, and what the run lacks."""
    unknown = [
        "a selection that cannot be read" if name == SELECT else f"no {name} {_shortened(text)}"
        for name, text in misread.items()
    ]
    return UserError(
        "A link names what is there",
        ", ".join([*unknown, *lacks]),
        "The rest of it is shown; ask for the link anew from whoever gave it",
    )


def _sorts(table: Population, sort: str) -> bool:
    sample = near(sort)
    return sort in ORDERS if sample is None else table.row_of(sample) is not None


def _shortened(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
