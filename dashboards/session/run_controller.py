"""The run that a session shows: opened, grown, left."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, wait

from dashboards.data.orders import to_study
from dashboards.data.population import SPLITS, Mask, Population, population
from dashboards.data.query import QueryError, check
from dashboards.data.runs import forget, reader
from dashboards.data.trust import behind, judge
from dashboards.session.failing import Failed, explained, failed
from dashboards.session.gestures import Gesture, Query
from dashboards.session.scene import Scene
from dashboards.session.work import EXECUTOR
from dashboards.session.workspace import Workspace
from deepvid.errors import DeepVIDError
from deepvid.store import Run, RunListing, is_url, require_begun

PATIENCE = 0.5  # s that opening a run takes at most for its page to begin with what is explained


class RunController:
    """The run of one session, and the sample that is offered for study until a person chooses one."""

    def __init__(self, session: Workspace) -> None:
        self._session = session
        self._judging = VerdictLoader(session, self.judged)
        self._offered: int | None = None
        self.commits = 0  # of the open run that its views know
        self.failure: Failed | None = None  # why no run is open although one was asked for
        self._missed = ("", "")  # the id of a run that has gone, and the notice that says so

    def resolve(self, prefix: str) -> str:
        """The id that an address names; the newest run's where it names none, or none that is here."""
        session = self._session
        try:
            session.listing.look_for_page()
            session.listed = session.listing.version
        except Exception as error:
            self._refuse("The store", error)
            return ""
        if not (prefix or session.listing.newest):
            self.failure = self._unreadable()
        try:
            return session.listing.find(prefix).id if prefix else session.listing.newest
        except DeepVIDError as error:
            session.notice = str(error)
            return ""

    def open(self, run_id: str) -> None:
        """Opens a run of the listing; where that fails, the open one stays, or `failure` says why none is."""
        session = self._session
        if session.run is not None and run_id == session.run.id:
            return
        listing: RunListing | None = None
        try:
            listing = session.listing.find(run_id) if run_id else None
            run = reader(require_begun(listing).path) if listing else None
            table = population(run) if run else None
        except Exception as error:
            self._refuse(f"The run {run_id}", error, listing)
            session.navigation.run = session.run.id if session.run else run_id
            return
        self.failure = None if run else self._unreadable()
        session.run, session.population = run, table
        if run is not None:
            self._judging.begin(run, PATIENCE)
            session.population = population(run)
        for notes in session.notes:
            notes.open(run)
        session.selection.reset()
        session.linker.reset()  # nothing of the old run is published from here on
        session.navigation.forget()
        for state in session.pages.values():
            state.forget()
        session.status = run.status() if run else None
        self.commits = len(run.commits) if run else 0
        self.offer()
        session.version += 1
        session.refresh()

    def _refuse(self, what: str, error: Exception, listing: RunListing | None = None) -> None:
        session = self._session
        if session.run is None:
            self.failure = failed(what, Scene(session.store), error, listing)
        else:
            session.fault(error)

    def _unreadable(self) -> Failed | None:
        """The failure of the latest run of a store that has none to show; None where it has no run."""
        for listing in self._session.listing.runs[:1]:
            try:
                reader(require_begun(listing).path)
            except Exception as error:
                return failed(f"The run {listing.id}", Scene(self._session.store), error, listing)
        return None

    def grow(self, run: Run) -> None:
        """The open run has committed something: its views read it, and what is offered may change."""
        session = self._session
        session.population = population(run, session.navigation.split)
        self.commits = len(run.commits)
        session.version += 1
        session.refresh().add_done_callback(self._offer_again)
        self._judging.begin(run)

    def show_split(self, split: str) -> None:
        """Shows the test or the training images of the open run; the selection is made among these."""
        session = self._session
        if session.run is None or session.population is None or session.population.split == split:
            return
        try:
            table = population(session.run, split)
        except Exception as error:
            session.fault(error)
            table = None
        if table is None or table.split != split:  # it has no such images, or they cannot be read
            session.navigation.split = session.population.split
            return
        session.population = table
        lost = [name for name in ("focus", "pin") if not _has(table, getattr(session.navigation, name))]
        session.navigation.param.update(dict.fromkeys(lost))
        session.version += 1
        steps = tuple(step for step in session.selection.steps if _has_meaning(step.gesture, table))
        if steps != session.selection.steps:
            session.notice = f"What was selected has no meaning among the {split} images."
        session.refresh(self.study, steps)

    def show_split_of(self, sample: int | None) -> None:
        """Shows the images that a sample is one of."""
        navigation, table = self._session.navigation, self._session.population
        if table is None or sample is None or not table.has(sample):
            return
        if table.row_of(sample) is None:
            navigation.split = next(split for split in SPLITS if split != table.split)

    def judged(self, table: Population | None) -> None:
        """More is known of the run's students: its views show it, and what is offered may change."""
        self._session.population = table
        self._session.refresh().add_done_callback(self._offer_again)

    def offer(self) -> None:
        """Nobody has to click first: the most confident error that is explained is under study until then."""
        session = self._session
        scene = session.linker.scene  # whose table and mask agree
        if scene.table is None or session.navigation.focus not in (None, self._offered):
            return
        first = _first(scene.table, scene.mask)
        if first is not None:
            with session.hold():
                self.take(first)

    def study(self, scene: Scene) -> int | None:
        """A gesture takes its first image under study, unless a person has chosen one that it selects."""
        if scene.table is None:
            return scene.focus
        chosen = scene.focus not in (None, self._offered)
        if chosen and (scene.mask is None or (scene.row is not None and scene.mask[scene.row])):
            return scene.focus
        first = _first(scene.table, scene.mask)
        return scene.focus if first is None else first

    def take(self, sample: int | None) -> None:
        """Puts under study what nobody has chosen."""
        self._offered = self._session.navigation.focus = sample

    def offers(self, sample: int | None) -> bool:
        """Whether a sample is under study that nobody has chosen."""
        return sample is not None and sample == self._offered

    def chosen(self) -> None:
        """A person has chosen a sample: nothing is offered any more."""
        self._offered = None

    def leave(self, run_id: str) -> None:
        """Shows the newest readable run instead of one that is gone, and asks nothing about it."""
        session, newest = self._session, self.resolve("")
        opened = session.navigation.run
        for state in session.pages.values():
            state.left(run_id, opened)
        if opened == run_id:
            session.navigation.run = newest

    def removed(self, run: Run) -> None:
        """Somebody has deleted or moved the run that is shown: the newest one takes its place."""
        forget(run.address)
        self._missed = run.id, f"{run.id} was deleted or moved."
        with self._session.hold():
            self.leave(run.id)
            self._session.notice = self._missed[1]

    def welcome_back(self) -> None:
        """Takes back that a run has gone, where it is listed again."""
        session, (run_id, said) = self._session, self._missed
        if run_id and any(listing.id == run_id for listing in session.runs):
            self._missed = ("", "")
            if session.notice == said:
                with session.hold():
                    session.notice = ""

    def _offer_again(self, _: Future[None]) -> None:
        self._session.schedule(self.offer)  # once the views show what it is from


def _has_meaning(gesture: Gesture, table: Population) -> bool:
    """Whether a query can be asked of these images; of kinds of mistakes, training images are none."""
    try:
        if isinstance(gesture, Query):
            check(gesture.text, table)
        return True
    except QueryError:
        return False


def _has(table: Population, sample: int | None) -> bool:
    return sample is None or table.row_of(sample) is not None


def _first(table: Population, mask: Mask | None) -> int | None:
    """The sample of a mask to look at first; None without a teacher or an image."""
    row = to_study(table, mask)
    return None if row is None else int(table.samples[row])


class VerdictLoader:
    """Reads trust in a run's students in a thread, once at a time; what comes meanwhile is read next."""

    def __init__(self, session: Workspace, judged: Callable[[Population | None], None]) -> None:
        """`judged` takes the rows of whose students more is known."""
        self._session, self._judged = session, judged
        self._reading: Future[None] | None = None

    def begin(self, run: Run, patience: float = 0.0) -> None:
        """Reads what was not read yet. Waits so many seconds; later, the session takes it by itself."""
        if self._reading is not None or not behind(run):
            return
        self._reading = EXECUTOR.submit(judge, run)
        wait([self._reading], patience)
        self._reading.add_done_callback(lambda _: self._session.schedule(self._end))

    def _end(self) -> None:
        self._reading = None
        session = self._session
        if session.run is None:
            return
        if (table := population(session.run, session.navigation.split)) is not session.unmarked:
            self._judged(table)
        self.begin(session.run)


class RunPoller:
    """Looks at a run that may be growing: a few `stat` a second, more only after a commit."""

    def __init__(self, session: Workspace, opening: RunController) -> None:
        self._session, self._opening = session, opening
        self._trouble = ""  # what the last look at the run met

    def look(self) -> None:
        """Lists the store's runs anew where it changed, and reads what the open run has committed since."""
        try:
            self._look()
        except Exception as error:
            self._tell(str(explained(error)), error)
        else:
            self._tell("")

    def _look(self) -> None:
        session = self._session
        changed = session.listing.changed
        session.listing.look_for_poll()
        if session.listed != session.listing.version:
            with session.hold():
                session.listed = session.listing.version
        resting = self._opening.failure is not None and session.listing.newest  # it would fail again
        if session.run is not None:
            self._look_at(session.run)
        elif (changed or not resting) and not is_url(session.store):
            with session.hold():  # a listing far away is asked for by a person, not by a clock
                session.list_runs()
                session.navigation.run = session.listing.newest or session.navigation.run
        self._opening.welcome_back()

    def _look_at(self, run: Run) -> None:
        session = self._session
        try:
            run.poll()
            status = run.status()
        except FileNotFoundError:
            self._opening.removed(run)
            return
        with session.hold():
            for notes in session.notes:
                notes.look()
        grown = len(run.commits) != self._opening.commits
        if grown or status != session.status:
            with session.hold():
                session.status = status
                if grown:
                    session.listing.look_at(run.id)
                    session.listed = session.listing.version
                    self._opening.grow(run)

    def _tell(self, trouble: str, error: Exception | None = None) -> None:
        """Says once what keeps the run from being read; when that is over, the views read again."""
        session = self._session
        before, self._trouble = self._trouble, trouble
        if trouble == before:
            return
        if error is not None and not isinstance(error, DeepVIDError):
            logging.getLogger(__name__).error("A look at the store failed", exc_info=error)
        with session.hold():
            if self._opening.failure is None and (trouble or session.notice == before):
                session.notice = trouble  # a page that shows no run says it itself
            if not trouble:
                session.version += 1
                session.refresh()
