"""How many errors have which cause, of all and of the selection."""

from typing import NamedTuple

import numpy as np

from dashboards.data.commands import causes_command
from dashboards.data.population import TRAINING, Mask, Population, facts_of
from dashboards.data.query import quote
from deepvid.caching import once_per
from deepvid.reasons import right
from deepvid.store import Run
from deepvid.wording import sentence_case

NOT_ASKED = "not looked at"


class Part(NamedTuple):
    """The errors of one cause."""

    name: str  # of the cause; "unknown", or empty of errors whose cause nobody looked for
    title: str
    errors: int
    selected: int | None  # None: nothing is selected
    query: str
    hint: str


class _Errors(NamedTuple):
    """Misclassified rows, and the place of the first cause of each; that after the last: not looked at."""

    rows: np.ndarray  # int (error,)
    cause: np.ndarray  # int (error,)
    counts: np.ndarray  # int (cause,)


@once_per(facts_of)
def _errors(table: Population) -> _Errors:
    assert table.wrong is not None
    assert table.causes is not None
    rows, column = np.flatnonzero(table.wrong), table.causes.column
    known = len(column.words)
    cause = np.where(column.values[rows] < 0, known, column.values[rows])
    return _Errors(rows, cause, np.bincount(cause, minlength=known + 1))


def parts(table: Population, mask: Mask | None) -> list[Part]:
    """Those that some error has, in the order of the catalog, those without a cause last; none where
    nobody looked for causes.
    """
    if table.wrong is None or table.causes is None:
        return []
    rows, cause, counts = _errors(table)
    chosen = None if mask is None else np.bincount(cause[mask[rows]], minlength=len(counts))
    known = {one.title: one for one in table.causes.stored.causes}
    found = []
    for place, title in enumerate([*table.causes.column.words, NOT_ASKED]):
        if not counts[place]:
            continue
        one = known.get(title)
        name, query = title, f"wrong and cause == {quote(title)}"
        if one is not None:
            name, meaning = str(one.name), f"{sentence_case(one.title)}: {one.meaning}"
            meaning += f". {sentence_case(right(one))}"
        elif title == NOT_ASKED:
            name, meaning, query = "", "Nobody has looked for their cause", "wrong and not cause == cause"
        else:
            meaning = "No cause is beyond its threshold"
        selected = None if chosen is None else int(chosen[place])
        hint = f"{meaning}. A click selects these {counts[place]:,}"
        found.append(Part(name, title, int(counts[place]), selected, query, hint))
    return found


def sentence(table: Population) -> str:
    """How many are wrong, or why that is not known."""
    noun = "training images" if table.split == TRAINING else "images"
    every = f"{table.rows:,}"
    if not table.labeled:
        return f"{every} {noun} without labels: nothing says which answers are wrong"
    if table.wrong is None:
        return f"{every} {noun}: which are wrong is known after the teacher's first epoch"
    among = f"{every} training images" if table.split == TRAINING else every
    wrong = int(np.count_nonzero(table.wrong))
    if not wrong:
        return f"None of {among} is wrong"
    if wrong == table.rows:
        return f"All {among} are wrong"
    return f"{wrong:,} of {among} {'is' if wrong == 1 else 'are'} wrong"


def remedy(run: Run, table: Population) -> str:
    """The command that looks for causes; empty: there is nothing to look for, or no way."""
    lacks = table.wrong is not None and table.wrong.any() and table.causes is None
    return causes_command(run) if lacks else ""
