"""Causes of errors and kinds of mistakes as a run stores them, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from deepvid import causes
from deepvid.causes import CAUSES, Cause, CauseFacts
from deepvid.wording import bare, percent, percent_interval

if TYPE_CHECKING:
    import xarray as xr
    from jaxtyping import Float, Int

NEEDED = ("sample", "strength", "causes", "grid", "lacks")
"""Of the group, to be opened with it."""
TRACKED = ("tracked", "area", "rival")


class Reason(NamedTuple):
    """One cause of one error, in words."""

    title: str
    text: str  # a sentence
    action: str  # what to do about it; empty: nothing is known
    right: str  # how often it is right; empty: nothing is known
    strength: float | None = None  # over its threshold; None: no cause is known


class CauseStrength(NamedTuple):
    """How far one cause goes in one error, named or not."""

    cause: Cause
    strength: float  # over its threshold, beyond 1 it is named; nan: not known
    sentence: str  # its evidence; empty: that is not stored


class Classes(NamedTuple):
    """Names of the classes in question, and of all."""

    label: str
    predicted: str
    every: Sequence[str]


class StoredCauses:
    """The group of the stage `causes`, of whose causes this version may know some; read when it is asked."""

    def __init__(self, group: xr.Dataset) -> None:
        self._group = group
        stored = [str(name) for name in group.attrs["causes"]]
        known = [(place, CAUSES[name]) for place, name in enumerate(stored) if name in CAUSES]
        self._known = [one for one in known if one[0] < group.sizes["cause"]]  # an archive may name more

    @property
    def causes(self) -> list[Cause]:
        """Those that are stored and that this version knows, in their order."""
        return [cause for _, cause in self._known]

    @property
    def lacks(self) -> list[str]:
        """Sentences of causes that could not be looked for, without their stops."""
        return [str(text) for text in self._group.attrs["lacks"]]

    @cached_property
    def sample(self) -> Int[np.ndarray, " error"]:
        """Misclassified images, those of the test first."""
        return self._group["sample"].to_numpy()

    @cached_property
    def strength(self) -> Float[np.ndarray, "error cause"]:
        """How far each of `causes` goes over its threshold; nan: not known."""
        return self._strength[:, [place for place, _ in self._known]]

    @cached_property
    def _strength(self) -> Float[np.ndarray, "error cause"]:
        """Of all that are stored."""
        return self._group["strength"].to_numpy().astype(np.float32)

    @cached_property
    def first(self) -> Int[np.ndarray, " error"]:
        """Index of the first cause in `titles`, of which the last is of errors whose cause is not known."""
        named = causes.first(self.strength)
        return np.where(named < 0, len(self.titles) - 1, named)

    @cached_property
    def lost(self) -> Float[np.ndarray, "error place"] | None:
        """Logits that the answer loses with each place; nan where not asked, None: none was."""
        return self._group["lost"].to_numpy() if "lost" in self._group else None

    @property
    def tracked(self) -> xr.Dataset | None:
        """Variables `TRACKED` of images that were followed through the training; None: none was."""
        known = all(name in self._group for name in TRACKED)
        return self._group[list(TRACKED)] if known else None

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the places that were asked about; 0 where none was."""
        rows, columns, *_ = (int(size) for size in self._group.attrs["grid"])
        return rows, columns

    @property
    def titles(self) -> tuple[str, ...]:
        """Of the causes, and a word for none."""
        return (*(cause.title for cause in self.causes), causes.UNKNOWN)

    @cached_property
    def _evidence(self) -> Float[np.ndarray, "error told fact"]:
        return self._group["evidence" if self._is_told else "fact"].to_numpy().astype(float)

    @property
    def _is_told(self) -> bool:
        """Whether facts are those of the causes that are told; earlier versions have those of all."""
        return "evidence" in self._group

    def _facts(self, error: int, cause: int) -> tuple[float, ...]:
        """Of one of the stored causes, by its place among these; empty: they are not stored."""
        place = cause
        if self._is_told:
            stored = [str(name) for name in self._group.attrs["causes"]]
            overlap = stored.index("overlap") if "overlap" in stored else -1
            kept = causes.causes_with_facts(self._strength[error].tolist(), overlap)
            if cause not in kept:
                return ()
            place = kept.index(cause)
        return tuple(self._evidence[error, place].tolist())

    def deciding_place(self, error: int) -> tuple[float, float, float, float] | None:
        """The place that decides an error, by its place, where that is a cause of it that is told: its top,
        left, height and width as shares of the longer side of the image.
        """
        known = [(at, stored) for at, (stored, cause) in enumerate(self._known) if cause.name == "one_place"]
        rows, columns = self.grid
        if not known or rows < 2 or columns < 2 or not self.strength[error, known[0][0]] >= 1:
            return None
        facts = self._facts(error, known[0][1])
        if not facts or not 0 <= facts[0] < rows * columns:
            return None
        row, column = divmod(int(facts[0]), columns)
        side = 2 / (max(rows, columns) + 1)  # windows are side by side, and others half-way between
        return row * side / 2, column * side / 2, side, side

    def tried(self, error: int) -> list[str]:
        """Causes that were looked for, the nearest to its threshold first: "label doubt .40"."""
        strength = self.strength[error]
        known = [place for place in np.argsort(-strength).tolist() if strength[place] == strength[place]]
        return [f"{self.causes[place].title} {bare(float(strength[place]))}" for place in known]

    def reasons(self, error: int, classes: Classes) -> list[Reason]:
        """Causes of an error, by its place, that are named, the first first; or else that none is known."""
        found = self._findings(error, classes)
        if named := causes.named_causes(self.strength[error].tolist()):
            return [reason_of(self.causes[one], found[one]) for one in named]
        findings: dict[str, CauseFacts] = {
            cause.name: one for cause, one in zip(self.causes, found, strict=True)
        }
        return [Reason("cause unknown", causes.unknown_sentence(findings), "", "")]

    def weighed(self, error: int, classes: Classes) -> list[CauseStrength]:
        """All causes of an error, by its place: the strongest first, those that are not known last."""
        found = [
            CauseStrength(cause, one.strength, reason_of(cause, one).text)
            for cause, one in zip(self.causes, self._findings(error, classes), strict=True)
        ]
        return sorted(found, key=lambda one: -one.strength if one.strength == one.strength else np.inf)

    def _findings(self, error: int, classes: Classes) -> list[CauseFacts]:
        label, predicted, every = classes
        return [
            CauseFacts(label, predicted, tuple(every), self.grid, strength, self._facts(error, place))
            for strength, (place, _) in zip(self.strength[error].tolist(), self._known, strict=True)
        ]


def reason_of(cause: Cause, finding: CauseFacts) -> Reason:
    """A cause that is named, in words."""
    try:
        sentence = cause.sentence(finding) if finding.facts else ""
    except (ValueError, IndexError, OverflowError):  # numbers of a foreign archive
        sentence = "Its evidence cannot be read."
    return Reason(cause.title, sentence, cause.action, right(cause), finding.strength)


def confirmation(mode: Mapping[str, Any]) -> str:
    """Whether the rule of a stored mode finds errors among images that it was not found on, in words."""
    if mode["rate"] is None:
        return "No rule tells it from other images"
    word = "Confirmed" if mode["confirmed"] else "Not confirmed"
    return (
        f"{word}: of images of the other half that are {mode['rule']}, {percent_interval(mode['rate'])} are "
        f"wrong; of all {percent(mode['usual'])}, by rules of chance {percent(mode['shuffled'])}"
    )


def right(cause: Cause) -> str:
    """How often it is right where it is named first, in words."""
    if not cause.right:
        return "how often this is right was not measured"
    return f"named first, it is right on {planted_shares(cause)} where faults were planted"


def planted_shares(cause: Cause) -> str:
    """Shares by data set of which it is right; of one that was not measured a word."""
    shares = [f"{100 * value:.0f} % ({name})" for name, value in cause.right.items()]
    return ("at least " if cause.natural else "") + ", ".join(shares) if shares else "not measured"
