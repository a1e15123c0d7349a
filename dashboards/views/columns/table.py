"""Further columns by how much each says of errors, and the error rates of the values of one."""

import math
from typing import NamedTuple, TypedDict

import numpy as np

from dashboards.data.population import Population, facts_of
from dashboards.data.query import quote
from dashboards.data.values import vocabulary
from deepvid.caching import once_per
from deepvid.columns import date_text
from deepvid.dependence import Dependence, ErrorRate, dependences
from deepvid.statistics import wilson
from deepvid.wording import bare, quantity

LONGEST = 24  # letters of a value
_LARGEST = 1.7e308
_TO = " – "


class ColumnRow(TypedDict):
    """One column."""

    name: str
    hint: str
    bits: float  # mutual information with being wrong
    chance: float  # its 95 % quantile where errors are permuted
    text: str  # the bits in digits
    beyond: bool  # more than chance gives
    verdict: str  # why it may be none; empty: it says something within classes too


class ValueRow(TypedDict):
    """A value of the open column, or some of its values that follow each other."""

    name: str
    hint: str
    images: int
    rate: float  # share that is wrong
    low: float  # 95 % Wilson interval
    high: float
    query: str
    chosen: bool  # it is what is selected


class Ranking(NamedTuple):
    """Columns, those that say the most first."""

    found: list[Dependence]
    rate: float  # of errors among all images


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


def sentence(found: list[Dependence]) -> str:
    """Which column explains the errors."""
    beyond = [one for one in found if one.beyond_chance]
    if not beyond:
        subject = "None of the columns says" if len(found) != 1 else f"{found[0].name} does not say"
        return f"{subject} more of errors than chance"
    return f"{beyond[0].name} says most of errors"


def column_rows(table: Population, found: list[Dependence]) -> list[ColumnRow]:
    """In the order given."""
    known = vocabulary(table)
    return [
        {
            "name": one.name,
            "hint": f"{one.name}, {known[one.name].meaning}: {one.bits:.4f} bits of mutual information with "
            f"being wrong. Of permutations 95 % give up to {one.chance:.4f}; adjusted p = {one.p:.2g}"
            f"{_within(one)}",
            "bits": one.bits,
            "chance": one.chance,
            "text": bare(one.bits, 3),
            "beyond": one.beyond_chance,
            "verdict": "" if one.beyond_class else "by class" if one.beyond_chance else "as chance",
        }
        for one in found
    ]


def _within(one: Dependence) -> str:
    if not one.beyond_chance:
        return ""
    if one.beyond_class:
        return ". It says something among images of the same class, too"
    return ". Among images of the same class it says no more than chance: it goes along with the class"


def value_rows(table: Population, one: Dependence, selected: str) -> list[ValueRow]:
    """Of a category the worst first, of numbers and dates ascending; `selected` is the query in force."""
    return [_value_row(table, one, rate, selected) for rate in one.rates if rate.images]


def _value_row(table: Population, one: Dependence, rate: ErrorRate, selected: str) -> ValueRow:
    dated = table.columns[one.name].kind == "date"
    name, query = _described(one, rate.group, dated=dated)
    begin, to, _ = name.partition(_TO)
    short = f"from {begin}" if dated and to else name
    return {
        "name": short if len(short) <= LONGEST else f"{short[: LONGEST - 1]}…",
        "hint": f"{name}: {rate.wrong:,} of {quantity(rate.images, 'image')} wrong",
        "images": rate.images,
        "rate": rate.rate.value,
        "low": rate.rate.low,
        "high": rate.rate.high,
        "query": query,
        "chosen": query == selected,
    }


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
