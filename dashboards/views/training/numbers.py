"""Every number that the training logged, with its course."""

from fnmatch import fnmatchcase
from typing import ClassVar

import numpy as np

from dashboards.data.training import Numbers, course
from dashboards.data.training_steps import step_course, training_steps
from dashboards.kit.card import Card
from dashboards.kit.charts import Curve
from dashboards.kit.elements import Box, Element, header, quiet, text
from dashboards.kit.forms import Entry
from dashboards.session.scene import Scene
from dashboards.views.training.state import TrainingView, beside
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.store import Run
from deepvid.wording import number, quantity

POINTS = 60  # of a small line by steps


class NumbersView(Card, TrainingView):
    """Also those that a person's own training logged by name."""

    title = "Numbers"
    subject = "The numbers"
    follows: ClassVar = ("run", "version")
    look = "training-table"
    help: ClassVar = Help(
        what="Every number that was kept of each epoch: its course, the last, the least and the largest.",
        use="Log further ones by name: run.step(…) or run.epoch(…, metrics={…}). Type a part of a name to "
        "list some; * stands for any letters. A second run on the same axes is dashed, and its last number "
        "stands beside.",
        beware="Each course has a scale of its own, from its least to its largest.",
        source="The journal of the run.",
    )

    def actions(self) -> Actions:
        """`name` lists some of the numbers."""
        return {"name": lambda typed: self.update(pattern=typed["text"].strip())}

    def prepare(self, scene: Scene) -> Element:
        """Reads the journal, and the steps."""
        run, pattern = scene.run, scene.own.pattern
        assert run is not None
        other = beside(scene.own)
        own = all_numbers(run)
        others = {} if other is None else all_numbers(other.run)
        named = {name: values for name, values in own.items() if matches(name, pattern)}
        titles = ["last", "least", "largest", *([other.id] if other else [])]
        head = Box(
            (
                *(text(name, tag="th", role="columnheader") for name in ("number", "course")),
                *(text(name, tag="th", role="columnheader", hint=name, look="number") for name in titles),
            ),
            "tr",
        )
        rows = tuple(
            _row(name, values, others.get(name, ()), beside=other is not None)
            for name, values in named.items()
        )
        table = Box((Box((head,), "thead"), Box(rows, "tbody")), "table", label="Numbers of the training")
        some = quantity(len(own), "number") if not pattern else f"{len(named)} of {len(own)} numbers"
        seek = Entry("name", pattern or "name, or part*of it", live=True, label="Names of the numbers")
        return Box(
            (
                header(f"{some} of each epoch", seek),
                Box((table,), look="list", role="region", label="Numbers", focusable=True),
            ),
            look="filled",
        )


def matches(name: str, pattern: str) -> bool:
    """Whether a name has one of the words of a pattern in it; `*` stands for any letters."""
    words = pattern.casefold().split()
    return not words or any(fnmatchcase(name.casefold(), f"*{word}*") for word in words)


def all_numbers(run: Run) -> dict[str, Numbers]:
    """Those of the epochs, then those of the steps."""
    return {**course(run).numbers, **step_numbers(run)}


def step_numbers(run: Run) -> dict[str, Numbers]:
    """Those that a person logged by step, means over stretches of steps."""
    steps = training_steps(run)
    courses = {} if steps is None or not steps.further else step_course(steps, POINTS).further
    numbers = {
        f"{name}, by step": tuple(None if np.isnan(value) else float(value) for value in values)
        for name, values in courses.items()
    }
    return {name: values for name, values in numbers.items() if any(value is not None for value in values)}


def _row(name: str, values: Numbers, other: Numbers, *, beside: bool) -> Box:
    known = [value for value in values if value is not None]
    cells = (known[-1], min(known), max(known))
    return Box(
        (
            text(name.replace("_", " "), tag="th", role="rowheader", hint=name),
            text(Curve(values, len(values) - 1, other), tag="td"),
            *(text(number(value), tag="td", look="number") for value in cells),
            quiet(_last(other), tag="td", look="number") if beside else None,
        ),
        "tr",
    )


def _last(values: Numbers) -> str:
    return next((number(value) for value in reversed(values) if value is not None), "–")
