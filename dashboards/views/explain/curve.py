"""How an optimizer comes to a student while a person waits, and what was drawn of each image."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dashboards.session.engine_task import EngineTask
from dashboards.session.session import Session
from dashboards.views.explain.settings import typed
from dashboards.views.explain.shapes import Course
from deepvid.config.reading import text_of
from deepvid.engine.requests import Followed, FollowOptimizer
from deepvid.errors import ConfigError
from deepvid.statistics import wilson
from deepvid.store import Run
from deepvid.wording import percent, percent_interval

DIGITS = 4  # significant ones of what is drawn


class CurveTask(EngineTask):
    """What was drawn stays in this page, as long as its run is open."""

    def __init__(self, session: Session, changed: Callable[[], None], *, of: str) -> None:
        super().__init__(session, changed, of=of)
        self._found: dict[int, Course] = {}  # by sample

    def of(self, sample: int | None) -> Course | None:
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
                self._found[sample] = course(found)

        seed = int(run.config.get("seed", 0))
        self.ask(f"#{sample}", FollowOptimizer(run.address, sample, settings, seed), arrived)


def course(found: Followed) -> Course:
    """What is drawn of an optimizer's way, and the sentence above it."""
    best = found.optimum
    return {
        "step": found.step.tolist(),
        "fitted": _rounded(found.fitted),
        "held_out": _rounded(found.held_out),
        "agreement": _rounded(found.agreement),
        "optimum": {"fitted": best.fitted, "held_out": best.held_out, "agreement": best.agreement},
        "floor": found.floor,
        "temperature": text_of(found.settings.temperature),
        "sentence": in_words(found),
        "texts": {
            name: text_of(getattr(found.settings, name)) for name in ("solver", "learning_rate", "steps")
        },
    }


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


def _rounded(values: np.ndarray) -> list[Any]:
    return [float(f"{value:.{DIGITS}g}") for value in values.tolist()]
