"""Findings of the check of the data about the rows of a table, and in words about one image."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from deepvid.data_check.kinds import KINDS
from deepvid.store import Run
from deepvid.wording import bare, sentence_case

STAGE = "data-check"


class Pair(NamedTuple):
    """Another sample that shows the same, or nearly the same."""

    sample: int
    training: bool
    label: int | None


class Findings:
    """Findings of one run; a run has none where it was made without the check."""

    def __init__(self, run: Run, samples: np.ndarray) -> None:
        """`samples` int (row,) are those of the table."""
        self._group, self._dataset = run.stages[STAGE].open(*KINDS), run.stages["dataset"].open("test")
        self._samples = samples

    @cached_property
    def flags(self) -> Mapping[str, np.ndarray]:
        """bool (row,) by kind; only kinds that some row has."""
        known = self._group.attrs.get("found", dict.fromkeys(KINDS))
        read = {name: self._group[name].to_numpy()[self._samples] for name in KINDS if name in known}
        return {name: flag for name, flag in read.items() if flag.any()}

    @cached_property
    def z(self) -> float | None:
        """Standard errors by which more test images than usual are near training images; None: not known."""
        z = self._group.attrs.get("near_copies", {}).get("z")
        return None if z is None else float(z)

    def pair(self, variable: str, sample: int) -> Pair | None:
        """The sample that `copy_of` or `nearest` has for another; None: none, as also where a foreign archive
        names one that there is not."""
        other = int(self._group[variable][sample])
        if not 0 <= other < self._dataset.sizes["sample"]:
            return None
        label = int(self._dataset["label"][other]) if "label" in self._dataset else None
        return Pair(other, not bool(self._dataset["test"][other]), label)

    def sentences(self, row: int, class_names: Sequence[str]) -> list[str]:
        """Findings about one row in words, without stops."""
        sample = int(self._samples[row])
        found = [name for name, flag in self.flags.items() if flag[row]]
        told = []
        if (same := self.pair("copy_of", sample)) is not None:
            told.append(f"The same picture as {_named(same, class_names)}")
        if "near_copy" in found and (near := self.pair("nearest", sample)) is not None:
            share = bare(float(self._group["nearness"][sample]))
            told.append(f"Nearly {_named(near, class_names)}, at {share} of the usual distance{self._beside}")
        alone = [KINDS[name].meaning for name in found if name not in _PAIRED]
        return [*told, *map(sentence_case, alone)]

    @property
    def _beside(self) -> str:
        return "" if self.z is None else f" (z of the run {bare(self.z, 1)})"


_PAIRED = ("copied", "near_copy", "two_labels", "repeated")


def read_findings(run: Run, samples: np.ndarray) -> Findings | None:
    """None where the data was not checked."""
    return Findings(run, samples) if STAGE in run.stages else None


def _named(pair: Pair, class_names: Sequence[str]) -> str:
    split = "training" if pair.training else "test"
    label = "" if pair.label is None else f", labeled {class_names[pair.label]}"
    return f"{split} image #{pair.sample}{label}"
