"""The base of views, which say what they need and follow, prepare in a thread, and publish."""

from dataclasses import replace
from typing import Any, ClassVar, Literal

import panel as pn

from dashboards.kit.plot_header import Bar, PlotHeader
from dashboards.session.linking import LinkedView
from dashboards.session.needs import Missing
from dashboards.session.placeholder import Placeholder
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.widgets.component import Nothing
from dashboards.widgets.help import Help

Of = Literal["focus", "pin"]
"""The sample that a view is about: that under study, or the pinned one."""


ROOM = {"flex": "1 1 0", "min-height": "0"}
"""Styles of a box that takes the room there is: Panel asks for some for the parts that are hidden, too."""


class View(LinkedView, pn.viewable.Viewer):
    """A subclass makes its widgets, calls `link(content)`, and has `prepare` and `publish`.

    While a need is not met, or when showing `subject` failed, sentences stand in the place of the content,
    under `title`.
    """

    title: ClassVar[str] = ""
    help: ClassVar[Help | Nothing] = {}

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        """`of` matters where it is about one sample."""
        super().__init__()
        self.session, self._of = session, of
        self.showing = session.showing
        self._box = pn.Column(sizing_mode="stretch_both", margin=0, styles=ROOM)
        self._content: Any = None
        self._lacks: Missing | None = None  # what stands in the place of the content
        self._placeholder: Placeholder | None = None

    def __panel__(self) -> pn.Column:
        return self._box

    def link(self, content: Any) -> None:
        """Takes part in the session's commits from now on, while its page is shown."""
        self._content = content
        self.session.linker.join(self, self.showing)

    def redraw(self, *_: Any) -> None:
        """Draws this view alone, as when its own state has changed."""
        self.session.linker.redraw(self)

    @property
    def sample(self) -> int | None:
        """The sample that it is about now."""
        sample: int | None = getattr(self.session.navigation, self._of)
        return sample

    def scene_for(self, scene: Scene) -> Scene:
        """The scene whose `focus` is the sample that it is about."""
        return scene if self._of == "focus" else replace(scene, focus=scene.beside, beside=scene.focus)

    def show_content(self) -> None:
        """Its content stands in its box."""
        self._lacks = None
        if list(self._box) != [self._content]:
            self._box[:] = [self._content]

    def show_placeholder(self, lacks: Missing) -> None:
        """Sentences stand in its box."""
        if lacks == self._lacks:
            return
        self._lacks = lacks
        if self._placeholder is None:
            self._placeholder = Placeholder(self.session, sizing_mode="stretch_both")
        self._placeholder.show(lacks)
        look = {"height": 36, "sizing_mode": "stretch_width", "margin": 0}
        bars = [PlotHeader({}, bar=Bar(title=self.title), **look)] if self.title else []
        self._box[:] = [*bars, self._placeholder.card]
