"""How an optimizer comes to a student while a person waits, and what is drawn of it."""

from collections.abc import Callable, Mapping
from typing import get_args

import numpy as np

from dashboards.kit import ticks
from dashboards.kit.charts import Chart, Course, Level
from dashboards.kit.elements import Box, column, text
from dashboards.kit.forms import Field, Form, Progress, Sheet, Submit
from dashboards.kit.pictures import Read
from dashboards.session.engine_task import EngineTask, TaskStatus
from dashboards.session.session import Session
from dashboards.views.explain.pictures import key
from dashboards.views.explain.settings import sheet, typed
from deepvid.config import names
from deepvid.config.reading import text_of
from deepvid.engine.requests import Followed, FollowOptimizer
from deepvid.errors import ConfigError
from deepvid.statistics import wilson
from deepvid.store import Run
from deepvid.wording import percent, percent_interval

DIGITS = 4  # significant ones of what is drawn
LEAST = 1e-4  # nats: less is drawn there
ROOM = 1.15  # beyond the least and the largest loss
FIELDS = ("solver", "learning_rate", "steps")
OPTIMIZERS: tuple[str, ...] = get_args(names.Optimizer)
BEGIN = {"solver": "adam", "learning_rate": "0.01"}
RATES = {"sgd": "0.5", "momentum": "0.1", "nesterov": "0.1", "adadelta": "1", "lion": "0.001"}
"""Where a person begins; others: 0.01."""
KEYS = (
    ("fitted", "neighbors it is fitted to"),
    ("held-out", "held out"),
    ("level", "the same at the optimum"),
    ("floor", "guessing the commonest class"),
)


class CurveTask(EngineTask):
    """Curves stay in this page, as long as their run is open."""

    def __init__(self, session: Session, changed: Callable[[], None], *, of: str) -> None:
        super().__init__(session, changed, of=of)
        self._found: dict[int, Followed] = {}  # by sample

    def of(self, sample: int | None) -> Followed | None:
        """The last curve of an image."""
        return None if sample is None else self._found.get(sample)

    def forget(self) -> None:
        """Another run is open."""
        self.cancel()
        self._found = {}

    def descend(self, run: Run, sample: int, texts: Mapping[str, str]) -> None:
        """Returns at once; what was typed wrongly is the `error`."""
        try:
            settings = typed(run.config.get("students", {}), texts)
        except ConfigError as error:
            self.cancel()
            self.subject, self.error = f"#{sample}", error
            return

        def arrived(found: Followed) -> None:
            if run is self._session.run:
                self._found[sample] = found

        seed = int(run.config.get("seed", 0))
        self.ask(f"#{sample}", FollowOptimizer(run.address, sample, settings, seed), arrived)


def texts_of(found: Followed | None, texts: Mapping[str, str]) -> dict[str, str]:
    """Texts that a person begins to type with: of the last curve, else those `texts` of the student, where
    they name an optimizer.
    """
    if found is not None:
        return {name: text_of(getattr(found.settings, name)) for name in FIELDS}
    own = {name: texts[name] for name in FIELDS}
    return own if own["solver"] in OPTIMIZERS else {**own, **BEGIN}


def curve_sheet(sample: int, texts: Mapping[str, str], found: Followed | None, status: TaskStatus) -> Sheet:
    """An optimizer's way to the student of one image, and what asks for another; `texts` are its fields."""
    rates = tuple((name, "learning_rate", RATES.get(name, BEGIN["learning_rate"])) for name in OPTIMIZERS)
    names = tuple((name, name) for name in OPTIMIZERS)
    fields = (
        Field("solver", "Optimizer", texts["solver"], names, implied=rates),
        Field("learning_rate", "Learning rate", texts["learning_rate"]),
        Field("steps", "Steps", texts["steps"], hint="Each step sees every fitted neighbor once: an epoch"),
    )
    draw = Submit(("Draw",), "follow", {"sample": sample}, main=True, look="action")
    waits = (
        "The optimizer begins at zero and takes its steps."
        if status.busy
        else "Choose an optimizer, and see how far its student stays from the best one."
    )
    return sheet(
        f"How an optimizer would come to the student of #{sample}",
        Form(fields, str(sample), (draw,), look="inline"),
        Progress("curve", "stop"),
        text(status.error, tag="p", look="warning") if status.error else None,
        Box((text(waits, tag="p"),), look="empty") if found is None else curve(found),
        look="curve",
        label=f"Training curve of the student of #{sample}",
    )


def curve(found: Followed) -> Box:
    """An optimizer's way in words, in losses and in agreement, and what each line is."""
    keys = (key(look, words) for look, words in KEYS)
    loss, agreement = charts(found)
    return column(
        text(in_words(found), tag="p", look="sentence"),
        Box((_plot(loss), _plot(agreement)), look="halves"),
        text(*keys, tag="p", look="quiet how"),
        Box((Read("", (loss.says[-1],), look="quiet readout"),), role="status"),
        look="grow course",
    )


def charts(found: Followed) -> tuple[Chart, Chart]:
    """Losses, on a logarithmic axis, and agreement; a step is pointed at in both."""
    best, last = found.optimum, len(found.step) - 1
    fitted, held_out = (_rounded(np.maximum(each, LEAST)) for each in (found.fitted, found.held_out))
    losses = [*fitted, *held_out, max(best.fitted, LEAST), max(best.held_out, LEAST)]
    low, high = min(losses) / ROOM, max(losses) * ROOM
    middle = round(last / 2)
    marks = tuple((place, str(found.step[place])) for place in sorted({0, middle, last}))
    says = tuple(
        f"Step {step}: loss {fit:.3f} nats fitted, {held:.3f} held out; agreement {100 * agrees:.0f} %"
        for step, fit, held, agrees in zip(
            found.step.tolist(), found.fitted, found.held_out, found.agreement, strict=True
        )
    )
    loss = Chart(
        (Course(fitted, "fitted"), Course(held_out)),
        last + 1,
        (low, high),
        last,
        ticks=tuple(ticks.ratios(low, high)),
        marks=marks,
        levels=(Level(best.fitted, "fitted"), Level(best.held_out, "")),
        ratios=True,
        says=says,
        label=f"loss: KL at temperature {text_of(found.settings.temperature)}, nats (↓ better)",
    )
    agreement = Chart(
        (Course(_rounded(found.agreement)),),
        last + 1,
        (0.0, 1.0),
        last,
        ticks=tuple((share, f"{100 * share:g} %") for share in (0.0, 0.25, 0.5, 0.75, 1.0)),
        marks=marks,
        levels=(Level(found.floor, "floor"), Level(best.agreement, "")),
        says=says,
        label="agreement, held out (↑ better)",
    )
    return loss, agreement


def in_words(found: Followed) -> str:
    """Where the optimizer is after its last step, beside the optimum."""
    solver, last = found.settings.solver, int(found.step[-1])
    if last < found.settings.steps:
        return f"{solver} diverges: after step {last:,} no number is finite. Choose a smaller learning rate."
    best, excess = found.optimum, max(0.0, float(found.objective[-1]) - found.optimum.objective)
    agreement = wilson(round(float(found.agreement[-1]) * found.neighbors), found.neighbors)
    told = (
        f"After {last:,} steps {solver} is {excess:.2g} nats above the least objective, which the exact "
        f"solver finds. On {found.neighbors:,} held-out neighbors its loss is {found.held_out[-1]:.3f} nats, "
        f"at the optimum {best.held_out:.3f}; it agrees on {percent_interval(agreement, to='–')}, "
        f"the optimum on {percent(best.agreement)}, guessing on {percent(found.floor)}."
    )
    worse = found.objective[-1] > found.objective[0]
    return f"{told} That is worse than where it began: choose a smaller learning rate." if worse else told


def _plot(chart: Chart) -> Box:
    above, below = (text(words, look="axis-name") for words in (chart.label, "steps, each an epoch"))
    return Box((above, chart, below), look="plot")


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(f"{value:.{DIGITS}g}") for value in values.tolist())
