"""What a view wishes to be computed: asked for once, and kept until it wishes other things."""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from dashboards.session.asking import Asked, Asking
from dashboards.session.session import Session
from deepvid.engine.requests import Request

W = TypeVar("W", bound=Request)
A = TypeVar("A")


class Answer(NamedTuple, Generic[W, A]):
    """What came of a wish."""

    asked: W
    found: A


class Wished(NamedTuple, Generic[W, A]):
    """How a wish stands, as a view says it of itself to its `prepare`."""

    wish: W | None  # the last one
    asked: Asked
    answer: Answer[W, A] | None  # the last one

    def found(self, wish: W) -> A | None:
        """What came of this wish; None where it is not here."""
        return self.answer.found if self.answer is not None and self.answer.asked == wish else None

    def given_up(self, wish: W) -> bool:
        """Whether this wish was cancelled or failed: nobody asks again but a person."""
        return self.wish == wish and not self.asked.busy

    def error(self, wish: W) -> str:
        """What went wrong with this wish; empty: nothing."""
        return self.asked.error if self.wish == wish else ""


class Wishing(Generic[W, A]):
    """The wishes of one view: the newest wins."""

    def __init__(self, session: Session, changed: Callable[[], None], *, of: str) -> None:
        """`changed` is called whenever the work has something to tell; `of` as `Asking` has it."""
        self._asking = Asking(session, changed, of=of)
        self._wish: W | None = None
        self.answer: Answer[W, A] | None = None

    @property
    def wished(self) -> Wished[W, A]:
        """How it stands now."""
        return Wished(self._wish, self._asking.asked, self.answer)

    @property
    def asked(self) -> Asked:
        """How the work for the last wish stands."""
        return self._asking.asked

    def follow(self, wish: W | None) -> None:
        """Asks for another wish than the last; None: nothing is wished any more."""
        if wish is None and self._asking.busy:
            self.forget()  # nobody gave it up: it is asked for when it is wished again
        if wish is None or wish != self._wish:
            self._asking.cancel()
        if wish is not None and wish != self._wish:
            self._ask(wish)

    def again(self, about: Any, shown: Any) -> bool:
        """Asks again for the last wish, where it is about this and that is `shown`; says if it did."""
        wish = self._wish
        if wish is None or self._asking.busy or not about == shown == wish.about:
            return False
        self._ask(wish)
        return True

    def forget(self) -> None:
        """The last wish is as if it had not been."""
        self._wish = None

    def cancel(self) -> None:
        """Gives up what is under way."""
        self._asking.cancel()

    def _ask(self, wish: W) -> None:
        def arrived(found: A) -> None:
            self.answer = Answer(wish, found)

        self._wish = wish
        self._asking.ask(wish.subject, wish, arrived)
