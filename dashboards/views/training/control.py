"""Pause and stop of a training under way: a file that the training looks at wherever it could stop."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from dashboards.data.training_steps import live_steps
from dashboards.data.writable import store_refusal
from dashboards.kit.card import Card
from dashboards.kit.charts import Curve
from dashboards.kit.elements import Box, Button, Element, HelpButton, quiet, text
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.training.state import TrainingView
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.errors import StoreError
from deepvid.store import COMMANDS, PAUSED, ControlCommand, Run, read_control, write_control
from deepvid.wording import percent

POINTS = 60  # of the small line
WORDS = {
    "go": "Training is under way.",
    "pause": "Paused: the process waits and keeps its place.",
    "stop": "Stopping at the next step: what is committed stays.",
}


class ControlView(Card, TrainingView):
    """Nothing where no training is under way."""

    title = "Control"
    subject = "Its control"
    needs = ()
    follows: ClassVar = ("run", "version", "facts")
    look = "training-control"
    help: ClassVar = Help(
        what="Pauses or stops the training that writes to this run.",
        use="A pause keeps the process and its place; go on when you like. A stop ends it as Ctrl-C does: "
        "committed epochs stay, and a training of DeepVID continues from them, bit for bit.",
        beware="A training of your own looks where it calls run.step or run.epoch. A stop leaves its with "
        "statement there; what comes after that is run.",
        source="control.json in the run's folder.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.fit_content()
        self.showing.watch(session, ["status"], self.redraw)

    def actions(self) -> Actions:
        """`command` the training."""
        return {"command": self._command}

    def prepare(self, scene: Scene) -> Element:
        """Reads the run's status and its control file."""
        run = scene.run
        if run is None or not training_under_way(run):
            return Box()
        refusal = control_refusal(run)
        command: ControlCommand = "go" if run.read_only else read_control(Path(run.address))
        waits = command == "pause" and run.status().message != PAUSED
        choices: tuple[tuple[str, ControlCommand], ...] = (
            ("Go on", "go") if command == "pause" else ("Pause", "pause"),
            ("Stop", "stop"),
        )
        buttons = tuple(
            Button((words,), "command", value, look="chip", disabled=bool(refusal) or command == "stop")
            for words, value in choices
        )
        words = "Pausing at the next step." if waits else WORDS[command]
        line = text(words, " ", *buttons, quiet(f" {refusal}") if refusal else None, *_live(run))
        return Box((line, HelpButton("pause and stop", **self.help)), look="control")

    def _command(self, command: Any) -> None:
        run = self.session.run
        if run is None or command not in COMMANDS or control_refusal(run) or not training_under_way(run):
            return
        try:
            write_control(Path(run.address), command)
        except StoreError as error:
            self.session.fault(error)
        self.redraw()


def _live(run: Run) -> Iterator[Element]:
    """Where the epoch under way is, and the course of its loss."""
    series = run.series("teacher")
    epoch = 0 if series is None else series.epochs
    rows = live_steps(run, epoch)
    if not len(rows):
        return
    last = rows[-1]
    loss = "" if np.isnan(last["loss"]) else f": loss {last['loss']:.2f}"
    right = "" if np.isnan(last["accuracy"]) else f", {percent(float(last['accuracy']))} right"
    yield quiet(f"Epoch {epoch + 1}, step {last['step']:,}{loss}{right}", look="live")
    some = rows["loss"][np.linspace(0, len(rows) - 1, min(POINTS, len(rows))).astype(int)]
    if not np.isnan(some).all():
        yield Curve(tuple(None if np.isnan(value) else float(value) for value in some), len(some) - 1)


def training_under_way(run: Run) -> bool:
    """Whether a process trains the classifier of this run now."""
    status = run.status()
    return status.state == "running" and status.stage in ("", "teacher")


def control_refusal(run: Run) -> str:
    """Why the training cannot be asked from here; empty where it can."""
    if run.read_only:
        return f"{run.id} is only read."
    return store_refusal(Path(run.address).parent)
