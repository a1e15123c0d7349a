"""How far the map of an epoch can be believed: every measure with its chance, interval and number."""

import math
from collections.abc import Mapping
from typing import Any, TypedDict

from dashboards.data.time_travel import Travel
from deepvid.map_measures import MEASURES, PARTS
from deepvid.wording import number, percent

PARTIAL = ("low", "high", "chance", "number", "published")


TEMPORAL = {
    "p4": "Movement where neighbors change",
    "temporal_nn": "Nearest epochs kept",
    "rank_correlation": "Order of epochs kept",
}


class Score(TypedDict):
    """One number of the table; what is not known is None."""

    value: float
    low: float | None
    high: float | None
    chance: float | None
    number: int | None
    published: float | None


class Row(TypedDict):
    """A measure of an epoch."""

    short: str
    hint: str
    unit: str
    better: str
    train: Score | None
    test: Score | None
    values: list[float | None]  # (epoch,) of the test images, else of the training images


def rows(travel: Travel, epoch: int) -> list[Row]:
    """The measures that an epoch has."""
    found: list[Row] = []
    for measure in MEASURES:
        scores = {part: score(travel.measured[epoch], f"{part}_{measure.name}") for part in PARTS}
        if not any(scores.values()):
            continue
        part = "test" if scores["test"] else "train"
        values = [_known(each, f"{part}_{measure.name}") for each in travel.measured]
        found.append(
            {
                "short": measure.words,
                "hint": measure.hint,
                "unit": measure.unit,
                "better": measure.better,
                "train": scores["train"],
                "test": scores["test"],
                "values": values,
            }
        )
    return found


def score(measured: Mapping[str, Any], name: str) -> Score | None:
    """That of a name; None where it has no value."""
    value = _known(measured, name)
    if value is None:
        return None
    low, high, chance, images, published = (_known(measured, f"{name}_{part}") for part in PARTIAL)
    return {
        "value": value,
        "low": low,
        "high": high,
        "chance": chance,
        "number": images,
        "published": published,
    }


def _known(measured: Mapping[str, Any], name: str) -> Any:
    """A number of the journal; None where it is none, or not finite."""
    value = measured.get(name)
    return value if value is not None and math.isfinite(value) else None


def sentence(travel: Travel, epoch: int) -> str:
    """`83 % of the test images keep their class when they are decoded`."""
    measured = travel.measured[epoch]
    ppr = _known(measured, "test_ppr") or _known(measured, "train_ppr")
    if ppr is None:
        return f"Epoch {epoch + 1} is not measured"
    return f"{percent(ppr)} keep their class when decoded from the map"


def notes(travel: Travel, epoch: int) -> list[str]:
    """What is measured of the landscape, and of all epochs together."""
    told = []
    phantom = _known(travel.measured[epoch], "phantom")
    if phantom is not None:
        told.append(f"{_percent(phantom)} of the clearly colored ground has no image of its class (phantom).")
    for name, words in TEMPORAL.items():
        value = _known(travel.temporal.get(name, {}), "value")
        if value is not None:
            told.append(f"{words}, over all epochs: {number(value, 2)}{_interval(travel.temporal[name])}.")
    return told


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.1 else percent(share)


def _interval(known: Mapping[str, Any]) -> str:
    low, high = _known(known, "low"), _known(known, "high")
    return "" if low is None or high is None else f" [{number(low, 2)} to {number(high, 2)}]"
