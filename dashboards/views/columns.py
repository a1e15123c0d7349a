"""Which column explains the errors? A click on a column colors by it, one on a value selects its images."""

import math
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.orders import groupings
from dashboards.data.population import Population, facts_of
from dashboards.data.query import quote
from dashboards.data.values import vocabulary
from dashboards.kit.card import Card, empty
from dashboards.kit.charts import Rail
from dashboards.kit.elements import Box, Button, Element, quiet, text
from dashboards.session import needs
from dashboards.session.gestures import Query
from dashboards.session.modifiers import apply_click, sole_query
from dashboards.session.needs import Need
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.caching import once_per
from deepvid.columns import date_text
from deepvid.dependence import Dependence, ErrorRate, dependences
from deepvid.statistics import Interval, wilson
from deepvid.wording import bare, percents, quantity

LONGEST = 24  # letters of a value
COLUMNS = Need(
    lambda scene: scene.table is None or bool(scene.table.columns),
    "Further columns of a table, such as age or hospital, are ranked here by how much they say of errors. "
    "This run has none: list the images in a table, or give columns to deepvid.explain as meta.",
    "No columns beside the images",
)
_LARGEST = 1.7e308
_TO = " – "


class ColumnsView(Card):
    """Ranks the columns of the run once; the values of one are open."""

    title = "Columns"
    subject = "The columns"
    needs = (
        needs.PREDICTIONS.saying("The columns are ranked after the teacher's first epoch."),
        needs.LABELS,
        COLUMNS,
    )
    follows: ClassVar = ("facts", "steps", "color")
    look = "columns-card"
    help: ClassVar = Help(
        what="The further columns of the images by how much each says of errors: the mutual information of "
        "its values and being wrong, in bits. The line on the bar is chance: 95 % of permutations "
        "stay below it.",
        use="A click on a column colors the map by it, groups the grid by its words, and opens its values, "
        "of a category the worst first. The line among their rates is the rate of all images. A click on a "
        "value selects its images.",
        beware="A column that goes along with the class, or with another column, says of errors what that "
        "says: nothing here is a cause. Numbers are in eight groups of nearly equal size. Columns are tested "
        "together: chance names one in at most one run of twenty.",
        source="Shannon 1948. Exact permutation distribution of counts; Holm 1979 over the columns. "
        "Intervals: Wilson 1927.",
    )

    def __init__(self, session: Session) -> None:
        self._opened = ""
        super().__init__(session)

    def local_state(self) -> str:
        """Name of the column whose values are shown; the first where the run has none of that name."""
        return self._opened

    def actions(self) -> Actions:
        """`open` a column; `select` the images of {query}."""
        return {"open": self._open, "select": self._select}

    def prepare(self, scene: Scene) -> Element:
        """Ranks the columns, once for the run's facts."""
        assert scene.table is not None
        return listed(scene.table, (scene.own, scene.color), sole_query(scene.steps))

    def _open(self, name: str) -> None:
        self._opened, table = name, self.session.population
        grouped = {"group": name} if table is not None and name in groupings(table) else {}
        with self.session.hold():
            self.session.navigation.param.update(color=name, **grouped)
        self.redraw()

    def _select(self, asked: Any) -> None:
        apply_click(self.session, asked, Query(asked["query"]))


class Ranking(NamedTuple):
    """Columns, those that say the most first."""

    found: list[Dependence]
    rate: float  # of errors among all images


class Value(NamedTuple):
    """A value of a column, or some of its values that follow each other."""

    name: str
    hint: str
    images: int
    rate: Interval  # share that is wrong
    query: str


@once_per(facts_of)
def ranking(table: Population) -> Ranking:
    """Of the images that the teacher has seen. Some tenths of a second, whatever their number."""
    assert table.predicted is not None
    assert table.wrong is not None
    seen = np.flatnonzero(table.predicted >= 0)
    wrong = table.wrong[seen]
    columns = {name: column.rows(seen) for name, column in table.columns.items()}
    found = dependences(columns, wrong, table.label[seen])
    return Ranking(found, wilson(int(wrong.sum()), len(wrong)).value)


def listed(table: Population, wanted: tuple[str, ...], selected: str) -> Element:
    """A button a column; below the first of those `wanted`, or else the first of all, its values.

    `selected` is the query in force.
    """
    found, rate = ranking(table)
    if not found:
        nothing = "The columns of this run are texts, or have one value each: nothing to compare errors by."
        head = Box((text(ColumnsView.title, tag="h2", look="title"),), "header")
        return Box((head, empty(text(nothing, tag="p"))), look="filled")
    names = [one.name for one in found]
    opened = next((name for name in wanted if name in names), names[0])
    beyond = sum(one.beyond_chance for one in found)
    note = f"{beyond} of {quantity(len(found), 'column')} beyond chance · bits, | chance"
    head = Box(
        (
            text(sentence(found), tag="h2", look="title", hint=sentence(found)),
            text(note, tag="p", look="quiet line"),
        ),
        "header",
    )
    most, meanings = max([1e-9, *(max(one.bits, one.chance) for one in found)]), vocabulary(table)
    rows: list[Box | Button | None] = []
    for one in found:
        rows.append(_column(one, meanings[one.name].meaning, most, expanded=one.name == opened))
        rows.append(_values(table, one, rate, selected) if one.name == opened else None)
    return Box((head, Box(tuple(rows), look="list")), look="filled")


def sentence(found: list[Dependence]) -> str:
    """Which column explains the errors."""
    beyond = [one for one in found if one.beyond_chance]
    if not beyond:
        subject = "None of the columns says" if len(found) != 1 else f"{found[0].name} does not say"
        return f"{subject} more of errors than chance"
    return f"{beyond[0].name} says most of errors"


def _column(one: Dependence, meaning: str, most: float, *, expanded: bool) -> Button:
    verdict = "" if one.beyond_class else "by class" if one.beyond_chance else "as chance"
    return Button(
        (
            text(look="caret"),
            text(one.name, look="name"),
            Rail(one.bits / most, mark=one.chance / most, fill="var(--dv-accent)" * one.beyond_chance),
            text(bare(one.bits, 3), look="number"),
            quiet(verdict, look="verdict"),
        ),
        "open",
        one.name,
        expanded=expanded,
        look=f"column item{' beyond' * one.beyond_chance}",
        hint=f"{one.name}, {meaning}: {one.bits:.4f} bits of mutual information with being wrong. Of "
        f"permutations 95 % give up to {one.chance:.4f}; adjusted p = {one.p:.2g}{_within(one)}",
        data={"name": one.name},
    )


def _within(one: Dependence) -> str:
    if not one.beyond_chance:
        return ""
    if one.beyond_class:
        return ". It says something among images of the same class, too"
    return ". Among images of the same class it says no more than chance: it goes along with the class"


def _values(table: Population, one: Dependence, rate: float, selected: str) -> Box:
    """Of one column, with the `rate` of errors among all images marked."""
    found = values(table, one)
    worst = max([1e-9, *(each.rate.high for each in found)])
    buttons = (_value(each, worst, rate, pressed=each.query == selected) for each in found)
    return Box(tuple(buttons), look="values", role="group", label=f"Error rates by {one.name}")


def _value(one: Value, worst: float, rate: float, *, pressed: bool) -> Button:
    share, low, high = one.rate
    return Button(
        (
            text(one.name, look="name"),
            quiet(f"{one.images:,}", look="number"),
            Rail(share / worst, (low / worst, high / worst), rate / worst),
            text(f"{percents(share)} %", look="number"),
        ),
        "select",
        {"query": one.query},
        keys=True,
        pressed=pressed,
        look="value item",
        hint=f"{one.hint}; 95 % interval {percents(low)} to {percents(high)} %",
        data={"query": one.query},
    )


def values(table: Population, one: Dependence) -> list[Value]:
    """Of a category the worst first, of numbers and dates ascending."""
    dated = table.columns[one.name].kind == "date"
    return [_told(one, rate, dated=dated) for rate in one.rates if rate.images]


def _told(one: Dependence, rate: ErrorRate, *, dated: bool) -> Value:
    name, query = _described(one, rate.group, dated=dated)
    begin, to, _ = name.partition(_TO)
    short = f"from {begin}" if dated and to else name
    return Value(
        short if len(short) <= LONGEST else f"{short[: LONGEST - 1]}…",
        f"{name}: {rate.wrong:,} of {quantity(rate.images, 'image')} wrong",
        rate.images,
        rate.rate,
        query,
    )


def _described(one: Dependence, group: int, *, dated: bool) -> tuple[str, str]:
    """Words for a group, and the query that means it."""
    name, bins = one.name, one.bins
    if bins.unknown and group == max(len(bins.words), len(bins.low)):
        return f"no {name}", f"not {name} == {name}"
    if bins.words:
        return bins.words[group], f"{name} == {quote(bins.words[group])}"
    low, high = bins.low[group], bins.high[group]
    if dated:
        ends = quote(date_text(math.floor(low))), quote(date_text(math.ceil(high)))
        words = date_text(low), date_text(high)
    else:
        ends = _digits(low), _digits(high)
        words = _shown(low), _shown(high)
    query = (
        f"{name} == {ends[0]}"
        if ends[0] == ends[1] and math.isfinite(low)
        else _between(name, low, high, *ends)
    )
    return words[0] if low == high else f"{words[0]}{_TO}{words[1]}", query


def _between(name: str, low: float, high: float, least: str, greatest: str) -> str:
    above = f"{least} <= " if low > -math.inf else ""
    below = f" <= {greatest}" if high < math.inf else ""
    return f"{above}{name}{below}"


def _digits(value: float) -> str:
    """As short as it comes back; a query has no word for infinity."""
    value = min(max(value, -_LARGEST), _LARGEST)
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def _shown(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
