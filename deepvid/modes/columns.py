"""Further columns of a data set among what sets kinds of mistakes apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deepvid.columns import Column
from deepvid.wording import percent

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

MOST_WORDS = 50  # of a category, the commonest: others are told by no rule
APART, LEAST = 3.0, 0.3  # times the share among other errors, and the share, from which a word is told


class InColumn(NamedTuple):
    """Part of a rule: a word of a category, or a number at one end."""

    column: str
    words: str  # after the column's name

    def __str__(self) -> str:
        return f"of {self.column} {self.words}"


ConditionMask = tuple[InColumn, "Bool[np.ndarray, ' image']"]


def conditions(
    columns: Sequence[Column], half: Bool[np.ndarray, " image"], shares: Sequence[float]
) -> Iterator[ConditionMask]:
    """Conditions and where they hold: words, and numbers beyond these quantiles of the first half."""
    for column in columns:
        title = column.title or column.name
        if column.kind == "category":
            for word in common(column, half):
                yield InColumn(title, column.words[word]), column.values == word
        elif column.kind in ("number", "date"):
            known = column.values[half & ~np.isnan(column.values)]
            for share in shares if len(known) else ():
                below, edge = share < 0.5, np.quantile(known, share)
                text = f"among the {'lowest' if below else 'highest'} {percent(min(share, 1 - share))}"
                yield InColumn(title, text), column.values <= edge if below else column.values >= edge


def common(column: Column, half: Bool[np.ndarray, " image"]) -> list[int]:
    """The commonest words of a category in the first half, by their places."""
    values = column.values[half]
    counts = np.bincount(values[values >= 0], minlength=len(column.words))
    return [int(one) for one in np.argsort(-counts, kind="stable")[:MOST_WORDS] if counts[one]]


def coordinates(
    columns: Sequence[Column], rows: Int[np.ndarray, " error"]
) -> Float[np.ndarray, "error value"]:
    """Numbers in standard deviations from their mean, 0 where there is none, and words as 0 or 1."""
    parts: list[np.ndarray] = [np.zeros((len(rows), 0))]
    for column in (one.rows(rows) for one in columns):
        if column.kind == "category":
            words = common(column, np.ones(len(rows), bool))
            parts.append(column.values[:, None] == np.array(words, int))
        elif column.kind in ("number", "date") and not np.isnan(column.values).all():
            away = column.values - np.nanmean(column.values)
            parts.append(np.nan_to_num(away / max(float(np.nanstd(away)), 1e-9))[:, None])
    return np.concatenate(parts, axis=1).astype(float)


def apart(columns: Sequence[Column], rows: Int[np.ndarray, " error"]) -> list[str]:
    """Words that many of these errors have and few of the others; `columns` are of all errors."""
    told = []
    for column in columns if len(rows) else ():
        if column.kind != "category":
            continue
        counts = np.bincount(column.values[rows] + 1, minlength=len(column.words) + 1)[1:]
        word, others = int(counts.argmax()), np.delete(column.values, rows)
        share = counts[word] / len(rows)
        elsewhere = float((others == word).mean()) if len(others) else 0.0
        if share >= LEAST and share >= APART * elsewhere:
            title = column.title or column.name
            words = f"{title} is {column.words[word]}"
            told.append(f"{words} in {percent(share)}, in other errors in {percent(elsewhere)}")
    return told
