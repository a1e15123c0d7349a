"""Whether the page of some views is seen: what they watch rests while it is not."""

from collections.abc import Callable, Sequence
from typing import Any

import param


class Showing:
    """One page's. What happens while it is hidden is caught up with once when it is shown again.

    What one callback raises goes to `fault`, and the others are called all the same.
    """

    def __init__(self, fault: Callable[[Exception], None]) -> None:
        self.shown = True
        self._fault = fault
        self._missed: dict[Callable[..., None], None] = {}  # callbacks, in the order of what they missed

    def watch(
        self, source: param.Parameterized, names: str | Sequence[str], callback: Callable[..., None]
    ) -> None:
        """Calls back with the events of these parameters while the page is shown, later once without any."""

        def heard(*events: Any) -> None:
            if self.shown:
                self._call(callback, *events)
            else:
                self._missed[callback] = None

        source.param.watch(heard, [names] if isinstance(names, str) else list(names))

    def hide(self) -> None:
        """Nobody sees the page any more."""
        self.shown = False

    def show(self) -> None:
        """The page is seen again: whoever missed something is called."""
        self.shown = True
        missed, self._missed = self._missed, {}
        for callback in missed:
            self._call(callback)

    def _call(self, callback: Callable[..., None], *events: Any) -> None:
        try:
            callback(*events)
        except Exception as error:
            self._fault(error)
