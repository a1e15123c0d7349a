"""How loss, accuracy and learning rate went; a brush of epochs selects the images that changed class."""

from collections.abc import Iterator
from typing import Any, ClassVar

from dashboards.data.training import EPOCH, STEP, Numbers, TrainingCourse, accuracy_among, course
from dashboards.data.training_steps import StepCourse, live_steps, recorded_course, with_live
from dashboards.kit.card import Card
from dashboards.kit.elements import Box, Choice, Element, HelpButton, header, row, text
from dashboards.session.gestures import ClassChanges
from dashboards.session.modifiers import apply_click
from dashboards.session.scene import Scene
from dashboards.session.selection import Steps
from dashboards.session.session import Session
from dashboards.views.training.state import CurveAxes, TrainingView, beside
from dashboards.views.training.table import UNITS, Lines, curves, keys, sentence
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.store import Run
from deepvid.stored_training import SERIES as TEACHER
from deepvid.stored_training import trained_series

POINTS = 240  # of a line by steps
LIVE_POINTS = 60  # of it, in the epoch under way
LINEAR, RATIOS = "linear", "ratios"
SCALES = (
    (LINEAR, "linear", "Equal differences of losses are equally far apart"),
    (RATIOS, "log", "Equal ratios of losses are equally far apart"),
)


class CurvesView(Card, TrainingView):
    """Of the run, of the selection beside it, and of another run on the same axes."""

    title = "Training"
    subject = "The training"
    look = "training-curves"
    help: ClassVar = Help(
        what="Loss, accuracy and learning rate after each epoch: of the test images in ink, with 95 % "
        "intervals, and of the training images, gray, as they were met during the epoch. With a selection "
        "its accuracy is drawn, too; a second run is dashed.",
        use="Drag over epochs, or hold Shift with the arrow keys and press Enter, to select the images that "
        "were given another class in them, on every page. Epochs that are still to come have no line yet.",
        beware="Training images were met while the weights still moved, and with dropout: their line is of "
        "the epoch, not of its end. Two runs on other images are not comparable.",
        source="Wilson 1927 for shares; the mean's standard error for losses.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.showing.watch(session, ["status"], self._follow)

    def actions(self) -> Actions:
        """`brush` selects, the others choose axes and the run beside."""
        return {
            "brush": self._brush,
            "axis": lambda name: self.update(axis=name),
            "scale": lambda name: self.update(ratios=name == RATIOS),
            "beside": lambda run: self.update(beside=run),
        }

    def prepare(self, scene: Scene) -> Element:
        """Reads what is stored."""
        run, axes = scene.run, scene.own
        assert run is not None
        own, other = course(run), beside(axes)
        running = run.status().state == "running" and own.epochs < own.planned
        scale = RATIOS if axes.ratios else LINEAR
        steps = recorded_course(run, POINTS)
        if running and steps is not None and STEP in own.ends:
            steps = _with_live(run, own, steps)
        lines = Lines(own, selection_accuracy(scene), other, steps)
        return Box(
            (
                header(
                    sentence(own, running=running),
                    *_choices(own, axes),
                    HelpButton("this plot", **self.help),
                ),
                row(
                    text(*keys(lines), tag="p", look="quiet keys"),
                    Choice("scale", SCALES, scale, segments=True, label="Scale of losses"),
                    look="spread",
                ),
                curves(lines, _axis(own, axes), band_of(scene.steps, own.epochs), ratios=axes.ratios),
            ),
            look="filled",
        )

    def _follow(self, *_: Any) -> None:
        """Draws an epoch under way further; what other stages report changes no curve."""
        status = self.session.status
        if status is not None and status.state == "running" and status.stage == TEACHER:
            self.redraw()

    def _brush(self, asked: Any) -> None:
        run = self.session.run
        epochs = 0 if run is None or (series := trained_series(run)) is None else series.epochs
        if asked["first"] < epochs:  # the others are still to come
            last = min(asked["last"], epochs - 1)
            apply_click(self.session, asked, ClassChanges(asked["first"] + 1, last + 1))


def _with_live(run: Run, own: TrainingCourse, steps: StepCourse) -> StepCourse:
    """Goes on with the epoch under way, if it has begun; it is as long as the last one."""
    live = live_steps(run, own.epochs)
    begin, end = (0.0, *own.ends[STEP])[-2:]
    return with_live(steps, live, own.epochs, end - begin, LIVE_POINTS) if len(live) else steps


def _choices(own: TrainingCourse, axes: CurveAxes) -> Iterator[Choice]:
    units = tuple((unit, UNITS[unit], f"The axis counts {UNITS[unit]}") for unit in own.ends)
    if len(units) > 1:
        yield Choice("axis", units, _axis(own, axes), segments=True, label="Axis")
    others = [("", "one run", ""), *((run, f"with {run}", "") for run in axes.runs)]
    if axes.beside and axes.beside not in axes.runs:
        others.append((axes.beside, f"{axes.beside} has no epochs here", ""))
    if len(others) > 1:
        yield Choice("beside", tuple(others), axes.beside, label="On the same axes")


def _axis(own: TrainingCourse, axes: CurveAxes) -> str:
    return axes.axis if axes.axis in own.ends else EPOCH


def band_of(steps: Steps, epochs: int) -> tuple[int, int] | None:
    """The places of the epochs whose changes are selected, of all classes."""
    for _, gesture in reversed(steps):
        if isinstance(gesture, ClassChanges) and gesture.label is None and gesture.last <= epochs:
            return gesture.first - 1, gesture.last - 1
    return None


def selection_accuracy(scene: Scene) -> Numbers:
    """Accuracy of the selected test images after each epoch; nothing where none are selected."""
    run, table = scene.run, scene.table
    series = None if run is None else trained_series(run)
    if run is None or series is None or scene.mask is None or table is None or table.epochs is None:
        return ()
    return accuracy_among(run, series, table.epochs.answered_by(scene.mask)) if table.labeled else ()
