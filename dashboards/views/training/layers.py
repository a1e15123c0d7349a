"""How far each layer moves a step, and whether its outputs have settled."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from dashboards.data.training_steps import (
    StepCourse,
    TrainingTicks,
    step_course,
    training_steps,
    training_ticks,
)
from dashboards.kit.card import Card, empty
from dashboards.kit.charts import Curve
from dashboards.kit.elements import Box, Element, header, text
from dashboards.session.scene import Scene
from dashboards.views.training.state import TrainingView
from dashboards.widgets.help import Help
from deepvid.wording import bare, percent, two_digits

POINTS = 60  # of a small line
BAND = (0.05, 0.95)  # of all steps of this run, in which the ratios of a layer mostly are
UNRECORDED = (
    "How far its layers move was not recorded: the run was trained by an earlier version, or elsewhere. "
    "Train it again to see it: the training stays the same, bit for bit."
)

UNWATCHED = (
    "This training logs its steps but not its layers. Call run.watch(model, optimizer) before it begins: "
    "the training stays the same, bit for bit."
)


class LayersView(Card, TrainingView):
    """Kernels by how far they move, and layers by how much their outputs change."""

    title = "Layers"
    subject = "The layers"
    follows: ClassVar = ("run", "version")
    look = "training-table"
    help: ClassVar = Help(
        what="Of each kernel how far a step moves it: mean |update| / mean |parameter|, as a power of ten, "
        "and its gradient. Of each layer how much its outputs for 64 training images drift from probe to "
        "probe: 1 − r of the units’ means, and how often they are above 0.",
        use="Look for a line that lies far from the others, or falls while the rate does not.",
        beware="The usual rule, −4 to −2, is left by healthy trainings, too, as at the end of a schedule: "
        "compare with this run’s own band. Outputs that have settled are no weights that stand still: what "
        "comes before may move.",
        source="Deeplearning4j; the band is this run’s own 5 to 95 %.",
    )

    def prepare(self, scene: Scene) -> Element:
        """Reads the record of the steps and of the probes."""
        run = scene.run
        assert run is not None
        steps, ticks = training_steps(run), training_ticks(run)
        if steps is None or not steps.layers:
            words = UNRECORDED if steps is None else UNWATCHED
            return Box((header(self.title), empty(text(words, tag="p"))), look="filled")
        course = step_course(steps, POINTS)
        return Box(
            (
                header(sentence(course, steps.layers)),
                Box(
                    (kernels(course, steps.layers), None if ticks is None else outputs(ticks)),
                    look="list",
                    role="region",
                    label="Layers",
                    focusable=True,
                ),
            ),
            look="filled",
        )


def sentence(course: StepCourse, layers: Sequence[str]) -> str:
    """`stem.conv moves the least: 4.1 times less than the median layer`."""
    ratio = _powers(course)
    ratio = ratio[~np.isnan(ratio).any(axis=1)]  # a training that was watched may measure every tenth step
    if not ratio.size:
        return "Layers"
    mean = ratio.mean(axis=0)
    least = int(mean.argmin())
    times = 10 ** float(np.median(mean) - mean[least])
    return f"{layers[least]} moves the least: {two_digits(times)} times less than the median layer"


def kernels(course: StepCourse, layers: Sequence[str]) -> Box:
    """A row a kernel: its ratio, this run's band of it, and its gradient."""
    ratio = _powers(course)
    rows = []
    for number, name in enumerate(layers):
        line, gradient = _known(ratio[:, number]), _known(course.gradient_norm[:, number])
        low, high = np.quantile(line, BAND) if len(line) else (np.nan, np.nan)
        rows.append(
            (
                text(name, tag="th", role="rowheader", hint=name),
                _line(line),
                _number(bare(float(line[-1]), 1) if len(line) else ""),
                _number(f"{bare(float(low), 1)} to {bare(float(high), 1)}" if len(line) else ""),
                _line(gradient),
                _number(two_digits(float(gradient[-1])) if len(gradient) else ""),
            )
        )
    titles = ("kernel", "log₁₀ ratio", "last", "5–95 %", "gradient", "last")
    return _table("How far a step moves each kernel", titles, rows)


def outputs(ticks: TrainingTicks) -> Box:
    """A row a layer: how much its outputs drift between two probes, and how often they are above 0."""
    drift, active = (each.reshape(-1, len(ticks.layers)) for each in (ticks.drift, ticks.active))
    known = ~np.isnan(ticks.step.ravel())
    rows = []
    for number, name in enumerate(ticks.layers):
        moved, answered = drift[known, number], active[known, number]
        rows.append(
            (
                text(name, tag="th", role="rowheader", hint=name),
                _line(moved),
                _number(two_digits(float(moved[-1])) if len(moved) and np.isfinite(moved[-1]) else ""),
                _number(""),
                _line(answered),
                _number(percent(float(answered[-1])) if len(answered) else ""),
            )
        )
    return _table("Outputs of each layer", ("layer", "drift", "last", "", "above 0", "last"), rows)


def _known(values: np.ndarray) -> np.ndarray:
    return values[~np.isnan(values)]


def _powers(course: StepCourse) -> np.ndarray:
    return np.log10(np.maximum(course.update_ratio, np.finfo(np.float32).tiny))


def _line(values: np.ndarray) -> Box:
    known = tuple(float(f"{value:.3g}") if np.isfinite(value) else None for value in values.tolist())
    return text(Curve(known, len(known) - 1), tag="td")


def _number(words: str) -> Box:
    return text(words, tag="td", look="number")


def _table(label: str, titles: Sequence[str], rows: Sequence[tuple[Box, ...]]) -> Box:
    numeric = ("last", "5–95 %")
    head = Box(
        tuple(
            text(title, tag="th", role="columnheader", look="number" if title in numeric else "")
            for title in titles
        ),
        "tr",
    )
    body = Box(tuple(Box(row, "tr") for row in rows), "tbody")
    return Box((Box((head,), "thead"), body), "table", label=label)
