"""Which images? Values of what is known of them, to be ticked and brushed: the query is written of it."""

from typing import Any, ClassVar, NamedTuple

from dashboards.data.clauses import clause_of_range, clause_of_words, with_clause, words_of
from dashboards.kit.card import Card
from dashboards.kit.charts import Histogram
from dashboards.kit.elements import Box, Button, Child, Element, HelpButton, Search, quiet, text
from dashboards.session import needs
from dashboards.session.gestures import Query
from dashboards.session.scene import Scene
from dashboards.session.selection import Mode, Step, Steps
from dashboards.session.session import Session
from dashboards.views.filter.table import SAID, Numbers, Words, sections
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.columns import date_text
from deepvid.wording import number

CLASSES = ("true", "runner_up", "predicted")


class Own(NamedTuple):
    """Names of which all words are listed, and how many marks there are."""

    opened: tuple[str, ...]
    marks: int


class FilterView(Card):
    """Follows the selection; every change of it is a change of one clause of the last query."""

    title = "Filter"
    subject = "The filter"
    needs = (needs.RUN, needs.IMAGES)
    follows: ClassVar = ("table", "steps", "mask")
    look = "filter-card"
    help: ClassVar = Help(
        what="What is known of the images: how often each value occurs, and, brighter, among the selected "
        "ones. Heights of a histogram are square roots of shares.",
        use="Tick values, or drag over a histogram. It writes a clause of the query in the header, which "
        "says the same; other clauses stay.",
        beware="Clauses hold together: an image is selected where all of them do.",
        source="Counts of the shown images.",
    )

    def __init__(self, session: Session) -> None:
        self._opened: tuple[str, ...] = ()
        super().__init__(session)
        self.showing.watch(session.marks, "entries", self.redraw)

    def actions(self) -> Actions:
        """`tick` {name, word}, `brush` a range, `drop` what is said of a name, `more` words of it, and `find`
        a class of a name by its number.
        """
        finds = {f"find {name}": self._finding(name) for name in CLASSES}
        return {"tick": self._tick, "brush": self._brush, "drop": self._drop, "more": self._more, **finds}

    def local_state(self) -> Own:
        """Names of which all words are listed, and how many marks there are."""
        return Own(self._opened, len(self.session.marks.entries))

    def prepare(self, scene: Scene) -> Element:
        """Counts of all images, once for a run, and of the selection."""
        assert scene.table is not None
        table = scene.table.with_marks(self.session.marks.entries)
        found = sections(table, scene.mask, _query(scene.steps)[1], scene.own.opened)
        head = Box(
            (
                text("Filter", tag="h2", look="title"),
                text(look="grow"),
                HelpButton("the filter", **self.help),
            ),
            "header",
            look="head",
        )
        parts = tuple(_words(one) if isinstance(one, Words) else _numbers(one) for one in found)
        return Box((head, Box(parts, look="list")), look="filled")

    def _tick(self, asked: Any) -> None:
        name, word = asked["name"], asked["word"]
        wanted = words_of(_query(self.session.selection.steps)[1], name)
        words = [one for one in wanted if one != word] if word in wanted else [*wanted, word]
        self._write(name, clause_of_words(name, words, yes_no=name in ("wrong", "marked")))

    def _finding(self, name: str) -> Any:
        def find(number: str) -> None:
            table = self.session.population
            if number and table is not None:
                self._tick({"name": name, "word": table.class_names[int(number)]})

        return find

    def _brush(self, asked: Any) -> None:
        table = self.session.population
        if table is None:
            return
        for one in sections(table, None, "", ()):
            if isinstance(one, Numbers) and one.name == asked["name"]:
                self._write(one.name, clause_of_range(one.name, one.range(asked["low"], asked["high"])))

    def _drop(self, name: str) -> None:
        self._write(name, "")

    def _more(self, name: str) -> None:
        self._opened = (*self._opened, name)
        self.redraw()

    def _write(self, name: str, clause: str) -> None:
        with self.session.hold():
            self.session.restore(with_filter(self.session.selection.steps, name, clause))


def with_filter(steps: Steps, name: str, clause: str) -> Steps:
    """The gestures with this clause in their last query, or, without one, within what they select."""
    place, query = _query(steps)
    written = with_clause(query, name, clause)
    if place is None:
        mode = Mode.INTERSECT if steps else Mode.REPLACE
        return (*steps, Step(mode, Query(written))) if written else steps
    now = (steps[place]._replace(gesture=Query(written)),) if written else ()
    return (*steps[:place], *now, *steps[place + 1 :])


def _query(steps: Steps) -> tuple[int | None, str]:
    """The place of the last query, as the header shows it, and its text."""
    asked = [
        (place, step.gesture.text) for place, step in enumerate(steps) if isinstance(step.gesture, Query)
    ]
    return asked[-1] if asked else (None, "")


def _section(name: str, title: str, hint: str, wanted: bool, *children: Child) -> Box:
    drop = Button(
        ("×",), "drop", name, look="drop", hint=f"Any {title.lower()}", label=f"Any {title.lower()}"
    )
    head = Box((text(title, tag="h3", hint=hint), drop if wanted else None), look="line of")
    return Box((head, *children), "section", label=title, data={"name": name})


def _words(one: Words) -> Box:
    most = max([1, *one.every])
    rows = []
    for place, word in enumerate(one.words):
        every, said = one.every[place], SAID.get((one.name, word), word)
        selected = one.selected[place] if one.selected else None
        counts = f"{every:,}" if selected is None else f"{selected:,} / {every:,}"
        bars = (
            text(tag="i", look="every", style=f"width: {100 * every / most:.4g}%"),
            text(tag="i", look="chosen", style=f"width: {100 * (selected or 0) / most:.4g}%"),
        )
        rows.append(
            Button(
                (
                    text(look="tick"),
                    text(said, look="name"),
                    text(counts, look="number"),
                    text(*bars, look="bar"),
                ),
                "tick",
                {"name": one.name, "word": word},
                pressed=word in one.wanted,
                look="item",
                hint=f"{said}: {every:,} images",
                label=f"{one.title}: {said}, {counts}",
            )
        )
    search = None
    if one.name in CLASSES and one.of_many:
        label = f"{one.title} to tick"
        search = text(Search(f"find {one.name}", one.of_many, "", "find a class", label=label), look="search")
    more = Button((f"{one.left:,} more",), "more", one.name, look="plain-text") if one.left else None
    return _section(one.name, one.title, one.hint, bool(one.wanted), search, *rows, more)


def _numbers(one: Numbers) -> Box:
    write = date_text if one.dated else number
    ends = (quiet(write(one.edges[0])), quiet(write(one.edges[-1])))
    histogram = Histogram(
        "brush", one.name, one.edges, one.every, one.selected, one.band, ends, dated=one.dated
    )
    return _section(one.name, one.title, one.hint, one.wanted is not None, histogram)
