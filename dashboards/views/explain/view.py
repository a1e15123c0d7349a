"""Why the image under study is taken for one class and not another, by its student and by other methods."""

from typing import Any, ClassVar

import xarray as xr

from dashboards.session import needs
from dashboards.session.engine_task import Answer, FitTask, LazyResult, TaskStatus, unkept
from dashboards.session.needs import Missing as Lacking
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.view import Of, View
from dashboards.views.explain.content import Own, Prepared, content
from dashboards.views.explain.curve import CurveTask
from dashboards.views.explain.explain_card import ExplainCard
from dashboards.views.explain.settings import typed
from dashboards.views.explain.tuning import TuningTask
from dashboards.widgets.component import Nothing
from dashboards.widgets.help import Help
from dashboards.widgets.work import WorkLine, work_line
from deepvid.engine.requests import ExplainImage
from deepvid.errors import ConfigError

NO_FOCUS = (
    "Why it is taken for one class and not another appears here, by the methods that are worth believing."
)


class ExplainView(View):
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
        super().__init__(session, of=of)
        self._fitting = FitTask(session, lambda: self._report(self._fitting.status, "Fitting", "work"))
        self._tuning = TuningTask(
            session, lambda: self._report(self._tuning.status, "Tuning", "tuning"), of=of
        )
        self._following = CurveTask(
            session,
            lambda: self._report(self._following.status, "Drawing the curve of", "following"),
            of=f"{of} curve",
        )
        self._explaining = LazyResult[ExplainImage, xr.Dataset](session, self._report_maps, of=of)
        self._infill: int | None = None
        self._taken: Answer[ExplainImage, xr.Dataset] | None = None
        self._fault = TaskStatus()  # what was typed wrongly, and for which image
        self._widget = ExplainCard(
            {
                "fit": self._fit,
                "cancel": lambda _: self._cancel(),
                "explain": self._explain,
                "infill": self._ask_infill,
                "tune": self._tune,
                "leave": lambda _: self._tuning.cancel(),
                "follow": self._follow,
                "stop": lambda _: self._following.cancel(),
                "settings": self._choose,
                "overlay": self._lay,
            },
            sizing_mode="stretch_both",
        )
        self.showing.watch(session.navigation, "run", self._forget)
        self._running = self._is_running()
        self.showing.watch(session, "status", self._follow_status)
        self.link(self._widget)

    def local_state(self) -> Own:
        """What the scene does not know."""
        subject = f"#{self.sample}"
        asked = self._fitting.status.about(subject)
        asked = self._fault if self._fault.subject == subject and not asked.busy else asked
        tuning = self._tuning.status.about(subject)
        return Own(
            asked,
            self._explaining.status,
            self._infill,
            tuning,
            self._tuning.of(self.sample),
            self._following.status.about(subject),
            self._following.of(self.sample),
            self._is_running(),
            unkept(self.session),
        )

    def prepare(self, scene: Scene) -> Prepared:
        """Reads and draws the maps; where there are none, says what can be done."""
        return content(scene)

    def publish(self, prepared: Prepared) -> None:
        """Shows the card, what tuning found and the last curve, each where it is another one, and asks for
        maps that are lacking, once.
        """
        if prepared.card != self._widget.card:
            self._widget.param.update(card=prepared.card, maps=prepared.maps)
        self._widget.front = prepared.front or {}
        self._widget.course = prepared.course or {}
        self._explaining.follow(prepared.request)

    def show_placeholder(self, lacks: Lacking) -> None:
        """Nothing is under study: nothing is asked."""
        super().show_placeholder(lacks)
        self._explaining.follow(None)

    def _forget(self, *_: Any) -> None:
        self._fitting.cancel()
        self._tuning.forget()
        self._following.forget()
        self._infill = None

    def _is_running(self) -> bool:
        status = self.session.status
        return status is not None and status.state == "running"

    def _follow_status(self, *_: Any) -> None:
        before, self._running = self._running, self._is_running()
        if self._running != before:
            self.redraw()

    def _choose(self, settings_key: str) -> None:
        self.session.navigation.student = settings_key

    def _lay(self, method: str) -> None:
        self.session.navigation.overlay = method

    def _fit(self, texts: dict[str, str] | None) -> None:
        run, sample = self.session.run, self.sample
        if run is None or sample is None:
            return
        subject = f"#{sample}"
        try:
            settings = typed(run.config.get("students", {}), texts or {})
        except ConfigError as error:
            self._fault = TaskStatus(subject=subject, error=error.found)
            self.redraw()
            return
        self._fault = TaskStatus()
        self._fitting.fit(run, sample, settings)

    def _tune(self, wanted: Any) -> None:
        run, sample = self.session.run, self.sample
        if run is not None and sample is not None and wanted == sample:
            self._tuning.tune(run, sample)

    def _follow(self, wanted: Any) -> None:
        run, shown = self.session.run, self.sample
        match wanted:
            case [int(sample), dict(texts)] if run is not None and sample == shown:
                self._following.descend(run, sample, texts)
                self.redraw()

    def _explain(self, sample: Any) -> None:
        if self._explaining.again(sample, self.sample):
            self.redraw()

    def _ask_infill(self, sample: Any) -> None:
        if sample == self.sample:
            self._infill = self.sample
            asked = self._explaining.status.request
            if asked is None or not asked.infill or not self._explaining.again(sample, self.sample):
                self.redraw()

    def _cancel(self) -> None:
        self._fitting.cancel()
        self._explaining.cancel()

    def _report_maps(self) -> None:
        """Maps that have arrived are the session's, whichever view looks at them."""
        answer, run = self._explaining.answer, self.session.run
        if answer is not None and answer is not self._taken and run is not None:
            self._taken = answer
            if answer.request.run == run.address:
                self.session.take_explanation(run, answer.result)
        if not self._fitting.busy:
            self._report(self._explaining.task, "Explaining", "work")

    def _report(self, asked: TaskStatus, doing: str, parameter: str) -> None:
        """Work has told something: only its line moves, until it begins or ends."""
        before = bool(getattr(self._widget, parameter))
        line: WorkLine | Nothing = work_line(f"{doing} {asked.subject}", asked.tick) if asked.busy else {}
        with self.session.hold():
            self._widget.param.update(**{parameter: line})
            if bool(line) != before:
                self.redraw()
