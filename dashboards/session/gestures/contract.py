"""The contract of gestures: data that survives a link, from which the mask is made again."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

from dashboards.data.population import Mask, Population

GESTURES: dict[str, type["Gesture"]] = {}
"""Every kind by the name that links use."""


class Gesture(ABC):
    """One kind is one class, frozen and comparable; `GESTURES` has it once it is defined."""

    kind: ClassVar[str]
    tells_errors: ClassVar[bool] = False  # whether its sentence says already what is right and what is wrong

    def __init_subclass__(cls) -> None:
        if "kind" in vars(cls):  # a base of several kinds has none
            GESTURES[cls.kind] = cls

    @classmethod
    @abstractmethod
    def parse(cls, value: Any) -> Self:
        """The inverse of `to_json`, checked: it is from outside. Raises ValueError, TypeError or KeyError."""

    @abstractmethod
    def to_json(self) -> Any:
        """The value that a link keeps."""

    @abstractmethod
    def mask(self, table: Population) -> Mask:
        """The rows it means. Raises DataError where it is about something the run does not have."""

    @abstractmethod
    def sentence(self, table: Population, count: int) -> str:
        """`957 images in the lasso`: what it holds, in words, where it holds `count` images."""


def whole(item: Any) -> int:
    """A number from outside that counts or names something. Raises ValueError for what is none."""
    if not isinstance(item, int) or isinstance(item, bool) or not 0 <= item < 2**31:
        raise ValueError(f"{item!r} is no index")
    return item
