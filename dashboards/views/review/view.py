"""Which labels are wrong? One image after another, by keys; the marks are kept in the run's notes."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dashboards.data.commands import causes_command, retraining
from dashboards.data.population import both
from dashboards.kit.card import Card
from dashboards.kit.elements import Element
from dashboards.serving import transfer
from dashboards.session import needs
from dashboards.session.file_export import FileExport, marks_file
from dashboards.session.needs import Missing
from dashboards.session.notes import new_mark
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.review.below import Place, State
from dashboards.views.review.card import review
from dashboards.views.review.table import LISTS, Tables, case, proposal
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.store import Mark
from deepvid.wording import quantity

Change = Mapping[int, Mark | None]
"""By sample the mark that it has, or None."""
MOST_UNDONE = 100


class Own(NamedTuple):
    """State of a person in it."""

    kind: str
    at: int | None  # sample
    marks: Mapping[int, Mark]
    undo: str


class Prepared(NamedTuple):
    """The card, and the list that it is of."""

    tree: Element
    samples: Sequence[int]
    at: int | None  # sample


class ReviewView(Card):
    """Follows the run, the selection and the marks; `state.review` is the list, and is empty at the end."""

    subject = "The review of labels"
    needs = (needs.RUN, needs.IMAGES, needs.LABELS, needs.PICTURES)
    follows: ClassVar = ("run", "facts", "mask")
    look = "review-card"
    help: ClassVar = Help(
        what="Images whose label may be wrong, test and training images alike, the most doubtful first.",
        use="M marks the label as wrong with the probable class, a digit with another one; K, or the digit "
        "of its own class, marks it as right; → leaves it as it is. U takes the last mark back. What is "
        "marked does not come first again.",
        beware="A doubt is no proof: the causes were measured on faults planted in Fashion-MNIST and MNIST.",
        source="docs/causes.md.",
    )

    def __init__(self, session: Session, state: Any) -> None:
        """`state` is that of a page, which has `review`."""
        self._state: Any = state
        self._at: int | None = None  # sample
        self._undo: dict[str, list[tuple[str, Change]]] = {}  # by the run's id
        self._samples: Sequence[int] = ()
        self._held: dict[str, tuple[tuple[Any, ...], list[int]]] = {}
        self._export = FileExport(session, self.save)
        super().__init__(session)
        self.showing.watch(session.marks, "entries", self.redraw)
        self.showing.watch(state, "review", self.redraw)

    def actions(self) -> Actions:
        """`list` names one; `step` and `go` lead to an image of it; `mark` {sample, label}, `class` a number,
        `unmark` a sample, `bulk` samples; `remark` says more of a mark, `undo` takes the last change back;
        `study` and `close` leave, `export` gives a file.
        """
        acts = {
            "list": self._list,
            "step": self._step,
            "go": self._go,
            "mark": self._mark,
            "class": self._find,
            "unmark": lambda sample: self._change(f"#{sample}", {sample: None}),
            "bulk": self._bulk,
            "remark": self._remark,
            "undo": lambda _: self._take_back(),
            "study": self._study,
            "close": lambda _: self._list(""),
            "export": lambda _: self._export.write_marks(),
        }
        return {name: self._holding(act) for name, act in acts.items()}

    def _holding(self, act: Any) -> Any:
        def action(value: Any) -> None:
            with self.session.hold():
                act(value)

        return action

    def local_state(self) -> Own:
        """The list, the image, and the marks."""
        kind = str(self._state.review) or next(iter(LISTS))
        undo = self._undoable[-1][0] if self._undoable else ""
        return Own(kind, self._at, self.session.marks.entries, undo)

    @property
    def _undoable(self) -> list[tuple[str, Change]]:
        """What was changed in the open run, and how it was before."""
        return self._undo.setdefault("" if self.session.run is None else self.session.run.id, [])

    def prepare(self, scene: Scene) -> Prepared:
        """The image that is looked at, and those beside it."""
        own: Own = scene.own
        run, table = scene.run, scene.table
        assert run is not None
        assert table is not None
        tables = Tables(run, table, both(run), scene.mask, own.marks)
        lists = {kind: self._listed(kind, tables) for kind in LISTS}
        samples = lists[own.kind]
        unseen = (sample for sample in samples if sample not in own.marks)
        at = own.at if own.at in samples else next(unseen, samples[0] if samples else None)
        place = Place(own.kind, [*map(len, lists.values())], samples, 0 if at is None else samples.index(at))
        file = marks_file(run)
        marks = self.session.marks
        state = State(
            own.marks,
            own.undo,
            marks.refusal,
            transfer.refusal(),
            retraining(run, file),
            file,
            "" if tables.causes else causes_command(run),
        )
        one = None if at is None else case(tables, at)

        def images(wanted: Sequence[int]) -> np.ndarray:
            return table.images_of(np.asarray(wanted, np.intp))

        return Prepared(review(place, one, state, table.class_names, images), samples, at)

    def publish(self, prepared: Prepared) -> None:
        """Draws the card."""
        self._samples, self._at = prepared.samples, prepared.at
        super().publish(prepared.tree)

    def show_placeholder(self, lacks: Missing) -> None:
        """A card over the page that says only what is lacking would leave no way out."""
        super().show_placeholder(lacks)
        if self._state.review and self.session.population is not None:
            self.session.schedule(partial(self._leave, lacks.text))

    def _leave(self, why: str) -> None:
        with self.session.hold():
            self._list("")
            self.session.notice = why

    def _listed(self, kind: str, tables: Tables) -> list[int]:
        """Of a list, which is made again where what it depends on is another."""
        on = {"selection": tables.mask, "marked": tables.marks}.get(kind)
        key = (tables.shown.facts, on)
        held = self._held.get(kind)
        if held is None or any(one is not other for one, other in zip(held[0], key, strict=True)):
            held = self._held[kind] = key, LISTS[kind].samples(tables)
        return held[1]

    def _list(self, kind: str) -> None:
        self._at = None
        self._state.param.update(review=kind)

    def _step(self, by: int) -> None:
        self._go(self._beside(self._at, by))

    def _beside(self, sample: int | None, by: int) -> int | None:
        if sample not in self._samples:
            return self._at
        place = self._samples.index(sample) + by
        return self._samples[max(0, min(len(self._samples) - 1, place))]

    def _go(self, sample: int | None) -> None:
        self._at = sample
        self.redraw()

    def _mark(self, asked: Any) -> None:
        """Marks it, or, with the class of its label, says that this is right; and goes on to the next."""
        sample, label = asked["sample"], asked["label"]
        mark = new_mark(self._said(sample), label, right=label == self._label(sample))
        if self._state.review != "marked":
            self._at = self._beside(sample, 1)
        self._change(f"#{sample}", {sample: mark})

    def _find(self, number: str) -> None:
        if number and self._at is not None:
            self._mark({"sample": self._at, "label": int(number)})

    def _said(self, sample: int) -> str:
        mark = self.session.marks.entries.get(sample)
        return "" if mark is None else mark.remark

    def _label(self, sample: int) -> int | None:
        found = self._tables().of(sample)
        return None if found is None else int(found[0].label[found[1]])

    def _tables(self) -> Tables:
        run, table = self.session.run, self.session.population
        assert run is not None
        assert table is not None
        return Tables(run, table, both(run), None, self.session.marks.entries)

    def _bulk(self, samples: Sequence[int]) -> None:
        """Marks those that are not, each with its probable class."""
        tables, known = self._tables(), self.session.marks.entries
        marks = {one: new_mark("", proposal(tables, one)) for one in samples if one not in known}
        self._change(quantity(len(marks), "mark"), marks)

    def _remark(self, asked: Any) -> None:
        mark = None if self._at is None else self.session.marks.entries.get(self._at)
        if mark is not None and self._at is not None:
            self._change(
                f"the remark on #{self._at}",
                {self._at: new_mark(asked["text"].strip(), mark.label, right=mark.right)},
            )

    def _change(self, words: str, change: Change) -> None:
        known = self.session.marks.entries
        if change:
            self._undoable.append((words, {sample: known.get(sample) for sample in change}))
            del self._undoable[:-MOST_UNDONE]
            self.session.marks.put_all(change)
        if self.session.marks.entries is known:  # else that has drawn it
            self.redraw()

    def _take_back(self) -> None:
        if self._undoable:
            _, change = self._undoable.pop()
            self._at = next(iter(change))
            self.session.marks.put_all(change)
            self.redraw()

    def _study(self, sample: int) -> None:
        self._list("")
        self.session.focus_asked(sample)
