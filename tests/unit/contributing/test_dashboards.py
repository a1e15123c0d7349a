"""A gesture, a view and a tab of every page, added as CONTRIBUTING.md says, work."""

from pathlib import Path

from additions import Edit, added, run

GESTURE = '''"""Whole classes."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dashboards.data.population import Mask, Population
from dashboards.session.gestures.contract import Gesture, whole


@dataclass(frozen=True)
class Classes(Gesture):
    """All images of these true classes."""

    kind: ClassVar[str] = "classes"

    classes: tuple[int, ...]

    @classmethod
    def parse(cls, value: Any) -> "Classes":
        return cls(tuple(whole(item) for item in value))

    def to_json(self) -> list[int]:
        return list(self.classes)

    def mask(self, table: Population) -> Mask:
        return np.isin(table.label, self.classes)

    def sentence(self, table: Population, count: int) -> str:
        return f"{count} images of {len(self.classes)} classes"
'''
USE_GESTURE = """
from tables import a_table
from dashboards.session.address import read_address, write_address
from dashboards.session.gestures import GESTURES
from dashboards.session.navigation import Navigation
from dashboards.session.selection import Mode, Step, fold
from dashboards.session.selection import selection_sentence, tally
from dashboards.session.state import PageState

steps = (Step(Mode.REPLACE, GESTURES["classes"]((0, 2))),)
where, pages = Navigation(["page"]), {"page": PageState()}
assert read_address(write_address(where, pages, steps), where, pages).steps == steps
table = a_table([0, 1, 2, 0], [0, 1, 0, 0])
mask = fold(steps, table)
print(mask.tolist(), selection_sentence(table, steps, tally(table, mask)))
"""


def test_a_gesture_is_a_file_and_a_line(tmp_path: Path) -> None:
    gestures = "dashboards/session/gestures"
    change = {
        f"{gestures}/classes.py": GESTURE,
        f"{gestures}/__init__.py": (
            Edit(
                "from dashboards.session.gestures.contract import",
                "from dashboards.session.gestures.classes import Classes\n"
                "from dashboards.session.gestures.contract import",
            ),
            Edit('    "Cells",\n', '    "Cells",\n    "Classes",\n'),
        ),
    }
    said = run(added("a gesture", change, tmp_path), USE_GESTURE)
    assert said == "[True, False, True, True] 3 images of 2 classes, 1 misclassified"


VIEW = '''"""How many images are selected, in one number."""

import panel as pn

from dashboards.session import needs
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of, View


class CounterView(View):
    """Counts."""

    needs = (needs.PREDICTIONS.saying("The count appears after the teacher's first epoch."),)

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        super().__init__(session, of=of)
        self._text = pn.pane.HTML("")
        self.link(self._text)

    def prepare(self, scene: Scene) -> int:
        assert scene.table is not None
        return scene.table.rows if scene.mask is None else int(scene.mask.sum())

    def publish(self, prepared: int) -> None:
        self._text.object = f"{prepared} counted"
'''
USE_VIEW = """
import sys
from pathlib import Path
from bokeh.document import Document
from loops import in_own_loop
from panel.pane import HTML
from dashboards.pages.diagnose import PAGE
from dashboards.session.gestures import Samples
from dashboards.session.selection import Mode, Step
from dashboards.session.session import Session
from dashboards.views.counter.view import CounterView
from deepvid.store import import_archive


class Now(Session):
    def schedule(self, function):
        self.__dict__.setdefault("waiting", []).append(function)

    def select_now(self, *samples):
        self.linker.commit((Step(Mode.REPLACE, Samples(samples)),)).result(60)
        while self.waiting:
            self.waiting.pop(0)()


async def use(store):
    session = Now(store, Document(), {PAGE.name: PAGE.state})
    session.go("")
    PAGE.build(session)
    session.refresh().result(60)
    (view,) = (view for view in session.linker.views if isinstance(view, CounterView))
    session.select_now(*session.population.samples[:5].tolist())
    return view.__panel__().select(HTML)[0].object


store = Path(sys.argv[2])
import_archive(Path(sys.argv[1]), store)
print(in_own_loop(lambda: use(store)))
"""


def test_a_view_is_a_room_and_a_line(tmp_path: Path) -> None:
    change = {
        "dashboards/views/counter/view.py": VIEW,
        "dashboards/pages/diagnose.py": (
            Edit(
                "from dashboards.views.confusion import ConfusionView\n",
                "from dashboards.views.confusion import ConfusionView\n"
                "from dashboards.views.counter.view import CounterView\n",
            ),
            Edit(
                "parts = row(left, right)",
                "parts = row(row(left, card(CounterView(session), 1)), right)",
            ),
        ),
    }
    packages = added("a view", change, tmp_path / "packages")
    golden = Path(__file__).parents[2] / "golden" / "version_1.zip"
    assert run(packages, USE_VIEW, str(golden), str(tmp_path / "store")) == "5 counted"


COMPUTED = '''"""How the strongest square of the image under study speaks."""

from typing import ClassVar

from dashboards.kit.card import Computation, ComputedCard
from dashboards.kit.elements import Element, column, quiet, title
from dashboards.session import needs
from dashboards.session.scene import Scene
from deepvid.engine.requests import Superpixels, SuperpixelWeights


class StrongestView(ComputedCard[Superpixels, SuperpixelWeights]):
    """Follows the focus."""

    needs = (needs.IMAGES, needs.PREDICTIONS, needs.FOCUS)
    follows: ClassVar = ("run", "focus")
    look = "strongest-card"
    computation = Computation(
        "strongest", "Covering", "It is coming …", "It stopped.", "Again", "It is computed."
    )

    def request(self, scene: Scene) -> Superpixels:
        return Superpixels(scene.studied.run.address, scene.studied.sample, 0)

    def card(self, scene: Scene, found: SuperpixelWeights) -> Element:
        return column(title(f"At most {found.weight.max():.1f}"), quiet(f"of {found.masks} masks"))
'''
USE_COMPUTED = """
import sys
from pathlib import Path
import numpy as np
from bokeh.document import Document
from loops import in_own_loop
from dashboards.kit.elements import words
from dashboards.pages.diagnose import PAGE
from dashboards.session import computing
from dashboards.session.session import Session
from dashboards.views.strongest import StrongestView
from deepvid.engine.client import Job
from deepvid.engine.requests import Superpixels, SuperpixelWeights
from deepvid.store import import_archive


class Engine:
    def submit(self, request, session):
        job = Job(request)
        if isinstance(request, Superpixels):
            self.job = job
        return job


class Now(Session):
    def schedule(self, function):
        self.__dict__.setdefault("waiting", []).append(function)

    def settle(self):
        self.refresh().result(60)
        while self.waiting:
            self.waiting.pop(0)()


async def use(store):
    engine = Engine()
    computing.refusal, computing.engine = (lambda: ""), (lambda: engine)
    session = Now(store, Document(), {PAGE.name: PAGE.state})
    session.go("")
    PAGE.build(session)
    session.settle()
    session.pages["diagnose"].tab = "strongest"
    session.settle()
    (view,) = (view for view in session.linker.views if isinstance(view, StrongestView))
    print(words(view.component.shown), view.component.work["text"])
    engine.job.run(lambda request, progress: SuperpixelWeights(np.eye(2), 3, 300, 0.8, 0.9))
    session.settle()
    session.settle()
    print(words(view.component.shown))


store = Path(sys.argv[2])
import_archive(Path(sys.argv[1]), store)
in_own_loop(lambda: use(store))
"""


def test_a_computed_card_is_a_file_and_a_line(tmp_path: Path) -> None:
    tab = Edit(", PathView),\n", ', PathView),\n    Tab("strongest", "Strongest", StrongestView),\n')
    view = "from dashboards.views.strongest import StrongestView"
    change = {
        "dashboards/views/strongest.py": COMPUTED,
        "dashboards/pages/diagnose.py": (
            Edit("from dashboards.session.session", f"{view}\nfrom dashboards.session.session"),
            tab,
        ),
    }
    packages = added("a card", change, tmp_path / "packages")
    golden = Path(__file__).parents[2] / "golden" / "version_1.zip"
    printed = run(packages, USE_COMPUTED, str(golden), str(tmp_path / "store"))
    assert printed.splitlines() == ["It is coming … Covering", "At most 1.0of 300 masks"]


CARD = '''"""How large the chosen run is."""

from dashboards.views.archive.tab import Sheet, Tab
from deepvid.store import RunListing


class SizeTab(Tab):
    """Says it."""

    def sheet(self, listing: RunListing) -> Sheet:
        return Sheet(f"{listing.id} is small")
'''
USE_TABS = """
import sys
from pathlib import Path
from bokeh.document import Document
from loops import in_own_loop
from dashboards.pages.catalogue import PAGES
from dashboards.session.session import Session
from dashboards.kit.component import CardComponent
from dashboards.kit.elements import words
from dashboards.views.counter.view import CounterView
from dashboards.kit.tab_bar import TabBar
from deepvid.store import import_archive


async def use(store):
    session = Session(store, Document(), {page.name: page.state for page in PAGES})
    session.go("")
    for page in (page for page in PAGES if "tab" in page.state.param):
        content, state = page.build(session), session.pages[page.name]
        state.tab = state.from_query({"tab": "added"})["tab"]
        (bar,) = (bar for bar in content.select(TabBar) if bar.tabs[-1] == ["added", "Added"])
        cards = [words(card.shown) for card in content.select(CardComponent) if card.look == "run-panel"]
        print(page.name, state.to_query(), bar.chosen, *cards or [type(session.linker.views[-1]).__name__])


store = Path(sys.argv[2])
import_archive(Path(sys.argv[1]), store)
in_own_loop(lambda: use(store))
"""


def test_a_tab_of_any_page_is_what_it_shows_and_a_line(tmp_path: Path) -> None:
    view, card = (
        Edit("from dashboards.session.session", f"{imported}\nfrom dashboards.session.session")
        for imported in (
            "from dashboards.views.counter.view import CounterView",
            "from dashboards.views.archive.size import SizeTab",
        )
    )
    change = {
        "dashboards/views/counter/view.py": VIEW,
        "dashboards/views/archive/size.py": CARD,
        "dashboards/pages/diagnose.py": (view, _after("PathView", "CounterView")),
        "dashboards/pages/training.py": (view, _after("ForksView", "CounterView")),
        "dashboards/pages/time_travel.py": (view, _after("DifferencesView", "CounterView")),
        "dashboards/pages/archive.py": (card, _after("DeleteTab", "SizeTab")),
    }
    packages = added("a tab", change, tmp_path / "packages")
    golden = Path(__file__).parents[2] / "golden" / "version_1.zip"
    printed = run(packages, USE_TABS, str(golden), str(tmp_path / "store")).splitlines()
    assert printed[:-1] == [
        f"{page} {{'tab': 'added'}} added CounterView" for page in ("diagnose", "training", "time-travel")
    ]
    assert printed[-1].startswith("archive {'tab': 'added'} added ")
    assert printed[-1].endswith(" is small")


def _after(last: str, added: str) -> Edit:
    """A tab after the last one of a page."""
    return Edit(f", {last}),\n", f', {last}),\n    Tab("added", "Added", {added}),\n')
