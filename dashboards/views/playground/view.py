"""A playground of small networks, which the browser trains by itself; the server keeps choices, and runs.

Source of data, inputs and pictures: Smilkov et al. (2017), arXiv 1708.03788; of the race: ConvNetJS.
"""

from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import param

from dashboards.data.writable import store_refusal
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.session.state import PageState
from dashboards.session.view import View
from dashboards.session.work import Task
from dashboards.views.playground.keeping import keep, training_of
from dashboards.widgets.component import Component, source
from deepvid.alarms import RULES

NAME = "playground"
RATES = ["0.00001", "0.0001", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1", "3", "10"]
STRENGTHS = ["0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1"]
LONGEST = 60  # letters of a list


def _numbers(least: int, most: int, step: int) -> list[str]:
    return list(map(str, range(least, most + 1, step)))


class PlaygroundState(PageState):
    """Choices, all of which stand in the address."""

    data: str = param.Selector(default="circle", objects=["circle", "xor", "gauss", "spiral"])  # type: ignore[assignment]
    noise: str = param.Selector(default="0", objects=_numbers(0, 50, 5), doc="percent")  # type: ignore[assignment]
    share: str = param.Selector(  # type: ignore[assignment]
        default="50", objects=_numbers(10, 90, 10), doc="percent of the points that are trained on"
    )
    batch: str = param.Selector(default="10", objects=_numbers(1, 30, 1))  # type: ignore[assignment]
    inputs: str = param.String("x1,x2", doc="what the network reads, with commas between")  # type: ignore[assignment]
    hidden: str = param.String("4,2", doc="units of the hidden layers")  # type: ignore[assignment]
    activation: str = param.Selector(default="tanh", objects=["tanh", "ReLU", "sigmoid", "linear"])  # type: ignore[assignment]
    rate: str = param.Selector(default="0.03", objects=RATES)  # type: ignore[assignment]
    penalty: str = param.Selector(default="none", objects=["none", "L1", "L2"])  # type: ignore[assignment]
    strength: str = param.Selector(default="0.003", objects=STRENGTHS)  # type: ignore[assignment]
    seed: str = param.Selector(  # type: ignore[assignment]
        default="1", objects=_numbers(1, 999, 1), doc="of points and first weights"
    )
    race: str = param.Selector(
        default="none", objects=["none", "rate", "activation", "penalty", "batch", "depth"]
    )  # type: ignore[assignment]
    fault: str = param.Selector(
        default="none", objects=["none", "rate", "silent", "labels", "one", "few"], doc="what is broken"
    )  # type: ignore[assignment]

    def choices(self) -> dict[str, Any]:
        """Every setting by name."""
        return {name: getattr(self, name) for name in self.linked}


class Playground(Component):
    """Trains in the browser. Actions: `change` {setting: value, …}; `keep` {points, training, logits,
    features} as a run; `open` that run."""

    settings: dict[str, Any] = param.Dict({}, doc="`PlaygroundState.choices`")  # type: ignore[assignment]
    rules: dict[str, Any] = param.Dict({}, doc="of alarms: {name: {threshold, title, advice}}")  # type: ignore[assignment]

    kept: dict[str, str] = param.Dict({}, doc="{run, says, refusal}: of what was kept, or why nothing can be")  # type: ignore[assignment]

    _esm = "views/playground/playground.js"
    _stylesheets: ClassVar[list[str]] = [source(__file__, "base.css", "playground.css")]


def rules() -> dict[str, dict[str, Any]]:
    """Thresholds and words of the alarms, by name; `alarms.js` has their formulas."""
    return {
        name: {"threshold": rule.threshold, "title": rule.title, "advice": rule.advice}
        for name, rule in RULES.items()
    }


class PlaygroundView(View):
    """It needs no run."""

    title = "Playground"
    follows: ClassVar = ()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        state = session.pages[NAME]
        assert isinstance(state, PlaygroundState)
        self.state = state
        self._task = Task(session.schedule, self._show_kept)
        self._run = ""  # id of what was kept last
        actions = {"change": self._change, "keep": self._keep, "open": lambda _: session.study(self._run)}
        self._widget = Playground(
            actions, settings=state.choices(), rules=rules(), sizing_mode="stretch_both"
        )
        self._show_kept()
        self.showing.watch(state, state.linked, self.redraw)
        self.link(self._widget)

    def prepare(self, scene: Scene) -> dict[str, Any]:
        """Reads nothing."""
        return self.state.choices()

    def publish(self, prepared: dict[str, Any]) -> None:
        """Shows what is chosen."""
        self.show_content()
        self._widget.settings = prepared

    def _change(self, values: Any) -> None:
        known = {name: value for name, value in values.items() if name in self.state.linked}
        for name in ("inputs", "hidden"):
            if len(known.get(name, "")) > LONGEST:
                return
        with self.session.hold():
            self.state.param.update(**known)

    def _keep(self, told: Any) -> None:
        store = self.session.store
        if store_refusal(store):
            return
        training = training_of(self.state.data, told)
        self._run = ""
        self._task.start(training.data, partial(keep, training, Path(store)), self._arrive)

    def _arrive(self, run_id: str) -> None:
        self._run = run_id
        with self.session.hold():
            self.session.list_runs()

    def _show_kept(self) -> None:
        task, refusal = self._task, store_refusal(self.session.store)
        says = "Keeping it …" if task.busy else f"Kept as {self._run}." if self._run else ""
        if task.error is not None:
            says = str(task.error)
        with self.session.hold():
            self._widget.kept = {"run": self._run, "says": says, "refusal": refusal}
