"""Whether each image's explanation can be believed: `deepvid.trust` over all students of a run."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from threading import Lock

import numpy as np

from dashboards.data.explanations import evidence_of
from dashboards.data.spreading import over_rows, rows_of
from dashboards.data.students import StudentTable, in_memory, students
from deepvid.caching import once_per_owner
from deepvid.faithfulness import places_of_explainers
from deepvid.store import Run, Stage
from deepvid.trust import Evidence, MapEvidence, MapVerdict, Verdict, verdicts

WORDS: dict[Verdict, str] = {
    Verdict.EXPLAINED: "explained",
    Verdict.WEAK: "weak",
    Verdict.CANNOT_TELL: "cannot tell",
    Verdict.UNKNOWN: "no student",
}
"""Words that a person reads, in the order of trust."""

MAP_WORDS: dict[MapVerdict, str] = {
    MapVerdict.HOLDS: "holds",
    MapVerdict.PARTLY: "partly holds",
    MapVerdict.DOES_NOT_HOLD: "does not hold",
    MapVerdict.UNKNOWN: "not measured",
}
"""The same of a map on one image."""

EDGES = tuple(round(0.05 * step, 2) for step in range(-1, 10))
"""Between the bins of `Trust.beyond`, each with its upper edge: a student tells from above 0 on."""

BINS = len(EDGES) + 1
_EXPLAINER = "student"  # the method whose measure the verdict takes


@dataclass(frozen=True, eq=False)
class Trust:
    """Trust in the students of a table's rows; at most one a row, the latest."""

    rows: np.ndarray  # int32 (student,)
    verdict: np.ndarray  # uint8 (student,): `Verdict`
    beyond: np.ndarray  # f32 (student,): agreement's lower end less what guessing would reach
    agreement: np.ndarray  # f32 (student,): share of held-out neighbors on which student and teacher agree
    first_map: np.ndarray  # uint8 (row,): `MapVerdict` of the map that is worth the most on the image
    total: int  # rows of the table

    @cached_property
    def of_row(self) -> np.ndarray:
        """uint8 (row,): `Verdict`, unknown where there is no student."""
        spread = np.zeros(self.total, np.uint8)
        spread[self.rows] = self.verdict
        return spread

    @cached_property
    def agreement_of_row(self) -> np.ndarray:
        """f32 (row,), nan where there is no student."""
        return over_rows(self.agreement, self.rows, self.total)

    @cached_property
    def merit(self) -> np.ndarray:
        """f32 (student,): the greater, the better explained; by the verdict, then by `beyond`."""
        return (2 * self.verdict + self.beyond).astype(np.float32)  # beyond is between -1 and 1

    @cached_property
    def bin(self) -> np.ndarray:
        """The bin of `beyond`, int (student,)."""
        return np.searchsorted(np.array(EDGES, np.float32), self.beyond, side="left")

    def of(self, verdict: Verdict) -> np.ndarray:
        """The rows of one verdict that have a student: int32 (row,)."""
        return self.rows[self.verdict == verdict]

    def counts(self, mask: np.ndarray | None) -> np.ndarray:
        """How many rows of a mask (None: all) have each verdict: int64 (verdict,)."""
        counts = np.bincount(self.verdict[self._in(mask)], minlength=len(Verdict))
        counts[Verdict.UNKNOWN] += (self.total if mask is None else np.count_nonzero(mask)) - counts.sum()
        return counts

    def histogram(self, mask: np.ndarray | None) -> np.ndarray:
        """How many students of a mask's rows (None: all) lie in each bin: int64 (bin, verdict)."""
        inside = self._in(mask)
        place = self.bin[inside] * len(Verdict) + self.verdict[inside]
        return np.bincount(place, minlength=BINS * len(Verdict)).reshape(BINS, len(Verdict))

    def _in(self, mask: np.ndarray | None) -> np.ndarray | slice:
        return slice(None) if mask is None else mask[self.rows]


@dataclass(frozen=True, eq=False)
class StudentVerdicts:
    """The students of a run, by sample: its evidence as `deepvid.trust` wants it, and what follows."""

    sample: np.ndarray  # int32 (student,), each once
    verdict: np.ndarray  # uint8 (student,)
    beyond: np.ndarray  # f32 (student,)
    agreement: np.ndarray  # f32 (student,)
    explained: np.ndarray  # int32 (image,), samples with maps, each once
    first_map: np.ndarray  # uint8 (image,)

    def of(self, row_of_sample: np.ndarray, rows: int) -> Trust:
        """Of a table's rows; students of what has none are left out."""
        row, mapped = (rows_of(samples, row_of_sample) for samples in (self.sample, self.explained))
        shown, first_map = row >= 0, np.zeros(rows, np.uint8)
        first_map[mapped[mapped >= 0]] = self.first_map[mapped >= 0]
        return Trust(
            row[shown],
            self.verdict[shown],
            self.beyond[shown],
            self.agreement[shown],
            first_map,
            rows,
        )


State = tuple[int, int]
"""How many batches of students and of explanations a run has committed: while they stay, so does trust."""


def state(run: Run) -> State:
    """Amount that there is to judge."""
    return len(run.batches("students")), len(run.batches("explanations"))


def cached_verdicts(run: Run) -> StudentVerdicts | None:
    """The last verdicts; None before the first. Reads nothing."""
    return _bench(run).judged


def behind(run: Run) -> bool:
    """Whether there is more to judge than was."""
    return _bench(run).state != state(run)


def judge(run: Run) -> None:
    """Judges the run's students for all sessions of the process; slow where many were not read yet.

    What cannot be read is judged by nobody: the view of the student says what is wrong with it.
    """
    bench = _bench(run)
    with bench.lock:
        if not behind(run):
            return
        wanted = state(run)
        try:
            bench.take(run)
        finally:
            bench.state = wanted  # what fails is not tried again until there is more


class _Bench:
    """Batches of one run as they were read, each once, and the verdicts on them."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.state: State = (0, 0)
        self.judged: StudentVerdicts | None = None
        self._students: list[_Columns] = []
        self._explanations: list[_Columns] = []

    def take(self, run: Run) -> None:
        table = students(run)
        for number in range(len(self._students), len(table)):
            self._students.append(_read(run, partial(_of_students, table, number)))
        for stage in run.batches("explanations")[len(self._explanations) :]:
            self._explanations.append(_read(run, partial(_of_explanations, stage)))
        if fitted := _joined(self._students):
            self.judged = _judged(fitted, _joined(self._explanations))


def _read(run: Run, columns: Callable[[], "_Columns"]) -> "_Columns":
    """None of a batch that cannot be read: it hides no other."""
    try:
        return columns()
    except Exception as error:
        logging.getLogger(__name__).warning("Trust in %s goes without a batch: %s", run.id, error)
        return {}


_Columns = dict[str, np.ndarray]
_OF_THE_FIT = ("agreement", "agreement_low", "floor", "kl", "agrees_on_sample")
_OF_THE_STUDENT = ("gate", "stability")
_MEASURED, _FIRST_MAP = ("margin_lost", "margin_chance"), "first_map"


def _of_students(table: StudentTable, number: int) -> _Columns:
    """Of the smoothest fit; nan where something was not measured."""
    batch = in_memory(table.open(number), ("sample", "smoothness", *_OF_THE_FIT, *_OF_THE_STUDENT))
    smoothest = int(np.argmax(batch["smoothness"].to_numpy()))
    columns = {"sample": batch["sample"].to_numpy()}
    for name in (*_OF_THE_FIT, *_OF_THE_STUDENT):
        if name not in batch:
            columns[name] = np.full(len(columns["sample"]), np.nan, np.float32)
        else:
            values = batch[name].to_numpy().astype(np.float32)
            columns[name] = values[:, smoothest] if name in _OF_THE_FIT else values
    return columns


def _of_explanations(stage: Stage) -> _Columns:
    batch = stage.open("sample", "methods", *_MEASURED)
    methods, sample = list(batch.attrs["methods"]), batch["sample"].to_numpy()
    evidence = evidence_of(batch)
    columns = {"sample": sample, _FIRST_MAP: _first_map(evidence, places_of_explainers(methods))}
    for name, values in zip(_MEASURED, evidence, strict=False):
        unknown = np.full(len(sample), np.nan, np.float32)
        columns[name] = values[:, methods.index(_EXPLAINER)] if _EXPLAINER in methods else unknown
    return columns


def _first_map(evidence: MapEvidence, places: list[int]) -> np.ndarray:
    """`MapVerdict` of the best map of each image, uint8; the maps stand at `places` among the methods."""
    if not places:
        return np.zeros(len(evidence.lost), np.uint8)
    maps = MapEvidence(*(values[:, places] for values in evidence))
    known = maps.verdicts(len(places))
    return known[np.arange(len(known)), maps.best]


def _joined(columns: Sequence[_Columns]) -> _Columns:
    """Of each sample the latest; no column where nothing is known."""
    known = [one for one in columns if one]
    if not known:
        return {}
    whole = {name: np.concatenate([one[name] for one in known]) for name in known[0]}
    _, latest = np.unique(whole["sample"][::-1], return_index=True)
    return {name: values[::-1][latest] for name, values in whole.items()}


def _judged(fitted: _Columns, explained: _Columns) -> StudentVerdicts:
    sample, agreement = fitted.pop("sample"), fitted.pop("agreement")
    measured = {name: np.full(len(sample), np.nan, np.float32) for name in _MEASURED}
    if explained:
        _, here, there = np.intersect1d(sample, explained["sample"], assume_unique=True, return_indices=True)
        for name in _MEASURED:
            measured[name][here] = explained[name][there]
    evidence = Evidence(**fitted, **measured)
    beyond = np.nan_to_num(evidence.agreement_low - evidence.floor, nan=-1.0)
    mapped = explained.get("sample", np.zeros(0, np.int32))
    first_map = explained.get(_FIRST_MAP, np.zeros(0, np.uint8))
    return StudentVerdicts(sample, verdicts(evidence), beyond, agreement, mapped, first_map)


@once_per_owner
def _bench(run: Run) -> _Bench:
    return _Bench()
