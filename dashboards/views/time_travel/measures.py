"""How far the map of the epoch shown can be believed: every measure with its chance, interval and number."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from dashboards.data.time_travel import Travel
from dashboards.kit.card import Card
from dashboards.kit.charts import Curve
from dashboards.kit.elements import Box, Element, header, quiet, text
from dashboards.session.scene import Scene
from dashboards.views.time_travel.state import TravelView, moment
from dashboards.widgets.help import Help
from deepvid.map_measures import MEASURES, Measure
from deepvid.wording import number, percent

TEMPORAL = {
    "p4": "Movement where neighbors change",
    "temporal_nn": "Nearest epochs kept",
    "rank_correlation": "Order of epochs kept",
}
COLUMNS = "measure", "training", "test", "chance", "epochs"
PUBLISHED = (
    "It counts each image as its own nearest and calls training and test images together “test”. Compare "
    "these with published numbers alone."
)


class MeasuresView(Card, TravelView):
    """Follows the epoch."""

    title = "Measures of the map"
    subject = "The measures of the map"
    look = "measures-card"
    help: ClassVar = Help(
        what="How well the map of the epoch shows what the classifier sees: neighbors that it keeps, and "
        "classes that survive being decoded from it. Small numbers are 95 % intervals, the last column is "
        "the course over the epochs.",
        use="Compare each number with its chance, which a map that knows nothing would reach. Rest the "
        "pointer on a name for what it measures.",
        beware="A map of two dimensions cannot keep most neighbors: 3 of 15 are much more than chance, and "
        "still few. What keeps its class need not lie where its neighbors do.",
        source="Yang et al. 2022, with the faults of its published code mended: an image is not its own "
        "neighbor, and test images are measured alone.",
    )

    def prepare(self, scene: Scene) -> Element:
        """Reads what was measured."""
        shown = moment(scene, scene.own)
        return Box(
            (header(sentence(*shown)), measures_table(rows(*shown), notes(*shown), shown.epoch)),
            look="filled",
        )


class Score(NamedTuple):
    """One number of the table; what is not known is None."""

    value: float
    low: float | None
    high: float | None
    chance: float | None
    number: int | None
    published: float | None


class Row(NamedTuple):
    """A measure of an epoch."""

    measure: Measure
    train: Score | None
    test: Score | None
    values: tuple[float | None, ...]  # (epoch,) of the test images, else of the training images


def measures_table(found: Sequence[Row], told: Iterable[str], epoch: int) -> Element:
    """A table, with the course of each measure over the epochs, and notes."""
    head = Box(tuple(text(name, tag="th", role="columnheader") for name in COLUMNS), "tr")
    body = Box(tuple(_line(row, epoch) for row in found), "tbody")
    return Box(
        (
            Box((Box((head,), "thead"), body), "table", label="Measures of the map"),
            *(quiet(note, tag="p", look="note") for note in told),
            _published([row for row in found if any(value is not None for value in _published_of(row))]),
        ),
        look="list",
        role="region",
        label="Measures",
        focusable=True,
    )


def _line(row: Row, epoch: int) -> Box:
    measure, one = row.measure, row.test or row.train
    assert one is not None
    less = quiet(" ↓") if measure.better == "less" else None
    return Box(
        (
            text(measure.words, less, tag="th", role="rowheader", hint=measure.hint),
            _score(row.train, measure.unit),
            _score(row.test, measure.unit),
            quiet(_short(one.chance, measure.unit), tag="td", look="number"),
            text(Curve(row.values, epoch), tag="td"),
        ),
        "tr",
    )


def _score(score: Score | None, unit: str) -> Box:
    if score is None:
        return quiet("–", tag="td", look="number")
    low, high = (_short(end, unit) for end in (score.low, score.high))
    hint = (
        f"95 % interval {low} to {high}" if low else "",
        f"of {score.number:,} images" if score.number else "",
        "" if score.chance is None else f"chance {_short(score.chance, unit)}",
    )
    between = f"{low}–{high}".replace(" %", "")
    return text(
        text(_short(score.value, unit)),
        quiet(between, tag="small") if low else None,
        tag="td",
        look="number",
        hint=", ".join(filter(None, hint)),
    )


def _published(found: Sequence[Row]) -> Box | None:
    if not found:
        return None
    lines = (
        Box(
            (
                text(row.measure.words, tag="th", role="rowheader"),
                *(
                    text(_short(value, row.measure.unit) or "–", tag="td", look="number")
                    for value in _published_of(row)
                ),
                text(tag="td"),
                text(tag="td"),
            ),
            "tr",
        )
        for row in found
    )
    return Box(
        (
            text("As the published code computes them", tag="summary"),
            quiet(PUBLISHED, tag="p"),
            Box((Box(tuple(lines), "tbody"),), "table"),
        ),
        "details",
    )


def _published_of(row: Row) -> list[float | None]:
    return [score and score.published for score in (row.train, row.test)]


def _short(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return percent(value, digits=1) if unit == "share" else f"{value:.2f}"


def rows(travel: Travel, epoch: int) -> list[Row]:
    """The measures that an epoch has."""
    found = []
    for measure in MEASURES:
        train, test = (score(travel.measured[epoch], f"{part}_{measure.name}") for part in ("train", "test"))
        if train or test:
            name = f"{'test' if test else 'train'}_{measure.name}"
            values = tuple(_known(each, name) for each in travel.measured)
            found.append(Row(measure, train, test, values))
    return found


def score(measured: Mapping[str, Any], name: str) -> Score | None:
    """That of a name; None where it has no value."""
    value = _known(measured, name)
    if value is None:
        return None
    return Score(value, *(_known(measured, f"{name}_{part}") for part in Score._fields[1:]))


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
