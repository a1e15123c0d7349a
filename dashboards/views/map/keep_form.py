"""Keeps the map by a name, and opens one that was."""

from functools import partial
from typing import Any

from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Button, Icon, text
from dashboards.kit.forms import Entry
from dashboards.session.address import write_address
from dashboards.session.notes import LONGEST_NAME
from dashboards.session.session import Session
from dashboards.widgets.component import Actions

_CROSS = "M4 4l8 8 M12 4l-8 8"


class KeepForm(CardComponent):
    """Shows the names, the latest last."""

    def __init__(self, session: Session, size: dict[str, Any]) -> None:
        acts = {"keep": self._keep, "open": self._open, "forget": session.kept_maps.drop}
        held = {name: partial(self._held, act) for name, act in acts.items()}
        actions: Actions = {**held, "close": lambda _: self.turn()}
        super().__init__(actions, "kept-maps-card", visible=False, height=66, **size)
        self._session = session
        self._times = 0  # that a map was kept
        session.kept_maps.param.watch(self._show, "entries")

    def turn(self) -> None:
        """Opens it, or closes it."""
        with self._session.hold():
            self.visible = not self.visible
            self._show()

    def _held(self, act: Any, value: Any) -> None:
        with self._session.hold():
            act(value)

    def _keep(self, asked: Any) -> None:
        session = self._session
        self._times += 1
        address = write_address(session.navigation, session.pages, session.selection.steps)
        session.kept_maps.put(asked["text"].strip(), address)
        self._show()

    def _open(self, name: str) -> None:
        session = self._session
        session.go(session.kept_maps.at(name, write_address(session.navigation, session.pages, ())))

    def _show(self, *_: Any) -> None:
        if self.visible:
            kept = self._session.kept_maps
            self.draw(_form(tuple(kept.entries), self._times, kept.refusal))


def _form(names: tuple[str, ...], times: int, refusal: str) -> Box:
    entry = Entry(
        "keep",
        "Name of this map",
        button="Keep this map",
        about=str(times),
        most=LONGEST_NAME,
        label="Name of this map",
        look="files",
    )
    note = text(f"Kept in this session: {refusal}" if refusal else "", look="quiet")
    close = Button(("Close",), "close", look="chip")
    line = Box((entry, note, close), look="line")
    return Box(
        (line, Box(tuple(map(_one, names)), look="kept", role="list", label="Kept maps")), look="asked"
    )


def _one(name: str) -> Box:
    opened = Button((name,), "open", name, look="plain-text", hint=f"Open {name}")
    words = f"Forget the map {name}"
    gone = Button((Icon(_CROSS),), "forget", name, look="plain", hint=words, label=words)
    return Box((opened, gone), look="one", role="listitem")
