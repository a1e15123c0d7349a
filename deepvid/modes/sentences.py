"""Modes in words: what sets one apart from all other errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from deepvid.causes import CAUSES
from deepvid.causes.cause import Evidence
from deepvid.causes.one_place import place_name
from deepvid.causes.picture_quality import WORDS as QUALITY
from deepvid.columns import Column
from deepvid.modes.columns import InColumn, apart
from deepvid.modes.finding import SHARES, Condition, Mode
from deepvid.modes.representation import ATTRIBUTES, attributes
from deepvid.wording import enumeration, minus, percent

MOSTLY = 0.6  # share of a mode's errors that a class, or a pair of them, has
APART, LEAST = 3.0, 0.3  # times the share among other errors, and the share, from which a place is told
FAR = 1.0  # standard deviations from which an attribute is told
MOST = 2  # attributes that are told

WORDS = (
    *QUALITY,
    ("higher up", "further down"),
    ("further left", "further right"),
    ("narrower", "more spread out"),
)
"""Of each of `ATTRIBUTES`: less of it, and more."""


class ModeInWords(NamedTuple):
    """A mode as people read it."""

    name: str  # "Coat taken for Shirt"
    sentence: str
    rule: str
    action: str  # of the cause that most of its errors have; empty: none has


def in_words(
    modes: Sequence[Mode],
    evidence: Evidence,
    first: np.ndarray,
    class_names: Sequence[str],
    grid: tuple[int, int],
    columns: Sequence[Column] = (),
) -> list[ModeInWords]:
    """`first` int (error,) are the causes of all errors, -1 of unknown; `columns` further ones of samples."""
    values = attributes(evidence.images[evidence.errors])
    of_errors = [column.rows(evidence.errors) for column in columns]
    return [_mode_in_words(mode, evidence, values, first, class_names, grid, of_errors) for mode in modes]


def _mode_in_words(
    mode: Mode,
    evidence: Evidence,
    values: np.ndarray,
    first: np.ndarray,
    class_names: Sequence[str],
    grid: tuple[int, int],
    columns: Sequence[Column],
) -> ModeInWords:
    rows = mode.errors
    name = _classes(
        evidence.labels[evidence.errors[rows]], evidence.answers[evidence.errors[rows]], class_names
    )
    parts = (_place(evidence, rows, grid), *apart(columns, rows), *_attributes(values, rows))
    told = [text for text in parts if text]
    action = ""
    if len(rows):
        causes = np.bincount(first[rows] + 1, minlength=len(CAUSES) + 1)
        common = int(causes.argmax())
        if common and causes[common] >= MOSTLY * len(rows):
            cause = list(CAUSES.values())[common - 1]
            told.append(f"{cause.title} in {percent(causes[common], len(rows))}")
            action = cause.action
    sentence = f"{len(rows):,} errors, {name}" + (f": {'; '.join(told)}" if told else "")
    return ModeInWords(name, sentence, _rule(mode.rule, class_names), action)


def _classes(label: np.ndarray, answer: np.ndarray, names: Sequence[str]) -> str:
    def most(values: np.ndarray) -> int | None:
        found, counts = np.unique(values, return_counts=True)
        return int(found[counts.argmax()]) if counts.max() >= MOSTLY * len(values) else None

    true, predicted = most(label), most(answer)
    if true is None and predicted is None:
        return "of many classes"
    if true is None:
        return f"taken for {names[predicted]}" if predicted is not None else ""
    return f"{names[true]} taken for {'others' if predicted is None else names[predicted]}"


def _place(evidence: Evidence, rows: np.ndarray, grid: tuple[int, int]) -> str:
    """Where the place that matters most is, if that is the same in many of them and in few others."""
    asked = np.flatnonzero(evidence.has_drops)
    inside, outside = np.intersect1d(asked, rows), np.setdiff1d(asked, rows)
    if not len(inside):
        return ""
    best = evidence.lost[inside].argmax(axis=1)
    place = int(np.bincount(best).argmax())
    share = float((best == place).mean())
    others = float((evidence.lost[outside].argmax(axis=1) == place).mean()) if len(outside) else 0.0
    if share < LEAST or share < APART * others:
        return ""
    where = place_name(place, grid)
    return f"the place that decides is {where} in {percent(share)}, in other errors in {percent(others)}"


def _attributes(values: np.ndarray, rows: np.ndarray) -> list[str]:
    others = np.delete(values, rows, axis=0)
    if not len(others):
        return []
    away = (values[rows].mean(axis=0) - others.mean(axis=0)) / (others.std(axis=0) + 1e-9)
    order = [place for place in np.argsort(-np.abs(away), kind="stable")[:MOST] if abs(away[place]) >= FAR]
    return [f"{WORDS[place][int(away[place] > 0)]} ({minus(f'{away[place]:+.1f}')} sd)" for place in order]


def _rule(rule: tuple[Condition | InColumn, ...], names: Sequence[str]) -> str:
    return enumeration([_condition(one, names) for one in rule])


def _condition(condition: Condition | InColumn, names: Sequence[str]) -> str:
    if isinstance(condition, InColumn):
        return str(condition)
    if condition.name in ("predicted", "label"):
        return f"{'taken for' if condition.name == 'predicted' else 'labeled'} {names[condition.value]}"
    below = SHARES[condition.value] < 0.5
    share = SHARES[condition.value] if below else 1 - SHARES[condition.value]
    return f"among the {percent(share)} that are {WORDS[ATTRIBUTES.index(condition.name)][int(not below)]}"
