"""The explanations of a run, joined from their batches by sample, and which method stands first."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from threading import Lock
from typing import NamedTuple

import numpy as np
import xarray as xr

from dashboards.data.students import Student
from deepvid.caching import newest_per_owner, once_per_owner
from deepvid.faithfulness import Measured, Ranking, measured, places_of_explainers, ranking
from deepvid.store import Run
from deepvid.trust import Infill, MapEvidence

RESIDENT = (
    "sample",
    "scale",
    "margin_lost",
    "margin_chance",
    "infill_lost",
    "infill_chance",
    "infill",
    "faithfulness",
    "contrast",
    "places_r2",
)
MOST_ADDED = 200  # explanations of a run that people asked for
LEVELS = 127  # of a stored map on either side of zero

_READERS = ThreadPoolExecutor(6, thread_name_prefix="deepvid-explanations")


class Explanation(NamedTuple):
    """Maps of one image by every method, and how true each is there."""

    kind: str  # key of the settings that it was computed with
    methods: tuple[str, ...]
    labels: tuple[str, ...]  # of the methods, for people
    read: Callable[[], np.ndarray]  # f32 (method, y, x), logits; the maps are read where they are shown
    evidence: MapEvidence  # f32 (method,)
    contrast: tuple[int, int]  # by whose margin
    places_r2: float = np.nan  # how far removal is linear; nan: not measured
    infill: Infill = Infill.NOT_ASKED
    student: str = ""  # settings key of the student that it explains by; empty: nobody wrote it down

    def is_of(self, student: Student, of_run: bool) -> bool:
        """Whether this student is the one that was explained; where nobody wrote it down, one `of_run` is."""
        return self.student == student.settings_key if self.student else of_run

    def verdicts(self) -> np.ndarray:
        """`MapVerdict` of each method, uint8 (method,)."""
        return self.evidence.verdicts(self._maps)

    def disputed(self) -> np.ndarray:
        """Whether each holds by one judge and does not by another, bool (method,)."""
        return self.evidence.disputed(self._maps)

    @property
    def _maps(self) -> int:
        return len(places_of_explainers(self.methods))

    def index_of(self, method: str) -> int | None:
        """Where a method stands; None where it was not computed."""
        return self.methods.index(method) if method in self.methods else None


class ExplanationTable:
    """Where each explanation of a run is; it grows with the run and holds no map."""

    def __init__(self) -> None:
        self._batches: list[xr.Dataset] = []
        self._kinds: dict[str, list[int]] = {}  # key of the settings -> batches
        self._places: dict[int, tuple[int, int]] = {}  # sample -> (batch, row) of its latest

    def extend(self, batches: Iterable[xr.Dataset]) -> None:
        """Takes in further batches; a later explanation of a sample replaces an earlier one."""
        for batch in batches:
            number = len(self._batches)
            small = batch[[name for name in RESIDENT if name in batch]]
            list(_READERS.map(xr.Variable.load, small.variables.values()))  # behind a URL each is a request
            self._batches.append(small.assign(map=batch["map"]))
            self._kinds.setdefault(str(batch.attrs["settings_key"]), []).append(number)
            for row, sample in enumerate(small["sample"].to_numpy().tolist()):
                self._places[sample] = (number, row)

    @property
    def batches(self) -> int:
        """How many batches were taken in."""
        return len(self._batches)

    def __contains__(self, sample: object) -> bool:
        return sample in self._places

    def __len__(self) -> int:
        return len(self._places)

    def get(self, sample: int | None) -> Explanation | None:
        """A sample's explanation, the latest; None where there is none. Reads nothing."""
        if sample is None or sample not in self._places:
            return None
        return self._newest(self._places[sample])

    @newest_per_owner
    def _newest(self, place: tuple[int, int]) -> Explanation:
        """The one that is looked at: several cards ask for its maps at once."""
        number, row = place
        return explanation_at(self._batches[number], row)

    def measured(self, kind: str) -> Measured:
        """Measurements of all images of one kind."""
        return self._measured(kind, len(self._kinds[kind]))

    def kind_like(self, kind: str) -> str | None:
        """That kind, or where the run has no image of it the one of the most images; None: it has none."""
        if kind in self._kinds:
            return kind
        return max(self._kinds, key=lambda one: len(self.measured(one).sample), default=None)

    def ranking(self, kind: str) -> Ranking:
        """Which method of one kind is the truest."""
        return self._ranking(kind, len(self._kinds[kind]))

    @newest_per_owner
    def _measured(self, kind: str, batches: int) -> Measured:
        found = measured([self._batches[number] for number in self._kinds[kind][:batches]])
        assert found is not None
        return found

    @newest_per_owner
    def _ranking(self, kind: str, batches: int) -> Ranking:
        return ranking(self._measured(kind, batches))


def explanation_at(batch: xr.Dataset, row: int) -> Explanation:
    """Reads one explanation out of a batch."""
    one = batch.isel(explained=row)
    first, second = (int(index) for index in one["contrast"].to_numpy())
    return Explanation(
        str(batch.attrs["settings_key"]),
        tuple(batch.attrs["methods"]),
        tuple(batch.attrs["labels"]),
        cache(partial(_maps, one)),
        evidence_of(one),
        (first, second),
        float(one["places_r2"]) if "places_r2" in one else np.nan,
        Infill(int(one["infill"])) if "infill" in one else Infill.NOT_ASKED,
        str(batch.attrs.get("students", "")),
    )


def evidence_of(batch: xr.Dataset) -> MapEvidence:
    """Evidence on its maps, with its own axes; earlier versions asked one judge."""
    nan = xr.full_like(batch["margin_lost"], np.nan)
    names = ("margin_lost", "margin_chance", "infill_lost", "infill_chance")
    return MapEvidence(*(batch.get(name, nan).to_numpy() for name in names))


Added = Mapping[tuple[int, str], Explanation]
"""Explanations that people asked for by sample and student, the newest last; replaced, never changed."""


class PageExplanations(NamedTuple):
    """The explanations that a page knows."""

    run: ExplanationTable
    added: Added

    def get(self, sample: int | None, student: Student | None) -> Explanation | None:
        """A sample's explanation: the added one of this student, or the run's, or else the newest added."""
        of_sample = {of: one for (known, of), one in self.added.items() if known == sample}
        of_student = None if student is None else of_sample.get(student.settings_key)
        return of_student or self.run.get(sample) or next(reversed(of_sample.values()), None)


class AddedExplanations:
    """Explanations of a run that people asked for on a page: every session of the process has them."""

    def __init__(self) -> None:
        self.entries: Added = {}

    def take(self, batch: xr.Dataset) -> None:
        """Takes in one; maps that a second judge has seen stay where others come without it."""
        one, sample = explanation_at(batch, 0), int(batch["sample"].item())
        key = sample, one.student
        with _LOCK:
            if key in self.entries and one.infill is Infill.NOT_ASKED:
                return
            others = [entry for entry in self.entries.items() if entry[0] != key]
            self.entries = {**dict(others[1 - MOST_ADDED :]), key: one}


@once_per_owner
def added_explanations(run: Run) -> AddedExplanations:
    """The process-wide ones of a run."""
    return AddedExplanations()


def methods(run: Run) -> set[str]:
    """Those by which some image of a run was explained. Raises DeepVIDError where a batch cannot be read."""
    of_batches = (stage.open("methods").attrs["methods"] for stage in run.batches("explanations"))
    return {method for methods in of_batches for method in methods}


def _maps(one: xr.Dataset) -> np.ndarray:
    scale = one["scale"].to_numpy()[:, None, None]
    return np.asarray(one["map"].to_numpy().astype(np.float32) * (scale / LEVELS))


def explanations(run: Run) -> ExplanationTable:
    """The process-wide table of a run, up to its last commit."""
    table = _table(run)
    with _LOCK:
        table.extend(stage.open() for stage in run.batches("explanations")[table.batches :])
    return table


@once_per_owner
def _table(run: Run) -> ExplanationTable:
    return ExplanationTable()


_LOCK = Lock()  # of tables that grow
