"""Two images side by side: the pinned one to the left of the one under study."""

from collections.abc import Callable
from typing import Any, Literal

import panel as pn

from dashboards.pages.arrangement import row
from dashboards.session.session import Session

Of = Literal["focus", "pin"]


class Paired(pn.viewable.Viewer):
    """What `build` makes of the image under study, and beside it the same of the pinned one, while one is.

    That is built when an image is pinned first; while none is, it prepares nothing.
    """

    def __init__(self, session: Session, build: Callable[[Session, Of], Any]) -> None:
        super().__init__()
        self._session, self._build = session, build
        self._pinned: Any = None
        self._showing = session.showing.part()
        self._showing.hide()
        self._box = row(pn.Column(visible=False), build(session, "focus"))
        session.showing.watch(session.navigation, "pin", self._follow)
        if session.navigation.pin is not None:
            self._follow()

    def __panel__(self) -> pn.Row:
        return self._box

    def _follow(self, *_: Any) -> None:
        wanted = self._session.navigation.pin is not None
        if wanted and self._pinned is None:
            self._pinned = self._of_pin()
            self._box[0] = self._pinned
        if self._pinned is None:
            return
        with self._session.hold():
            self._pinned.visible = wanted
            (self._showing.show if wanted else self._showing.hide)()
        self._session.linker.catch_up()

    def _of_pin(self) -> Any:
        before, self._session.showing = self._session.showing, self._showing
        try:
            return self._build(self._session, "pin")
        finally:
            self._session.showing = before
