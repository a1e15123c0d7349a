"""A line of what is wrong with the data, which takes no room where nothing is."""

from typing import Any, NamedTuple

import panel as pn

from dashboards.data.population import Population
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import Box, Button, Element, text
from dashboards.session.gestures import Query
from dashboards.session.modifiers import apply_click
from dashboards.session.session import Session
from deepvid.data_check.kinds import KINDS, LEAKS
from deepvid.wording import bare


class FindingsView(pn.viewable.Viewer):
    """Follows the run and the selection; a click on a kind selects its images."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        actions = {"select": self._select}
        self._card = CardComponent(actions, "findings-line", sizing_mode="stretch_width", margin=0)
        session.param.watch(self._draw, "version")
        session.selection.param.watch(self._draw, "steps")
        self._draw()

    def __panel__(self) -> CardComponent:
        return self._card

    def _select(self, asked: Any) -> None:
        with self._session.hold():
            apply_click(self._session, asked, Query(asked["word"]))

    def _draw(self, *_: Any) -> None:
        table, steps = self._session.population, self._session.selection.steps
        chosen = {step.gesture.text for step in steps if isinstance(step.gesture, Query)}
        self._card.draw(line([] if table is None else findings(table), chosen))


class Finding(NamedTuple):
    """One kind that some of the shown images are of."""

    word: str  # in a query
    text: str
    hint: str
    grave: bool  # it makes the test accuracy too good


def findings(table: Population) -> list[Finding]:
    """The gravest first; none where nothing was found or looked for."""
    known = table.findings
    if known is None:
        return []
    counts = {name: int(flag.sum()) for name, flag in known.flags.items()}
    z = "" if known.z is None else f", z {bare(known.z, 1)}"
    return [
        Finding(
            name,
            f"{count:,} {KINDS[name].short}{z if name == 'near_copy' else ''}",
            f"{KINDS[name].sentence(count)}. A click selects them; a query says {name}",
            name in LEAKS,
        )
        for name, count in counts.items()
    ]


def line(found: list[Finding], chosen: set[str]) -> Element:
    """A button a kind, pressed where its word is `chosen`; nothing where there is none."""
    if not found:
        return Box()
    parts = (
        Button(
            (each.text,),
            "select",
            {"word": each.word},
            keys=True,
            pressed=each.word in chosen,
            look=f"part{' grave' * each.grave}",
            hint=each.hint,
            data={"word": each.word},
        )
        for each in found
    )
    return Box(
        (text("Data", tag="b"), *parts), look="findings", role="group", label="What is wrong with the data"
    )
