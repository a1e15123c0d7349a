"""Why the image under study is taken for one class and not another, by its student and by other methods."""

from typing import Any, ClassVar

from dashboards.kit.card import Card
from dashboards.kit.elements import Element
from dashboards.session import needs
from dashboards.session.engine_task import FitTask, TaskStatus, unkept
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of
from dashboards.views.explain.content import OpenSheet, Own, content
from dashboards.views.explain.curve import CurveTask, texts_of
from dashboards.views.explain.settings import typed
from dashboards.views.explain.tuning import TuningTask
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from dashboards.widgets.work import work_line
from deepvid.errors import ConfigError

NO_FOCUS = (
    "Why it is taken for one class and not another appears here, by the methods that are worth believing."
)


class ExplainView(Card):
    """Follows the focus, the run as students are committed, and what this session fits itself."""

    subject = "The explanation of #{focus}"
    needs = (needs.IMAGES.saying(NO_FOCUS), needs.FOCUS.saying(NO_FOCUS))
    follows: ClassVar = (
        "run",
        "table",
        "version",
        "focus",
        "beside",
        "overlay",
        "student",
        "fitted",
        "explained",
    )
    look = "explain-card"
    help: ClassVar = Help(
        what="What speaks for the predicted class and against the true one or, where it is right, the "
        "runner-up: the five maps that are worth the most on this image. All explain the same quantity, the "
        "difference of two logits.",
        use="A click lays a map over the image. Below each, how much of that difference is lost without its "
        "strongest tenth of pixels: above the gray band, the same map laid elsewhere loses less. ✓ holds: "
        "more than the luckiest of as many maps. ◐ partly: more than one. ○ does not. Absent pixels take "
        "colors that no method fills with; a second judge, the autoencoder, fills them in. ≠ it holds by one "
        "alone. Over the run: insertion − deletion, what they bring of the answer less what stays without "
        "them.",
        beware="The student's answer, which is not quite the teacher's, is what it says of its neighbors' "
        "mean and what this image's pixels add. Where they add little, its neighbors are taken for "
        "that class already. Where no map beats chance on this image, all are gray. A student "
        "that is not at the optimum shows its optimizer: the curve, in Settings, says how far. Tuned "
        "settings are the best of many on few neighbors: their KL is a little too good.",
        source="Students: locally weighted linear models, as in LIME (Ribeiro et al. 2016), anchored in "
        "the teacher's mean Jacobian. Integrated gradients: Sundararajan et al. 2017. Deletion "
        "and insertion: Petsiuk et al. 2018.",
    )

    def __init__(self, session: Session, *, of: Of = "focus") -> None:
        self._fitting = FitTask(session, lambda: self._report(self._fitting.status, "Fitting", "work"))
        self._tuning = TuningTask(
            session, lambda: self._report(self._tuning.status, "Tuning", "tuning"), of=of
        )
        self._following = CurveTask(
            session,
            lambda: self._report(self._following.status, "Drawing the curve of", "curve"),
            of=f"{of} curve",
        )
        self._fault = TaskStatus()  # what was typed wrongly, and for which image
        self._opened: OpenSheet | None = None
        self._typed: dict[str, str] = {}  # of a student, when the sheet of its curve was opened
        super().__init__(session, of=of)
        self.showing.watch(session.navigation, "run", self._forget)
        self.showing.watch(session.navigation, of, self._close)
        self._running = self._is_running()
        self.showing.watch(session, "status", self._follow_status)

    def actions(self) -> Actions:
        """`fit`, `curve` and `follow` {sample, texts: of settings, by name}; `tuning` and `tune` sample;
        `close` the sheet, `leave` tuning, `stop` the curve; `settings` key, `overlay` method or None.
        """
        return {
            "fit": self._fit,
            "cancel": lambda _: self._cancel(),
            "tuning": self._open_tuning,
            "tune": self._tune,
            "leave": lambda _: self._tuning.cancel(),
            "curve": self._open_curve,
            "follow": self._follow,
            "stop": lambda _: self._following.cancel(),
            "close": self._close,
            "settings": self._choose,
            "overlay": self._lay,
        }

    def local_state(self) -> Own:
        """State that the scene does not have."""
        subject = f"#{self.sample}"
        asked = self._fitting.status.about(subject)
        asked = self._fault if self._fault.subject == subject and not asked.busy else asked
        return Own(
            asked,
            self._tuning.status.about(subject),
            self._tuning.of(self.sample),
            self._following.status.about(subject),
            self._following.of(self.sample),
            self._is_running(),
            unkept(self.session),
            self._opened,
        )

    def prepare(self, scene: Scene) -> Element:
        """Reads and draws the maps; where there are none, says what can be done."""
        return content(scene)

    def _forget(self, *_: Any) -> None:
        self._fitting.cancel()
        self._tuning.forget()
        self._following.forget()
        self._opened = None

    def _is_running(self) -> bool:
        status = self.session.status
        return status is not None and status.state == "running"

    def _follow_status(self, *_: Any) -> None:
        before, self._running = self._running, self._is_running()
        if self._running != before:
            self.redraw()

    def _choose(self, settings_key: str) -> None:
        self.session.navigation.student = settings_key

    def _lay(self, method: str | None) -> None:
        self.session.navigation.overlay = method or ""

    def _fit(self, asked: Any) -> None:
        run, sample = self.session.run, self.sample
        if run is None or sample is None or asked["sample"] != sample:
            return
        self._opened = None
        self._fault = TaskStatus()
        try:
            settings = typed(run.config.get("students", {}), asked["texts"])
        except ConfigError as error:
            self._fault = TaskStatus(subject=f"#{sample}", error=error.found)
        else:
            self._fitting.fit(run, sample, settings)
        self.redraw()

    def _open_tuning(self, sample: int) -> None:
        self._opened = OpenSheet(sample, "tuning", {})
        if self._tuning.of(sample) is None:
            self._tune(sample)
        self.redraw()

    def _tune(self, sample: int) -> None:
        run = self.session.run
        if run is not None and sample == self.sample:
            self._tuning.tune(run, sample)

    def _open_curve(self, asked: Any) -> None:
        sample, self._typed = asked["sample"], asked["texts"]
        found = self._following.of(sample)
        self._opened = OpenSheet(sample, "curve", texts_of(found, self._typed))
        if found is None:
            self._follow({"sample": sample, "texts": self._opened.texts})
        self.redraw()

    def _follow(self, asked: Any) -> None:
        run, sample = self.session.run, asked["sample"]
        if run is not None and sample == self.sample:
            self._following.descend(run, sample, {**self._typed, **asked["texts"]})
            self.redraw()

    def _close(self, *_: Any) -> None:
        if self._opened is not None:
            self._opened = None
            self.redraw()

    def _cancel(self) -> None:
        self._fitting.cancel()

    def _report(self, asked: TaskStatus, doing: str, name: str) -> None:
        """Work has told something: only its line moves, until it begins or ends."""
        lines = {other: line for other, line in self.component.works.items() if other != name}
        if asked.busy:
            lines[name] = work_line(f"{doing} {asked.subject}", asked.tick)
        changed = (name in lines) != (name in self.component.works)
        with self.session.hold():
            self.component.works = lines
            if changed:
                self.redraw()
