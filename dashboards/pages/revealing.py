"""A part of a page that is there while something is asked for."""

from collections.abc import Callable
from typing import Any

import panel as pn
import param

from dashboards.session.session import Session


class Revealing:
    """What `build` makes, in one place of a box, while a parameter has a value.

    It is built when it is asked for first; while it is not, it prepares nothing.
    """

    def __init__(
        self,
        session: Session,
        box: pn.Row,
        place: int,
        build: Callable[[], Any],
        *,
        source: param.Parameterized,
        name: str,
    ) -> None:
        """`name` is the parameter of `source`. What is not built yet takes no room."""
        self._session, self._box, self._place, self._build = session, box, place, build
        self._source, self._name = source, name
        self._built: Any = None
        self._showing = session.showing.part()
        self._showing.hide()
        box.insert(place, pn.Column(visible=False))
        session.showing.watch(source, name, self._follow)
        self._follow()

    def _follow(self, *_: Any) -> None:
        wanted = getattr(self._source, self._name) not in (None, "")
        if wanted and self._built is None:
            with self._session.building(self._showing):
                self._built = self._build()
            self._box[self._place] = self._built
        if self._built is None:
            return
        with self._session.hold():
            self._built.visible = wanted
            (self._showing.show if wanted else self._showing.hide)()
        self._session.linker.catch_up()
