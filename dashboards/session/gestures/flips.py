"""Images of which the teacher changed its mind in one epoch."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole
from dashboards.session.gestures.epoch_cells import no_epoch
from deepvid import wording


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
        return f"{wording.counted(count, 'image')} whose class changed in epoch {self.epoch}"
