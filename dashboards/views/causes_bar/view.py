"""How many images are wrong, and why? A click on a cause selects its errors."""

from collections.abc import Collection
from typing import Any, ClassVar, NamedTuple

from dashboards.keys import SHORTCUTS
from dashboards.kit.card import Card
from dashboards.kit.elements import Box, Button, Child, Element, quiet, text
from dashboards.kit.forms import Copy
from dashboards.session.gestures import Query
from dashboards.session.modifiers import apply_click
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.causes_bar.findings import chips, findings
from dashboards.views.causes_bar.table import Part, parts, remedy, sentence
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help


class Own(NamedTuple):
    """State that it tells of."""

    marks: int
    filter: bool


class CausesBarView(Card):
    """The line above the page: errors by their cause, and findings about the data where there are any."""

    title = "Why they are wrong"
    subject = "The causes of errors"
    follows: ClassVar = ("table", "steps", "mask")
    look = "causes-bar"
    help: ClassVar = Help(
        what="The misclassified images by their first cause: each has the width of its errors. With a "
        "selection, how many of it are of a cause, as 12 / 188, and as a line below the part.",
        use="A click selects the errors of a cause; with Shift they are added, with Ctrl taken away.",
        beware="Causes are scores with thresholds, and some are wrong: the tip of each says how often.",
        source="docs/causes.md.",
    )

    def __init__(self, session: Session, state: Any) -> None:
        """`state.review` opens the review of labels, `state.filters` the column of filters."""
        self._state = state
        super().__init__(session)
        self.fit_content()
        self.showing.watch(session.marks, "entries", self.redraw)
        self.showing.watch(state, "filters", self.redraw)

    def actions(self) -> Actions:
        """`select` the images of {query}, `review` labels, open or fold the `filter`."""
        return {
            "select": self._select,
            "review": lambda _: self._turn(review="doubted"),
            "filter": lambda _: self._turn(filters="" if self._state.filters else "open"),
        }

    def local_state(self) -> Own:
        """Number of marks, and whether the filter is open."""
        return Own(len(self.session.marks.wrong), bool(self._state.filters))

    def prepare(self, scene: Scene) -> Element:
        """Counts of the errors, once for the run's facts, and of the selection among them."""
        table, run = scene.table, scene.run
        if table is None or run is None:
            return Box()
        chosen = {step.gesture.text for step in scene.steps if isinstance(step.gesture, Query)}
        found, command = parts(table, scene.mask), remedy(run, table)
        head = text(sentence(table), tag="h2", look="title", label=sentence(table))
        return Box(
            (
                _filter(scene.own.filter),
                head,
                *bar(found, chosen),
                *_remedy(command),
                chips(findings(table), chosen),
                _marked(scene.own.marks, "marked" in chosen),
                _review() if table.labeled and table.pictured else None,
            ),
            look="overview",
        )

    def _turn(self, **state: str) -> None:
        with self.session.hold():
            self._state.param.update(**state)

    def _select(self, asked: Any) -> None:
        with self.session.hold():
            apply_click(self.session, asked, Query(asked["query"]))


def bar(found: list[Part], chosen: Collection[str]) -> tuple[Child, ...]:
    """Parts as wide as their errors above their names; both are buttons, and pressed where chosen."""
    if not found:
        return ()
    widths = Box(tuple(_width(part, part.query in chosen) for part in found), look="widths")
    names = Box(tuple(_name(part, part.query in chosen) for part in found), look="names")
    return (Box((widths, names), look="parts", role="group", label="Errors by cause", roving=True),)


def _said(part: Part) -> str:
    return f"{part.errors:,}" if part.selected is None else f"{part.selected:,} / {part.errors:,}"


def _width(part: Part, pressed: bool) -> Button:
    share = 0.0 if part.selected is None else part.selected / part.errors
    return Button(
        (text(look="chosen", tag="i", style=f"width: {100 * share:.4g}%"),),
        "select",
        {"query": part.query},
        keys=True,
        pressed=pressed,
        look="width",
        style=f"flex-grow: {part.errors}",
        hint=part.hint,
        label=f"{part.title}: {_said(part)}",
        data={"cause": part.name},
    )


def _name(part: Part, pressed: bool) -> Button:
    return Button(
        (text(tag="i", look="form"), text(part.title, look="of"), " ", text(_said(part), tag="b")),
        "select",
        {"query": part.query},
        keys=True,
        pressed=pressed,
        look="part",
        hint=part.hint,
        data={"cause": part.name},
    )


def _marked(count: int, chosen: bool) -> Child:
    if not count:
        return None
    asked, hint = {"query": "marked"}, "Images whose label is marked as wrong: a click selects those shown"
    return Button(
        (f"⚑ {count:,} marked",), "select", asked, keys=True, pressed=chosen, look="part", hint=hint
    )


def _filter(opened: bool) -> Button:
    hint = "Values of what is known, to tick and to brush; the query is written of it (S)"
    key = SHORTCUTS["filter"]
    return Button(("Filter",), "filter", expanded=opened, look="chip filter", hint=hint, shortcut=key)


def _review() -> Button:
    hint = "Look at doubted labels one by one, of training images, too (R)"
    return Button(("Review labels ›",), "review", look="chip review", hint=hint, shortcut=SHORTCUTS["review"])


def _remedy(command: str) -> tuple[Child, ...]:
    if not command:
        return ()
    copy = Copy(("Copy",), command, look="plain-text", hint="Copy the command")
    return (text(quiet("Why: "), text(command, tag="code"), " ", copy, look="remedy"),)
