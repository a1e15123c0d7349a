"""Images by what is known of them, asked for in words."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.data.population import Mask, Population
from dashboards.data.query import QueryError, evaluated, parsed
from dashboards.session.gestures.contract import Gesture
from deepvid import wording

_LONGEST = 60  # letters of a query in a sentence


@dataclass(frozen=True)
class Query(Gesture):
    """An expression of `dashboards.data.query`."""

    kind: ClassVar[str] = "query"

    text: str

    @classmethod
    def parse(cls, value: Any) -> "Query":
        if not isinstance(value, str):
            raise TypeError("a query is a text")
        try:
            parsed(value)
        except QueryError as error:
            raise ValueError(str(error)) from error
        return cls(value)

    def to_json(self) -> str:
        return self.text

    def mask(self, table: Population) -> Mask:
        return evaluated(self.text, table)

    def sentence(self, table: Population, count: int) -> str:
        text = self.text if len(self.text) <= _LONGEST else f"{self.text[: _LONGEST - 1]}…"
        return f"{wording.quantity(count, 'image')} where {text}"
