"""What a view is: it says what it needs and follows, prepares in a thread, and publishes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal, cast

import panel as pn

from dashboards.session.linking import LinkedView
from dashboards.session.needs import Missing, Need
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.widgets.component import Nothing
from dashboards.widgets.help import Help
from dashboards.widgets.message import Message
from dashboards.widgets.plot_header import Bar, PlotHeader

Of = Literal["focus", "pin"]
"""The sample that a view is about: that under study, or the pinned one."""


class View(pn.viewable.Viewer):
    """A linked view. A subclass makes its widgets, calls `link(content)`, and has `prepare` and `publish`.

    While a need is not met, or when showing `subject` failed, sentences stand in the place of the content,
    under `title`.
    """

    subject: ClassVar[str] = "This view"
    needs: ClassVar[Sequence[Need]] = ()
    follows: ClassVar[Sequence[str]] = ("table", "steps", "mask")
    title: ClassVar[str] = ""
    help: ClassVar[Help | Nothing] = {}

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        """`of` matters where it is about one sample."""
        super().__init__()
        self.session, self._of = session, of
        self.showing = session.showing
        self._box = pn.Column(sizing_mode="stretch_both", margin=0)
        self._content: Any = None
        self._lacks: Missing | None = None  # what stands in the place of the content

    def __panel__(self) -> pn.Column:
        return self._box

    def link(self, content: Any) -> None:
        """Takes part in the session's commits from now on, while its page is shown."""
        self._content = content
        self.session.linker.join(cast(LinkedView, self), self.showing)

    def redraw(self, *_: Any) -> None:
        """Draws this view alone, as when its own state has changed."""
        self.session.linker.redraw(cast(LinkedView, self))

    @property
    def sample(self) -> int | None:
        """The sample that it is about now."""
        sample: int | None = getattr(self.session.navigation, self._of)
        return sample

    def scene_for(self, scene: Scene) -> Scene:
        """The scene whose `focus` is the sample that it is about."""
        return scene if self._of == "focus" else replace(scene, focus=scene.beside, beside=scene.focus)

    def local_state(self) -> Any:
        """What `prepare` needs of the view's own state."""
        return None

    def is_stale(self, scene: Scene) -> bool:
        """Whether its own state is another than in a scene; where that is drawn at once, it never is."""
        return False

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
        sentence = Message({}, message=lacks._asdict(), sizing_mode="stretch_both")
        if self.title:
            bar = PlotHeader({}, bar=Bar(title=self.title), height=36, sizing_mode="stretch_width", margin=0)
            self._box[:] = [bar, sentence]
        else:
            self._box[:] = [sentence]
