"""The samples of a run as one table of rows, shared by every session of the process."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import xarray as xr

from dashboards.data.causes import STAGE as CAUSES
from dashboards.data.causes import Causes, read_causes
from dashboards.data.changes import ChangeRows
from dashboards.data.epochs import Epochs
from dashboards.data.files import Files, absent, paper, read_files, read_texts
from dashboards.data.findings import STAGE as CHECK
from dashboards.data.findings import Findings, read_findings
from dashboards.data.hierarchy import CHOICES, HEAD, SOFT, STAGES, Decisions, read_decisions
from dashboards.data.layers import LayerRows
from dashboards.data.maps import Map, Map3D, Projected, by_row, by_row_3d, read_projection
from dashboards.data.modes import STAGE as MODES
from dashboards.data.modes import Modes, read_modes
from dashboards.data.placing import alike
from dashboards.data.predictions import Link, Predictions, read_predictions, resident, softmax
from dashboards.data.recent import Recent
from dashboards.data.trust import StudentVerdicts, Trust, cached_verdicts
from dashboards.kernels import counts, tiles
from deepvid.caching import newest_per_owner
from deepvid.column_format import READ, unpack_columns
from deepvid.columns import Column, typed_name
from deepvid.metrics import runner_up
from deepvid.store import Mark, Run

TEST, TRAINING = SPLITS = ("test", "training")
"""Images of a run that a table can be of."""

Mask = np.ndarray  # bool (row,), rows in the table's order

_PREFIX = "projection-"
M = TypeVar("M", Map, Projected)


class FactsKey:
    """Key that tables share which differ in trust alone: the same object while nothing else has changed."""


def facts_of(table: "Population") -> FactsKey:
    """Owner of what is computed of a table's facts."""
    return table.facts


@dataclass(frozen=True, eq=False)
class Population:
    """An immutable snapshot of what is known of every sample. Rows are the test images, and what the
    default map shows beside them; they are sorted by that map's tiles, or by index while there is none.
    Of `TRAINING` images rows are these, by index.
    """

    samples: np.ndarray  # int32 (row,): sample index
    label: np.ndarray  # int32 (row,): the true class, or without labels the runner-up of `predicted`
    class_names: tuple[str, ...]
    maps: dict[str, Map]  # the two-dimensional ones, in the order of their commits
    predictions: Predictions | None
    pictures: xr.DataArray  # uint8 (sample, y, x, channel)
    row_of_sample: np.ndarray = field(repr=False)  # int32 (sample,), -1: no row
    files: Files | None = None  # or what is read; None: the images have no file each
    split: str = TEST  # one of `SPLITS`
    pictured: bool = True  # False: the run was archived or logged without images, and `pictures` says so
    reads: str = ""  # column of the texts that samples are, which `files` has; empty: they are images
    labeled: bool = True  # False: nobody labeled the images
    trust: Trust | None = None  # None: no student is known
    decisions: Decisions | None = None  # of the head's own tree; None: the run has no class hierarchy
    softened: Decisions | None = None  # of the soft decision tree; None: the run has none
    facts: FactsKey = field(default_factory=FactsKey, repr=False)
    maps_3d: dict[str, Map3D] = field(default_factory=dict)  # those of three dimensions, in the same order
    epochs: Epochs | None = field(default=None, repr=False)  # of time travel; None: of no run
    layers: LayerRows | None = field(default=None, repr=False)  # of the network; None: of no run
    changes: ChangeRows | None = field(default=None, repr=False)  # of its answers; None: of no run
    findings: Findings | None = field(default=None, repr=False)  # of its data; None: it was not checked
    causes: Causes | None = field(default=None, repr=False)  # of its errors; None: nobody looked for them
    modes: Modes | None = field(default=None, repr=False)  # kinds of mistakes; None: nobody looked for them
    columns: Mapping[str, Column] = field(default_factory=dict, repr=False)  # further ones by name, of (row,)
    run: Run | None = field(default=None, repr=False)  # what it is of; None: of no run
    marks: Mapping[int, Mark] = field(default_factory=dict, repr=False)  # of a session, by sample

    @property
    def textual(self) -> bool:
        """Whether samples are texts; `pictures` are blank then."""
        return bool(self.reads)

    @property
    def noun(self) -> str:
        """The word for a sample."""
        return "text" if self.textual else "image"

    @property
    def file_names(self) -> Files | None:
        """Of images; None where they have no file each, and of texts, which a column has."""
        return None if self.textual else self.files

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.samples)

    @property
    def splits(self) -> tuple[str, ...]:
        """Those of `SPLITS` that the run has a table of."""
        return SPLITS if self.split == TRAINING or self.rows < len(self.row_of_sample) else (TEST,)

    @property
    def class_count(self) -> int:
        """How many classes the run has."""
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(y, x, channel)."""
        y, x, channel = self.pictures.shape[1:]
        return y, x, channel

    @property
    def predicted(self) -> np.ndarray | None:
        """int32 (row,), -1 where still unknown; None until a teacher exists."""
        return self.predictions and self.predictions.predicted

    @property
    def confidence(self) -> np.ndarray | None:
        """f32 (row,): the teacher's probability of its class; None until a teacher exists."""
        return self.predictions and self.predictions.confidence

    @cached_property
    def wrong(self) -> np.ndarray | None:
        """bool (row,): misclassified; None until a teacher exists, and where no label tells."""
        if self.predicted is None or not self.labeled:
            return None
        return (self.predicted >= 0) & (self.predicted != self.label)

    @property
    def of_file(self) -> np.ndarray | None:
        """int32 (row,): the class that the model gives the image as it was before it was stored smaller; -1:
        it was not asked. None where images are stored as they were.
        """
        return self.predictions and self.predictions.of_file

    @cached_property
    def differs(self) -> np.ndarray | None:
        """bool (row,): the model gives the file itself another class; None where `of_file` is."""
        if self.of_file is None:
            return None
        return (self.of_file >= 0) & (self.of_file != self.predicted)

    @property
    def against(self) -> str:
        """Name of the class in `label`: "true" or "runner-up"."""
        return "true" if self.labeled else "runner-up"

    @property
    def filed(self) -> np.ndarray:
        """int32 (row,): the class an image is shown under: the true or, without labels, the predicted."""
        return self.label if self.labeled or self.predicted is None else self.predicted

    @property
    def partial(self) -> str | None:
        """Words for what is not final yet; None when all that is shown is."""
        return self.predictions and self.predictions.partial

    @property
    def default_map(self) -> Map | None:
        """The map to show when nobody chose."""
        return _default(list(self.maps.values()))

    def hierarchy(self, name: str) -> Decisions | None:
        """That of a name, one of `dashboards.data.hierarchy.STAGES`; None: the run has none."""
        return self.softened if name == SOFT else self.decisions

    @property
    def hierarchies(self) -> list[list[str]]:
        """Those of `dashboards.data.hierarchy.CHOICES` that the run has."""
        return [choice for choice in CHOICES if self.hierarchy(choice[0]) is not None]

    def with_marks(self, marks: Mapping[int, Mark]) -> "Population":
        """The same table with these marks; what is computed of it already stays."""
        if marks == self.marks:
            return self
        table = copy.copy(self)
        object.__setattr__(table, "marks", marks)
        return table

    @property
    def marked_rows(self) -> Mapping[int, Mark]:
        """The marks by row, of images that have one."""
        placed = ((self.row_of(sample), mark) for sample, mark in self.marks.items())
        return {row: mark for row, mark in placed if row is not None}

    def row_of(self, sample: int) -> int | None:
        """The row of a sample; None where it has none."""
        if not self.has(sample) or self.row_of_sample[sample] < 0:
            return None
        return int(self.row_of_sample[sample])

    def has(self, sample: int) -> bool:
        """Whether it is an image of the run, with a row or without."""
        return 0 <= sample < len(self.row_of_sample)

    def images(self, rows: Any) -> np.ndarray:
        """uint8 (row, y, x, channel) of these rows, in their order."""
        return self.images_of(self.samples[np.asarray(rows, np.intp)])

    def images_of(self, samples: np.ndarray) -> np.ndarray:
        """uint8 (sample, y, x, channel) of these samples, in their order, also of those that have no row."""
        wanted, back = np.unique(samples, return_inverse=True)
        return self.pictures[wanted].to_numpy()[back]

    @property
    def link(self) -> Link:
        """From the teacher's logits to its probabilities."""
        return softmax if self.predictions is None else self.predictions.link

    def probabilities(self, row: int) -> np.ndarray | None:
        """f32 (class,) of one row; None where the teacher has not seen it."""
        logits = self.logits(row)
        return None if logits is None else self.link(logits)

    def logits(self, row: int) -> np.ndarray | None:
        """f32 (class,) of one row; None where the teacher has not seen it."""
        if self.predictions is None or self.predictions.source[row] < 0:
            return None
        return self.predictions.logits[int(self.predictions.source[row])].to_numpy()

    def in_cells(self, chosen: np.ndarray) -> Mask:
        """Rows in the confusion cells that are `chosen`, bool (true, predicted); without a teacher none."""
        return np.zeros(self.rows, np.bool_) if self._cell is None else counts.in_cells(self._cell, chosen)

    def confusion(self, mask: Mask | None = None) -> np.ndarray:
        """Counts int64 (true, predicted) of the rows in `mask` (None: all); zeros until a teacher exists."""
        return self._confusions if mask is None else self._count(mask)

    @cached_property
    def _confusions(self) -> np.ndarray:
        return self._count(None)

    def _count(self, mask: Mask | None) -> np.ndarray:
        if self._cell is None:
            return np.zeros((self.class_count, self.class_count), np.int64)
        return counts.confusion(self._cell, mask, self.class_count)

    @cached_property
    def _cell(self) -> np.ndarray | None:
        """The confusion cell of each row (row,); None until a teacher exists."""
        if self.predicted is None:
            return None
        return counts.cells(self.label, self.predicted, self.class_count)


def population(run: Run, split: str = TEST) -> Population | None:
    """Table of a run now; None before its images are. Equal content is the same object. `split` is one of
    `SPLITS`; of a run without such images, the table of its test images.

    Of its students it knows what was judged last: `dashboards.data.trust.judge` reads more.
    """
    table = _tables.get((split, *_content(run)), lambda: _read(run, split))
    return None if table is None else _trusting(table, cached_verdicts(run))


def both(run: Run) -> list[Population]:
    """Tables of the test images of a run and of its training images, as far as it has them."""
    tables = {id(table): table for table in (population(run, split) for split in SPLITS) if table is not None}
    return list(tables.values())


_tables: Recent[Population | None] = Recent(4)


@newest_per_owner
def _trusting(table: Population, judged: StudentVerdicts | None) -> Population:
    trust = None if judged is None else judged.of(table.row_of_sample, table.rows)
    return replace(table, trust=trust)


def _content(run: Run) -> tuple[Any, ...]:
    read = ("dataset", CHECK, CAUSES, MODES, "teacher", *STAGES.values())
    names = [name for name in run.stages if name in read or name.startswith(_PREFIX)]
    series = run.series("teacher")
    return str(run.address), *((name, run.stages[name].key) for name in names), series and series.epochs


def _read(run: Run, split: str) -> Population | None:
    if "dataset" not in run.stages:
        return None
    dataset = run.stages["dataset"].open("test", "class_names")
    if "label" not in dataset and "teacher" not in run.stages:
        return None  # nothing to hold its answers against before there are any
    projections = [
        read_projection(name.removeprefix(_PREFIX), stage.open("position", "sample"))
        for name, stage in run.stages.items()
        if name.startswith(_PREFIX)
    ]
    flat, deep = ([one for one in projections if one.position.shape[1] == wanted] for wanted in (2, 3))
    test = dataset["test"].to_numpy()
    split, like = (TEST if test.all() else split), None
    if split == TRAINING:
        samples = np.flatnonzero(~test).astype(np.int32)
        like = alike(run, samples, np.flatnonzero(test)) if projections else None
    else:
        samples = _rows(test, _default(flat))
    row_of_sample = np.full(dataset.sizes["sample"], -1, np.int32)
    row_of_sample[samples] = np.arange(len(samples), dtype=np.int32)
    names, predictions = tuple(dataset.attrs["class_names"]), read_predictions(run, samples)
    label, filed = _classes(dataset, predictions, samples)
    known = [] if predictions is None else [np.maximum(predictions.predicted, 0)]
    counts.require_classes(len(names), label, filed, *known)
    count, texts = dataset.sizes["sample"], read_texts(dataset) if "image" not in dataset else None
    gone = absent(run, count) if texts is None else paper(count)
    return Population(
        samples,
        label,
        names,
        {projected.name: by_row(projected, row_of_sample, len(samples), like) for projected in flat},
        predictions,
        resident(dataset["image"]) if "image" in dataset else gone,
        row_of_sample,
        texts or read_files(dataset),
        split,
        "image" in dataset,
        "" if texts is None else dataset.attrs[READ],
        "label" in dataset,
        decisions=read_decisions(run, HEAD, samples, filed, len(names)),
        softened=read_decisions(run, SOFT, samples, filed, len(names)),
        maps_3d={
            projected.name: by_row_3d(projected, row_of_sample, len(samples), like) for projected in deep
        },
        epochs=Epochs(run, row_of_sample, len(samples)),
        layers=LayerRows(run, row_of_sample, len(samples), predictions and predictions.predicted, len(names)),
        changes=ChangeRows(run, row_of_sample, len(samples)),
        findings=read_findings(run, samples),
        causes=read_causes(run, row_of_sample, len(samples)),
        modes=read_modes(run, np.where(test, row_of_sample, -1), len(samples)) if split == TEST else None,
        columns=_columns(dataset, samples),
        run=run,
    )


def _columns(dataset: xr.Dataset, samples: np.ndarray) -> dict[str, Column]:
    """By names that can be typed, whatever an archive says and whatever words queries have today."""
    columns: dict[str, Column] = {}
    for column in unpack_columns(dataset, samples):
        name = typed_name(column.name, columns)
        columns[name] = column._replace(name=name)
    return columns


def _classes(
    dataset: xr.Dataset, predictions: Predictions | None, samples: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """int32 (row,): `Population.label`, and what it files the rows under."""
    if "label" in dataset:
        label = dataset["label"].to_numpy()[samples].astype(np.int32)
        return label, label
    assert predictions is not None  # a run without labels has no population before
    return runner_up(predictions.logits[predictions.source].to_numpy()), predictions.predicted


def _default(maps: list[M]) -> M | None:
    """The first map that is not linear, else the first."""
    curved = (candidate for candidate in maps if candidate.settings.get("method") != "pca")
    return next(curved, maps[0] if maps else None)


def _rows(test: np.ndarray, chosen: Projected | None) -> np.ndarray:
    """The samples to show, sorted by the chosen map's tiles: int32 (row,)."""
    if chosen is None:
        return np.flatnonzero(test).astype(np.int32)
    x, y = (np.ascontiguousarray(side, np.float32) for side in chosen.position.T)
    shown = chosen.samples[tiles.tile(x, y).order]
    missing = test.copy()
    missing[shown] = False
    return np.concatenate([shown, np.flatnonzero(missing)]).astype(np.int32)
