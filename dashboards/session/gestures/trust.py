"""Images by how far their explanation can be believed: of one verdict, or by their student's agreement."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.kernels.counts import overlap
from dashboards.session.gestures.contract import Gesture
from deepvid.trust import Verdict

_END = 1.0  # |agreement less guessing| is below it

_OF_VERDICT = {
    Verdict.EXPLAINED: "{} explained {}",
    Verdict.WEAK: "{} weakly explained {}",
    Verdict.CANNOT_TELL: "{} {} whose student cannot tell",
    Verdict.UNKNOWN: "{} {} without a student",
}


@dataclass(frozen=True)
class Trusted(Gesture):
    """`what` is a verdict, or (low, high] of agreement's lower end less what guessing would reach."""

    kind: ClassVar[str] = "trust"
    tells_errors: ClassVar[bool] = True

    what: Verdict | tuple[float, float]

    @classmethod
    def parse(cls, value: Any) -> "Trusted":
        if isinstance(value, str):
            return cls(Verdict[value.upper()])
        low, high = map(float, value)
        if not -_END <= low < high <= _END or low < 0 < high:
            raise ValueError("a range runs upwards within -1 to 1, on one side of guessing")
        return cls((low, high))

    def to_json(self) -> str | list[float]:
        return self.what.name.lower() if isinstance(self.what, Verdict) else list(self.what)

    def mask(self, table: Population) -> Mask:
        trust = table.trust
        if isinstance(self.what, Verdict):
            known = np.zeros(table.rows, np.uint8) if trust is None else trust.of_row
            return known == self.what
        mask = np.zeros(table.rows, np.bool_)
        if trust is not None:
            low, high = map(np.float32, self.what)
            mask[trust.rows] = (trust.beyond > low) & (trust.beyond <= high)
        return mask

    def sentence(self, table: Population, count: int) -> str:
        wrong = 0 if table.wrong is None else overlap(table.wrong, self.mask(table))
        noun = ("error" if wrong == count else "image") + ("" if count == 1 else "s")
        rest = "" if wrong in (count, 0) else f", {wrong:,} misclassified"
        if isinstance(self.what, Verdict):
            return _OF_VERDICT[self.what].format(f"{count:,}", noun) + rest
        return f"{count:,} {noun} {_range(*self.what)}{rest}"


def _range(low: float, high: float) -> str:
    """`5–10 points beyond guessing`, which is a share of the neighbors."""
    side = "short of" if low < 0 else "beyond"
    low, high = sorted((abs(low), abs(high)))
    points = f"{100 * low:.3g}" + ("+" if high >= _END else f"–{100 * high:.3g}")
    return f"{points} points {side} guessing"
