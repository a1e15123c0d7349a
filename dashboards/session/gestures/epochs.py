"""Images by what the teacher said in one epoch: cells of its confusion matrix, and changes of mind."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.data.captions import cell_sentence
from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from deepvid.errors import DataError
from deepvid.wording import quantity


@dataclass(frozen=True)
class EpochCells(Gesture):
    """(true class, class predicted after an epoch, from 1); of classes that the run has not, none."""

    kind: ClassVar[str] = "epoch-cells"

    form: str
    epoch: int
    cells: tuple[tuple[int, int], ...]

    @classmethod
    def parse(cls, value: Any) -> "EpochCells":
        form, epoch, cells = value
        pairs = tuple((whole(true), whole(predicted)) for true, predicted in cells)
        return cls(str(form), whole(epoch), pairs)

    def to_json(self) -> list[Any]:
        return [self.form, self.epoch, [list(cell) for cell in self.cells]]

    def mask(self, table: Population) -> Mask:
        found = None if table.epochs is None else table.epochs.in_cells(self.form, self.epoch, self.cells)
        if found is None:
            raise no_epoch("A confusion belongs to an epoch of the run", table, self.form, self.epoch)
        return found

    def sentence(self, table: Population, count: int) -> str:
        if len(self.cells) == 1 and max(self.cells[0]) < table.class_count:
            return f"{cell_sentence(table, *self.cells[0], count)} in epoch {self.epoch}"
        return f"{quantity(count, 'image')} in {len(self.cells):,} cells of epoch {self.epoch}"


def no_epoch(must: str, table: Population, form: str, epoch: int) -> DataError:
    """Says which epochs there are."""
    travel = table.epochs and table.epochs.travel(form)
    found = f"no time travel {form!r}" if not travel else f"epoch {epoch} of {travel.epochs}"
    return DataError(must, found, "Clear the selection, or wait until that epoch is computed")


@dataclass(frozen=True)
class Flips(Gesture):
    """Whose class after an epoch, from 1, is another than after the epoch before."""

    kind: ClassVar[str] = "flips"

    form: str
    epoch: int

    @classmethod
    def parse(cls, value: Any) -> "Flips":
        form, epoch = value
        return cls(str(form), whole(epoch))

    def to_json(self) -> list[Any]:
        return [self.form, self.epoch]

    def mask(self, table: Population) -> Mask:
        found = None if table.epochs is None else table.epochs.flipped(self.form, self.epoch)
        if found is None:
            raise no_epoch("A flip is seen in an epoch of the run", table, self.form, self.epoch)
        return found

    def sentence(self, table: Population, count: int) -> str:
        return f"{quantity(count, 'image')} whose class changed in epoch {self.epoch}"


@dataclass(frozen=True)
class ClassChanges(Gesture):
    """Who is given another class after any of the epochs `first` to `last`, from 1, than before that epoch,
    of one true class where it is named.
    """

    kind: ClassVar[str] = "changed"

    first: int
    last: int
    label: int | None = None

    @classmethod
    def parse(cls, value: Any) -> "ClassChanges":
        first, last, *label = value
        if len(label) > 1 or whole(first) > whole(last):
            raise ValueError(f"{value!r} are no epochs")
        return cls(first, last, whole(label[0]) if label else None)

    def to_json(self) -> list[int]:
        return [self.first, self.last, *([] if self.label is None else [self.label])]

    def mask(self, table: Population) -> Mask:
        found = None if table.epochs is None else table.epochs.changed(self.first, self.last)
        if found is None:
            raise DataError(
                "A change of class is seen in epochs that the run has stored",
                f"epochs {self.first} to {self.last}",
                "Clear the selection, or wait until they are there",
            )
        return found if self.label is None else found & (table.label == self.label)

    def sentence(self, table: Population, count: int) -> str:
        of = self.label
        who = f" of {table.class_names[of]}" if of is not None and of < table.class_count else ""
        when = f"epoch {self.first}" if self.first == self.last else f"epochs {self.first} to {self.last}"
        return f"{quantity(count, 'image')}{who} whose class changed in {when}"
