"""Cases as a run stores them."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import numpy as np
import xarray as xr

from deepvid.column_format import unpack_columns
from deepvid.columns import Column, date_text
from deepvid.engine.requests import OpenedImage
from deepvid.errors import DataError, StoreError, UserError
from deepvid.faithfulness import Row, measured, ranking
from deepvid.reasons import NEEDED, Classes, Reason, StoredCauses, confirmation
from deepvid.report.case import NEAR, SHOWN, Answer, Case, Neighbor, answer
from deepvid.report.maps import Maps, maps_of
from deepvid.report.nearest import nearest_training
from deepvid.report.page import page
from deepvid.report.provenance import provenance
from deepvid.store import Run, kept_marks, texts_from_bytes
from deepvid.wording import command, number

MOST = 50
"""Cases of one file."""


def write_report(path: Path, run: Run, cases: Sequence[Case]) -> int:
    """Writes cases of a run as one file, whole or not at all; its bytes. Raises UserError where it cannot."""
    text = page(cases, run.id, provenance(run)).encode("utf-8", "backslashreplace")
    try:
        path.write_bytes(text)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise UserError(
            "A report is written to a file on a disk with room for it",
            f"{error.strerror or error}: {str(path)!r}",
            "Free space, or name another file",
        ) from error
    return len(text)


class StoredCases:
    """Cases of one run, read when they are asked for. Raises StoreError where nothing is classified yet."""

    def __init__(self, run: Run) -> None:
        lacks = [name for name in ("dataset", "teacher") if name not in run.stages]
        if lacks:
            raise StoreError(
                "A report tells how a run's classifier answers",
                f"{run.id} without its {' and '.join(lacks)}",
                f"Go on with it: {command('continue', run.id)}",
            )
        self._run = run
        self._dataset = run.stages["dataset"].open()
        self._teacher = run.stages["teacher"].open("logits", "features")
        self._names = [str(name) for name in self._dataset.attrs["class_names"]]
        self._marks = kept_marks(run)
        self._rows: dict[str, dict[str, Row]] = {}  # by settings, then by method

    def cases(self, samples: Sequence[int]) -> list[Case]:
        """In their order. Raises DataError for none, too many, or one that the run does not have."""
        if not 0 < len(samples) <= MOST:
            raise DataError(
                f"A report has 1 to {MOST} images",
                f"{len(samples):,}",
                "Select images" if not samples else "Select fewer, or one of each kind of mistakes",
            )
        count = self._dataset.sizes["sample"]
        for sample in samples:
            if not 0 <= sample < count:
                raise DataError(
                    f"An image has a number from 0 to {count - 1}",
                    f"{sample}",
                    "Give one, as a page shows it",
                )
        near = self._nearest(np.array(samples, int))
        columns = unpack_columns(self._dataset, np.array(samples, int))
        return [
            self._case(sample, neighbors, [*self._facts(sample), *_values(columns, place)])
            for place, (sample, neighbors) in enumerate(zip(samples, near, strict=True))
        ]

    def modes(self) -> list[Case]:
        """The middle of each kind of mistakes. Raises StoreError where the run has none."""
        run = self._run
        stage = run.stages.get("modes")
        modes = (
            [] if stage is None else [mode for mode in stage.open("modes").attrs["modes"] if mode["central"]]
        )
        if not modes:
            raise StoreError(
                "Kinds of mistakes are in runs where they were found",
                f"{run.id} with none",
                f"Find them first: {command('modes', run.id)}",
            )
        cases = self.cases([int(mode["central"][0]) for mode in modes[:MOST]])
        return [
            case._replace(heading=f"{mode['sentence']}. {confirmation(mode)}.")
            for case, mode in zip(cases, modes, strict=False)
        ]

    def _case(self, sample: int, neighbors: tuple[Neighbor, ...], facts: Sequence[str]) -> Case:
        label = int(self._dataset["label"][sample]) if "label" in self._dataset else None
        logits = self._teacher["logits"].isel(sample=sample).to_numpy()
        if np.isnan(logits).any():
            raise DataError(
                "A report tells how a classifier answers to an image",
                f"#{sample}, which it was not asked about",
                "Name another",
            )
        said = answer(logits, self._names, label, independent=self._run.independent)
        reasons, why_none = self._reasons(sample, said)
        maps, contrast = self._maps(sample)
        return Case(
            f"#{sample}",
            tuple(facts),
            self._image(sample),
            said,
            reasons,
            why_none,
            maps,
            contrast,
            neighbors,
        )

    def _image(self, sample: int) -> np.ndarray | None:
        """None in an archive without images."""
        return self._dataset["image"][sample].to_numpy() if "image" in self._dataset else None

    def _facts(self, sample: int) -> list[str]:
        facts = ["test image" if self._dataset["test"][sample] else "training image"]
        if "file" in self._dataset:
            facts += texts_from_bytes(self._dataset["file"].isel(sample=[sample]).to_numpy())
        if mark := self._marks.get(sample):
            known = mark.label is not None and 0 <= mark.label < len(self._names)
            proposed = f", {self._names[mark.label]} instead" if known and mark.label is not None else ""
            judged = "marked as right" if mark.right else f"marked as wrong{proposed}"
            facts.append(f"label {judged}{': ' * bool(mark.remark)}{mark.remark}")
        return facts

    @cached_property
    def _causes(self) -> StoredCauses | None:
        stage = self._run.stages.get("causes")
        return None if stage is None else StoredCauses(stage.open(*NEEDED))

    def _reasons(self, sample: int, said: Answer) -> tuple[tuple[Reason, ...], str]:
        """Causes, or a sentence that says why there are none."""
        run = self._run
        if said.label is None:
            return (), "Nobody labeled these images, so that no error is known."
        if not said.is_wrong:
            return (), "The answer is right: there is no error to explain."
        if self._causes is None:
            return (), f"Causes of errors were not looked for in this run: {command('causes', run.id)}"
        (places,) = np.nonzero(self._causes.sample == sample)
        if not len(places):
            return (), "This error is not among those whose causes were looked for."
        classes = Classes(said.label, said.predicted, self._names)
        return tuple(self._causes.reasons(int(places[0]), classes)), ""

    @cached_property
    def _explained(self) -> dict[int, tuple[xr.Dataset, int]]:
        """By sample the batch of its latest explanation, and where it stands there."""
        batches = [stage.open() for stage in self._run.batches("explanations")]
        return {
            sample: (batch, row)
            for batch in batches
            for row, sample in enumerate(batch["sample"].to_numpy().tolist())
        }

    def _maps(self, sample: int) -> Maps:
        """Those of methods that can explain, and the classes that they speak of."""
        if sample not in self._explained:
            return (), ("", "")
        batch, row = self._explained[sample]
        logits = self._teacher["logits"].isel(sample=sample).to_numpy()
        return maps_of(batch, row, logits, self._names, self._over_run(str(batch.attrs["settings_key"])))

    def opened(self, name: str, found: OpenedImage) -> Case:
        """Of a picture that the run does not have."""
        kinds = [str(batch.attrs["settings_key"]) for batch, _ in self._explained.values()]
        over_run = self._over_run(kinds[-1]) if kinds else {}
        maps: Maps = (), ("", "")
        if found.maps is not None:
            maps = maps_of(found.maps, 0, found.logits, self._names, over_run)
        near = zip(found.near.tolist(), found.distance.tolist(), strict=True)
        return Case(
            name,
            ("opened image", *found.changes),
            found.image,
            answer(found.logits, self._names, None, independent=self._run.independent),
            found.reasons,
            found.without_reasons,
            *maps,
            tuple(self._neighbor(*one, shown=place < SHOWN) for place, one in enumerate(near)),
        )

    def _over_run(self, kind: str) -> dict[str, Row]:
        """By its name each method, over all images that were explained with the same settings."""
        if kind not in self._rows:
            batches = {id(batch): batch for batch, _ in self._explained.values()}
            found = measured([one for one in batches.values() if one.attrs["settings_key"] == kind])
            self._rows[kind] = {} if found is None else {row.name: row for row in ranking(found).rows}
        return self._rows[kind]

    def _nearest(self, samples: np.ndarray) -> list[tuple[Neighbor, ...]]:
        """Of each its nearest training images by the classifier's features, without itself."""
        features, test = self._teacher["features"], self._dataset["test"].to_numpy()
        queries = features.isel(sample=samples).to_numpy()
        found = nearest_training(features, test, queries, NEAR, own=samples)
        return [
            tuple(
                self._neighbor(sample, distance, shown=place < SHOWN)
                for place, (sample, distance) in enumerate(zip(*row, strict=True))
                if np.isfinite(distance)
            )
            for row in zip(found.sample.tolist(), found.distance.tolist(), strict=True)
        ]

    def _neighbor(self, sample: int, distance: float, *, shown: bool) -> Neighbor:
        label = self._names[int(self._dataset["label"][sample])] if "label" in self._dataset else None
        return Neighbor(sample, self._image(sample) if shown else None, label, distance)


def _values(columns: Sequence[Column], place: int) -> list[str]:
    """ "camera: B" of each further column that says something of the image."""
    said = ((column.title or column.name, _text(column, place)) for column in columns)
    return [f"{name}: {text}" for name, text in said if text]


def _text(column: Column, place: int) -> str:
    value = column.values[place]
    if column.kind == "category":
        return column.words[value] if value >= 0 else ""
    if column.kind == "text":
        return str(value)
    if np.isnan(value):
        return ""
    return date_text(value) if column.kind == "date" else number(float(value))
