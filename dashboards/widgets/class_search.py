"""Where a person says which of many classes a reading of the confusions shows."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import param

from dashboards.data.class_groups import ALL, MANY, class_of
from dashboards.widgets.component import Component, source


class ClassSearch(Component):
    """A class to be shown with what it is confused with; of few classes, which all are shown, there is none.

    Its one action is `show`: the number of a class, `ALL` of them, or nothing for the most confused.
    """

    names: list[str] = param.List([], doc="of all classes")  # type: ignore[assignment]
    value: str = param.String("", doc="what is shown")  # type: ignore[assignment]
    sentence: str = param.String("", doc="what is shown, in words")  # type: ignore[assignment]
    everything: bool = param.Boolean(True, doc="whether all of them can be shown")  # type: ignore[assignment]

    _esm = "widgets/class_search.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "class_search.css")]

    def __init__(self, show: Callable[[str], None], *, everything: bool) -> None:
        """`show` takes what a person wants to see."""
        super().__init__(
            {"show": self._read}, everything=everything, sizing_mode="stretch_width", margin=0, visible=False
        )
        self._show = show

    def offer(self, names: Sequence[str], wanted: str, sentence: str) -> None:
        """These are the classes, and `wanted` says which are shown; the sentence does so in words."""
        self.param.update(names=list(names), value=wanted, sentence=sentence, visible=len(names) >= MANY)

    def _read(self, wanted: Any) -> None:
        if wanted in ("", ALL) or (isinstance(wanted, str) and class_of(wanted, len(self.names)) is not None):
            self._show(wanted)
