"""Whether the page, or the tab, of some views is seen: what they watch rests while it is not."""

from collections.abc import Callable, Sequence
from typing import Any

import param


class Visibility:
    """One page's, or that of a tab, which is `within` its page and hidden with it. What happens while it is
    hidden is caught up with once when it is shown again.

    What one callback raises goes to `fault`, and the others are called all the same.
    """

    def __init__(self, fault: Callable[[Exception], None], within: "Visibility | None" = None) -> None:
        self._fault, self._within = fault, within
        self._open = True
        self._parts: list[Visibility] = []
        self._missed: dict[Callable[..., None], None] = {}  # callbacks, in the order of what they missed
        self._turned: list[Callable[[], None]] = []
        if within is not None:
            within._parts.append(self)

    @property
    def shown(self) -> bool:
        """Whether it is seen."""
        return self._open and (self._within is None or self._within.shown)

    def part(self) -> "Visibility":
        """That of a part of it."""
        return Visibility(self._fault, self)

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

    def on_turn(self, callback: Callable[[], None]) -> None:
        """Calls back whenever it is hidden or shown, itself and not what it is within."""
        self._turned.append(callback)

    def hide(self) -> None:
        """Nobody sees it any more."""
        self._turn(to=False)

    def show(self) -> None:
        """It may be seen again: where it is, whoever missed something is called."""
        self._turn(to=True)
        self._catch_up()

    def _turn(self, *, to: bool) -> None:
        if to is not self._open:
            self._open = to
            for callback in self._turned:
                self._call(callback)

    def _catch_up(self) -> None:
        if not self.shown:
            return
        missed, self._missed = self._missed, {}
        for callback in missed:
            self._call(callback)
        for part in self._parts:
            part._catch_up()

    def _call(self, callback: Callable[..., None], *events: Any) -> None:
        try:
            callback(*events)
        except Exception as error:
            self._fault(error)
