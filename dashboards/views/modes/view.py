"""What kinds of mistakes are there? A click on one selects its images, one on an image studies it."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from dashboards.data.feature_neighbors import space
from dashboards.data.hypotheses import hypothesis, words_of_errors
from dashboards.data.population import Population
from dashboards.data.query import QueryError
from dashboards.kit.card import Card
from dashboards.kit.elements import Element
from dashboards.session import needs
from dashboards.session.gestures import Query, Samples
from dashboards.session.modifiers import apply_click, sole_query
from dashboards.session.notes import NamedSelection
from dashboards.session.scene import Scene
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.session.work import Task
from dashboards.views.modes.cards import SupposedKind, kinds
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help

ALIKE = 40  # images that are more like a mode
OF_TEST = needs.Need(
    lambda scene: scene.table is not None and scene.table.modes is not None,
    "Kinds of mistakes are found among test images: show these.",
)


class Own(NamedTuple):
    """Hypotheses: the query that was typed last, and those that are kept, by their names."""

    typed: str
    kept: tuple[tuple[str, str], ...]


class ModesView(Card):
    """Shows the modes of the run; it is there where the run has some."""

    title = "Kinds"
    subject = "Kinds of mistakes"
    needs = (needs.RUN, needs.stage("modes"), OF_TEST)
    follows: ClassVar = ("run", "facts", "steps")
    look = "modes-card"
    help: ClassVar = Help(
        what="Errors that are alike: in where their evidence lies, in what the picture is like, in classes "
        "and features. Eight images from the middle of each; beside them what the answer loses with each "
        "place, on average.",
        use="A click on a kind selects its errors, one on an image puts it under study. Suppose a query, "
        "and it is tried as they are.",
        beware="A rule was found on half of the images. Only one that finds errors on the other half, beyond "
        "chance, is confirmed. Of many that are tried, some hold by chance.",
        source="Ward 1963 on blocks of equal weight; docs/causes.md.",
    )

    def __init__(self, session: Session) -> None:
        self._typed = ""
        self._likes = Task(session.schedule, self._tell_likes)
        super().__init__(session)
        self.showing.watch(session.named_selections, "entries", self.redraw)

    def local_state(self) -> Own:
        """What is supposed; a selection that is kept and is one query is one of them."""
        named = self.session.named_selections.entries
        queries = ((name, sole_query(one.steps)) for name, one in named.items())
        return Own(self._typed, tuple((name, query) for name, query in queries if query))

    def actions(self) -> Actions:
        """`select` the images of {query}, those `like` samples; `study` one; `suppose` a query, `keep` and
        `forget` it.
        """
        return {
            "select": self._select,
            "like": self._select_like,
            "study": self.session.focus_asked,
            "suppose": self._suppose,
            "keep": self._keep,
            "forget": self.session.named_selections.drop,
        }

    def prepare(self, scene: Scene) -> Element:
        """All modes, with what the table knows of their images."""
        assert scene.table is not None
        own: Own = scene.own
        names = {query for _, query in own.kept}
        typed = [SupposedKind(own.typed)] if own.typed and own.typed not in names else []
        kept = [SupposedKind(query, name) for name, query in own.kept if not _is_begged(query)]
        supposed = [with_trial(one, scene.table) for one in (*typed, *kept)]
        return kinds(scene.table, sole_query(scene.steps), supposed)

    def _select(self, asked: Any) -> None:
        apply_click(self.session, asked, Query(asked["query"]))

    def _select_like(self, samples: list[int]) -> None:
        run = self.session.run
        assert run is not None

        def arrived(found: Sequence[int]) -> None:
            if self.session.run is run:
                gesture = Samples(tuple(found), "most like those of a kind")
                self.session.select(Step(Mode.REPLACE, gesture))

        self._likes.start("those alike", lambda _: space(run).like(samples, ALIKE), arrived)

    def _tell_likes(self) -> None:
        if self._likes.error is not None:
            self.session.fault(self._likes.error)

    def _suppose(self, asked: Any) -> None:
        self._typed = asked["text"].strip()
        self.redraw()

    def _keep(self, asked: Any) -> None:
        steps = (Step(Mode.REPLACE, Query.parse(self._typed)),)
        kept = NamedSelection(steps, self.session.navigation.split)
        self.session.named_selections.put(asked["text"].strip(), kept)


def with_trial(supposed: SupposedKind, table: Population) -> SupposedKind:
    """With how often its images are wrong, or why that says nothing."""
    try:
        if words := words_of_errors(supposed.query):
            reason = (
                "says itself which images are wrong: leave it out"
                if len(words) == 1
                else ("say themselves which images are wrong: leave one out")
            )
            return supposed._replace(refusal=f"{' and '.join(words)} {reason}.")
        return supposed._replace(found=hypothesis(table, supposed.query))
    except QueryError as error:
        return supposed._replace(refusal=str(error))


def _is_begged(query: str) -> bool:
    return bool(words_of_errors(query))
