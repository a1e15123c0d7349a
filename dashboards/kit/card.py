"""A view that is one card: a tree of elements, and, where it is computed, all that waiting for it takes."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Button, Child, Element, text
from dashboards.session import needs
from dashboards.session.engine_task import Answer, LazyResult, ResultStatus, tell_work
from dashboards.session.file_export import FileExport
from dashboards.session.needs import Missing, missing
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
    besides: str = ""  # after that, and why it cannot be asked: what there is all the same


class Own(NamedTuple):
    """State of a computed card: what was chosen, how its last request stands, and what it has shown last."""

    chosen: Any
    status: ResultStatus[Any, Any]
    last: Answer[Any, Any] | None = None


class PreparedCard(NamedTuple, Generic[W]):
    """Tree that a computed card will show, the request that is missing for it, and what the tree is of."""

    tree: Element
    request: W | None
    answer: Answer[W, Any] | None = None


@dataclass
class Inquiry(Generic[W, A]):
    """How a card asks for one result while it is prepared: `lacks` says why nothing can be computed."""

    words: Computation
    own: Own
    lacks: Missing | None
    request: W | None = None
    answer: Answer[W, A] | None = None

    def result(self, request: W, stored: A | None = None) -> A | None:
        """The `stored` one, or that which was computed; else it is asked for, and `absent` says so."""
        found = stored
        if stored is None and self.lacks is None:
            self.request, found = request, self.own.status.result(request)
        self.answer = None if found is None else Answer(request, found)
        return found

    def before(self) -> Answer[W, A] | None:
        """The last that was shown, where it is about the same, while the newest request is under way."""
        last, now = self.own.last, self.request
        if last is None or now is None or self.answer is not None or self.own.status.given_up(now):
            return None
        return last if (last.request.run, last.request.about) == (now.run, now.about) else None

    def absent(self, look: str = "empty", **changed: str) -> Box:
        """Why the result is not here, and a button where a person may ask again; words may be `changed`."""
        words, status, request = self.words._replace(**changed), self.own.status, self.request
        if request is None:
            why = "" if self.lacks is None else self.lacks.text
            return Box((_paragraph(f"{words.unstored} {why} {words.besides}".strip()),), look=look)
        if not status.given_up(request):
            return Box((_paragraph(words.waiting),), look=look)
        fault = status.error(request)
        about = list(request.about) if isinstance(request.about, tuple) else request.about
        again = Button((words.again,), "again", about, look="action")
        return Box(
            (
                _paragraph(fault, look="warning") if fault else None,
                _paragraph(words.stopped),
                again,
            ),
            look=look,
        )


class Card(View):
    """A view that is one card: a subclass has `prepare`, which makes a tree of elements of a scene."""

    look: ClassVar[str]  # its class in style sheets; `dashboards/browser/cards` may have one of this name
    hovers: ClassVar[bool] = False  # whether it marks the sample under the pointer in another view

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

    def publish(self, prepared: Any) -> None:
        """Draws what has changed."""
        self.component.draw(prepared)

    def fit_content(self) -> None:
        """Is as high as what is in it, whatever room there is."""
        self._box.param.update(sizing_mode="stretch_width", styles={})
        self.component.sizing_mode = "stretch_width"

    def save(self, export: FileExport) -> None:
        """Has the browser save a file that was written, or says why there is none."""
        if export.failed:
            with self.session.hold():
                self.session.notice = export.status
        elif export.download is not None:
            self.component.download = export.download

    def _hover(self, sample: Any) -> None:
        with self.session.hold():
            self.session.navigation.hover = sample if type(sample) is int else None

    def _mark(self, *_: Any) -> None:
        hover = self.session.navigation.hover
        self.component.hovered = -1 if hover is None else hover


class ComputedCard(Card, Generic[W, A]):
    """A subclass says what it `request`s, and makes a `card` of the result; or, where a part of it is there
    anyway, it makes the whole `tree`.

    While the work is under way, was given up or failed, or while nothing can be computed, the card says so in
    the place of its content, and what to do. The newest request wins.
    """

    computation: ClassVar[Computation]
    stays: ClassVar[bool] = False  # the last result of an image, until the next of the same one is there

    def __init__(self, session: Session, **of: Any) -> None:
        self._lazy = LazyResult[W, A](session, self._report, of=" ".join([self.computation.of, *of.values()]))
        self._last: Answer[W, A] | None = None
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
        """State that it prepares from: what was chosen, the last request, and what was shown last."""
        return Own(self.chosen(), self._lazy.status, self._last)

    def is_stale(self, scene: Scene) -> bool:
        """Something else may be chosen while this is prepared."""
        return bool(scene.own.chosen != self.chosen())

    def tree(self, scene: Scene, asking: Inquiry[W, A]) -> Element:
        """The result where it is here, else what is to be computed, or why nothing can be."""
        found = None if asking.lacks else asking.result(self.request(scene))
        if found is None and self.stays and (last := asking.before()) is not None:
            found = last.result
        return asking.absent() if found is None else self.card(scene, found)

    def prepare(self, scene: Scene) -> PreparedCard[W]:
        """Its tree, and what is missing for it."""
        own = scene.own
        asking = Inquiry[W, A](self.computation, own, missing([needs.TEACHER, needs.ENGINE], scene))
        tree = self.tree(replace(scene, own=own.chosen), asking)
        return PreparedCard(tree, asking.request, asking.answer)

    def publish(self, prepared: PreparedCard[W]) -> None:
        """Shows the card, and asks for what is missing of it, once."""
        self.component.draw(prepared.tree)
        self._last = prepared.answer or self._last
        self._lazy.follow(prepared.request)

    def _report(self) -> None:
        tell_work(self, self.component, self.computation.doing, self._lazy.task)

    def _again(self, _: Any) -> None:
        request = self._lazy.status.request
        if request is not None and self._lazy.again(request.about, request.about):
            self.redraw()


def _paragraph(words: str, **look: Any) -> Box:
    return text(words, tag="p", **look)
