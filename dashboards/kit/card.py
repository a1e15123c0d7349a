"""A view that is one card: a tree of elements, and, where it is computed, all that waiting for it takes."""

from dataclasses import replace
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Button, Child, Element, text
from dashboards.session import needs
from dashboards.session.engine_task import LazyResult, ResultStatus, tell_work
from dashboards.session.needs import missing
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import View
from dashboards.widgets.component import Actions
from deepvid.engine.requests import Request

W = TypeVar("W", bound=Request)
A = TypeVar("A")


def empty(*words: Child, action: Child = None) -> Box:
    """Why there is nothing to see, and what a person can do about it."""
    return Box((*words, action), look="empty")


class Computation(NamedTuple):
    """How the words of a card tell what it computes."""

    of: str  # tells its questions from those of others
    doing: str  # over the line of progress
    waiting: str
    stopped: str  # it was cancelled, or failed
    again: str  # of the button then
    unstored: (
        str  # why the teacher is needed: "What squares say is not stored, but computed with the teacher."
    )


class Own(NamedTuple):
    """State of a computed card: what was chosen, and how its last request stands."""

    chosen: Any
    status: ResultStatus[Any, Any]


class Prepared(NamedTuple, Generic[W]):
    """Tree that a computed card will show, and the request that is missing for it."""

    tree: Element
    request: W | None


class Card(View):
    """A view that is one card: `prepare` makes a tree of elements of a scene, which is drawn."""

    look: ClassVar[str]  # its class in style sheets; `dashboards/browser/cards` may have one of this name
    hovers: ClassVar[bool] = (
        False  # its buttons of a sample are marked while another view has the pointer on it
    )

    def __init__(self, session: Session, **of: Any) -> None:
        super().__init__(session, **of)
        self.component = CardComponent({"hover": self._hover, **self._all_actions()}, self.look)
        if self.hovers:
            self.showing.watch(session.navigation, "hover", self._mark)
        self.link(self.component)

    def actions(self) -> Actions:
        """Calls of what a person can ask for, by the name in the card's elements."""
        return {}

    def _all_actions(self) -> Actions:
        return self.actions()

    def prepare(self, scene: Scene) -> Element:
        """Tree of a scene; called in a thread, as every view's."""
        raise NotImplementedError

    def publish(self, prepared: Any) -> None:
        """Draws what has changed."""
        self.component.draw(prepared)

    def _hover(self, sample: Any) -> None:
        with self.session.hold():
            self.session.navigation.hover = sample if type(sample) is int else None

    def _mark(self, *_: Any) -> None:
        hover = self.session.navigation.hover
        self.component.hovered = -1 if hover is None else hover


class ComputedCard(Card, Generic[W, A]):
    """A subclass says what it `request`s, and makes a `card` of the result. Nothing of it is stored.

    While the work is under way, was given up or failed, or while nothing can be computed, the card says so in
    the place of its content, and what to do. The newest request wins.
    """

    computation: ClassVar[Computation]

    def __init__(self, session: Session, **of: Any) -> None:
        self._lazy = LazyResult[W, A](session, self._report, of=self.computation.of)
        super().__init__(session, **of)

    def request(self, scene: Scene) -> W:
        """Whose answer it shows. In both, which are called in a thread, `scene.own` is what was `chosen`."""
        raise NotImplementedError

    def card(self, scene: Scene, found: A) -> Element:
        """Tree of the result."""
        raise NotImplementedError

    def _all_actions(self) -> Actions:
        return {"again": self._again, "cancel": lambda _: self._lazy.cancel(), **self.actions()}

    def chosen(self) -> Any:
        """Its own state that `request` and `card` need."""
        return None

    def local_state(self) -> Own:
        """State that it prepares from: what was chosen, and the last request."""
        return Own(self.chosen(), self._lazy.status)

    def is_stale(self, scene: Scene) -> bool:
        """Something else may be chosen while this is prepared."""
        return bool(scene.own.chosen != self.chosen())

    def prepare(self, scene: Scene) -> Prepared[W]:  # type: ignore[override]
        """The result where it is here, else what is to be computed, or why nothing can be."""
        own, scene = scene.own, replace(scene, own=scene.own.chosen)
        lacks = missing([needs.TEACHER, needs.ENGINE], scene)
        if lacks is not None:
            return Prepared(empty(_paragraph(f"{self.computation.unstored} {lacks.text}")), None)
        request = self.request(scene)
        found = own.status.result(request)
        tree = self._awaited(own.status, request) if found is None else self.card(scene, found)
        return Prepared(tree, request)

    def publish(self, prepared: Prepared[W]) -> None:
        """Shows the card, and asks for what is missing of it, once."""
        self.component.draw(prepared.tree)
        self._lazy.follow(prepared.request)

    def _awaited(self, status: ResultStatus[W, A], request: W) -> Element:
        words = self.computation
        if not status.given_up(request):
            return empty(_paragraph(words.waiting))
        fault = status.error(request)
        return empty(
            _paragraph(fault, look="warning") if fault else None,
            _paragraph(words.stopped),
            action=Button((words.again,), "again", request.about, look="action"),
        )

    def _report(self) -> None:
        tell_work(self, self.component, self.computation.doing, self._lazy.task)

    def _again(self, about: Any) -> None:
        if self._lazy.again(about, self.sample):
            self.redraw()


def _paragraph(words: str, **look: Any) -> Box:
    return text(words, tag="p", **look)
