"""Progress of a run: bars on a terminal, plain lines elsewhere, and Ctrl-C at the next safe point."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from importlib import import_module
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from deepvid.cli.printing import Terminal, about, duration, metrics_line
from deepvid.progress import Progress as Work
from deepvid.progress import Tick
from deepvid.wording import size

if TYPE_CHECKING:
    from deepvid.pipeline.runner import Listener

QUIET = 5.0  # seconds between plain lines
BETWEEN = 0.2  # seconds between two states of a notebook's bar
MARKS = {"computed": "done", "reused": "kept", "copied": "copied from another run"}


@contextmanager
def listening(console: Console) -> Iterator["Listener"]:
    """The listener that fits where the output goes."""
    if console.is_jupyter:
        yield Cell()
        return
    if not console.is_terminal:
        yield Lines(console)
        return
    columns = (
        TextColumn("{task.fields[number]}", style="dim", markup=False),
        TextColumn("{task.description:<28}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %", markup=False),
        TextColumn("{task.fields[left]:>12}", markup=False),
        TextColumn("{task.fields[message]}", style="dim", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bars(progress)


@contextmanager
def working(what: str) -> Iterator[Work]:
    """The progress of one piece of work, shown beside the output and stopped by Ctrl-C."""
    console = Terminal(stderr=True)
    with interruptible(console) as cancel, listening(console) as listener:
        listener.began(what, 1, 1)
        with Work(lambda tick: listener.ticked(what, tick), cancel).active() as work:
            yield work


class Bars:
    """One bar for the stage at work; a line above it for every stage that is done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._number = ""

    def began(self, stage: str, number: int, total: int) -> None:
        self._number = f"[{number}/{total}]"
        self._task = self._progress.add_task(stage, total=1.0, number=self._number, left="", message="")

    def ticked(self, stage: str, tick: Tick) -> None:
        assert self._task is not None
        if tick.lasting:
            self._progress.console.print(_noted(self._number, stage, tick))
            return
        self._progress.update(
            self._task, completed=tick.done, total=tick.total, left=_left(tick), message=tick.message
        )

    def ended(self, stage: str, outcome: str, seconds: float, metrics: Mapping[str, Any]) -> None:
        assert self._task is not None
        self._progress.remove_task(self._task)
        self._progress.console.print(_ended(self._number, stage, outcome, seconds, metrics))


class Lines:
    """One line every few seconds where there is news, and one for every stage that is done."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._number, self._next, self._said = "", 0.0, ""

    def began(self, stage: str, number: int, total: int) -> None:
        self._number = f"[{number}/{total}]"
        self._next = time.monotonic() + QUIET

    def ticked(self, stage: str, tick: Tick) -> None:
        if tick.lasting:
            self._console.print(_noted(self._number, stage, tick), soft_wrap=True)
            return
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + QUIET
        share = tick.done / tick.total if tick.total else 1.0
        parts = (f"{self._number} {stage:<28}", f"{share:4.0%}", _left(tick), tick.message)
        line = "  ".join(part for part in parts if part)
        if line != self._said:
            self._console.print(Text(line), soft_wrap=True)
        self._said = line

    def ended(self, stage: str, outcome: str, seconds: float, metrics: Mapping[str, Any]) -> None:
        self._console.print(_ended(self._number, stage, outcome, seconds, metrics), soft_wrap=True)


class Cell:
    """One bar below a notebook's cell, under a line for every stage that is done and for every note."""

    def __init__(self) -> None:
        self._display = import_module("IPython.display")
        self._handle = self._display.display(self._display.HTML(""), display_id=True)
        self._lines: list[str] = []
        self._number, self._next = "", 0.0

    def began(self, stage: str, number: int, total: int) -> None:
        self._number = f"[{number}/{total}]"
        self._show(stage, Tick(0, 1, "", 0.0, None))

    def ticked(self, stage: str, tick: Tick) -> None:
        if tick.lasting:
            self._lines.append(_noted(self._number, stage, tick).plain)
        elif time.monotonic() < self._next:
            return
        self._show(stage, tick)

    def ended(self, stage: str, outcome: str, seconds: float, metrics: Mapping[str, Any]) -> None:
        self._lines.append(_ended(self._number, stage, outcome, seconds, metrics).plain)
        self._show("", None)

    def _show(self, stage: str, tick: Tick | None) -> None:
        self._next = time.monotonic() + BETWEEN
        bar = ""
        if tick is not None and not tick.lasting:
            words = "  ".join(filter(None, (f"{self._number} {stage}", _left(tick), tick.message)))
            bar = f'<progress value="{tick.done}" max="{tick.total or 1}"></progress> {escape(words)}'
        lines = "".join(f"{escape(line)}\n" for line in self._lines)
        self._handle.update(self._display.HTML(f'<pre style="white-space: pre-wrap">{lines}{bar}</pre>'))


def _noted(number: str, stage: str, tick: Tick) -> Text:
    """A forecast as `[5/5] students  300 test images: about 2 min, 181 MB`; a note in its color."""
    told = [] if tick.remaining is None else [about(tick.remaining)]
    costs = told if tick.size is None else [*told, size(tick.size)]
    said = f"{tick.message}: {', '.join(costs)}" if costs else tick.message
    return Text.assemble((f"{number} ", "dim"), f"{stage:<28}  ", (said, "" if costs else "yellow"))


def _left(tick: Tick) -> str:
    return "" if tick.remaining is None else f"{duration(tick.remaining)} left"


def _ended(number: str, stage: str, outcome: str, seconds: float, metrics: Mapping[str, Any]) -> Text:
    took = f" in {duration(seconds)}" if outcome == "computed" else ""
    return Text.assemble(
        (f"{number} ", "dim"),
        f"{stage:<28}  ",
        (f"{MARKS[outcome]}{took}", "green"),
        (f"  {metrics_line(metrics)}", "dim"),
    )


@contextmanager
def interruptible(console: Console) -> Iterator[Event]:
    """Gives the event that the first Ctrl-C (or SIGTERM) sets. The second ends the process with 130."""
    asked = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            console.show_cursor(True)
            os._exit(130)  # the store's protocol survives it, and workers end with their parent
        asked.set()
        os.write(2, b"\nStopping at the next safe point. Ctrl-C again stops at once.\n")

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
