"""What if it had been trained otherwise from some epoch on? Forks, each beside its control and placebos."""

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from dashboards.data.commands import NONE, Command
from dashboards.data.forks import Family, family_of, fork_command, layers_of, namesakes
from dashboards.kit.card import Card
from dashboards.kit.elements import Box, Button, Element, HelpButton, header, quiet, row, text
from dashboards.kit.forms import Copy, Field, Form, Submit
from dashboards.session.computation_rows import row_of
from dashboards.session.notes import samples_named
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.training.state import EPOCHS, TRAINED, CurveAxes, TrainingView
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.config import AnyChange, experiment_from
from deepvid.errors import DeepVIDError
from deepvid.forks import (
    Fork,
    Outcome,
    change_of,
    is_numbers,
    largest,
    numbers_in,
    sentence,
    trained_among,
    with_changes,
    words_of_changes,
)
from deepvid.store import Run, RunListing
from deepvid.stored_training import trained_series
from deepvid.wording import duration, quantity

FREEZE, RESET, DELETE, LEAVE_OUT, REORDER = "freeze", "reset", "delete", "leave_out", "reorder"
SLOWER, FASTER = "rate 0.1", "rate 10"
CHANGES = (
    (FREEZE, "freeze a layer"),
    (RESET, "draw a layer anew"),
    (DELETE, "delete units"),
    (SLOWER, "a tenth of the rate"),
    (FASTER, "ten times the rate"),
    (LEAVE_OUT, "leave images out"),
    (REORDER, "nothing: a placebo"),
)
LEVEL = 0.05  # of McNemar's test
MOST_NUMBERS = 10_000  # letters of units or images, of which a command is made
NOT_OURS = "Another program trains this one: it is for that to change it, by deepvid.log_run's settings."


class Plan(NamedTuple):
    """A fork that somebody thinks of."""

    words: str = ""
    command: Command = NONE
    fault: str = ""


class ForkState(NamedTuple):
    """What the card shows beside the run."""

    axes: CurveAxes
    plan: Plan
    namesakes: tuple[RunListing, ...] = ()
    started: str = ""  # state of its computation; empty: nobody has started it
    reason: str = ""  # why it failed


class ForksView(Card, TrainingView):
    """A line a fork; below, a form for one more."""

    title = "Forks"
    subject = "The forks"
    needs = (TRAINED, EPOCHS)
    follows: ClassVar = ("run", "version")
    look = "training-table"
    help: ClassVar = Help(
        what="Forks of this training: runs of their own with the same epochs, to the byte, until one changes "
        "something. Each stands beside its control, the training without the change: the difference of their "
        "accuracies, the test images that it won and lost, and McNemar's exact test.",
        use="Choose a change and the epoch it comes after. A fork is trained with a placebo, which changes "
        "nothing but the order of the images. Click a fork to draw it on the curves' axes.",
        beware="A training that gets better after a change may have got better without it. What is no "
        "further from the control than the placebos, chance does as well.",
        source="McNemar 1947, exact; docs/training.md.",
    )

    def __init__(self, session: Session) -> None:
        self._plan, self._planned_of = Plan(), ""
        super().__init__(session)
        self.showing.watch(session, "computations", self.redraw)

    def actions(self) -> Actions:
        """`plan` reads the form, `start` makes what it says, `beside` draws a fork on the curves' axes."""
        return {"plan": self._read, "start": self._start, "beside": self._draw_beside}

    def local_state(self) -> ForkState:
        """The plan is of one run."""
        run = self.session.run
        plan = self._plan if run is not None and run.id == self._planned_of else Plan()
        others = () if run is None else namesakes(run, self.session.runs)
        known = row_of(self.session.computations, plan.command.computation)
        of_it = ("", "") if known is None else (known.entry.state, known.entry.reason)
        return ForkState(super().local_state(), plan, others, *of_it)

    def prepare(self, scene: Scene) -> Element:
        """Reads the forks of the run."""
        run, own = scene.run, scene.own
        assert run is not None
        family = family_of(run, own.namesakes)
        return Box(
            (
                header(_title(family), HelpButton("these forks", **self.help)),
                Box(
                    (*_of_itself(family, own.axes), *_table(family, own.axes), *_form(run, own)), look="list"
                ),
            ),
            look="filled",
        )

    def _read(self, asked: Any) -> None:
        run = self.session.run
        if run is None:
            return
        try:
            self._plan = _plan(run, family_of(run, self.local_state().namesakes), asked["texts"])
        except DeepVIDError as error:
            self._plan = Plan(fault=str(error))
        self._planned_of = run.id
        self.redraw()

    def _start(self, _: Any) -> None:
        with self.session.hold():
            self.session.start(self.local_state().plan.command)
        self.redraw()

    def _draw_beside(self, run: Any) -> None:
        with self.session.hold():
            self.state.param.update(beside="" if self.state.beside == run else run)


def _title(family: Family) -> str:
    if family.control is not None:
        return f"A fork: {words_of_changes(family.control.fork.changes)}"
    count = sum(not fork.is_placebo for fork, _ in family.forks)
    return quantity(count, "fork") + " of this training" if family.forks else "What if?"


def _of_itself(family: Family, axes: CurveAxes) -> Iterator[Element]:
    """Of a run that is a fork: how far it is from its control."""
    if (control := family.control) is None:
        return
    says = "" if control.outcome is None else f"{sentence(control.outcome, control.placebos)}."
    button = Button((control.id,), "beside", control.id, pressed=axes.beside == control.id, look="chip")
    yield text("Its control is ", button, f" {says}", tag="p")


def _table(family: Family, axes: CurveAxes) -> Iterator[Element]:
    if not family.forks:
        return
    titles = ("accuracy", "difference", "by chance", "won", "lost", "p")
    head = (text("fork", tag="th"), *(text(name, tag="th", look="number") for name in titles))
    rows = (_row(fork, one, family, axes) for fork, one in family.forks)
    parts = (Box((Box(head, "tr"),), "thead"), Box(tuple(rows), "tbody"))
    yield Box(parts, "table", label="Forks of this training")
    said = [(fork, one) for fork, one in family.forks if one is not None and not fork.is_placebo]
    for fork, one in [pair for pair in said if pair[0].run.id == axes.beside] or said[:1]:
        words = words_of_changes(fork.changes)
        yield text(f"{words}: {sentence(one, family.placebos(fork.after))}.", tag="p")


def _row(fork: Fork, one: Outcome | None, family: Family, axes: CurveAxes) -> Box:
    words, placebos = words_of_changes(fork.changes), family.placebos(fork.after)
    name = Button(
        (words,),
        "beside",
        fork.run.id,
        pressed=axes.beside == fork.run.id,
        keys=False,
        look="plain-text" if not fork.is_placebo else "plain-text quiet",
        hint=f"{fork.run.id}: on the curves' axes",
    )
    if one is None:
        return Box((text(name, tag="td", look="fork"), quiet("not trained yet", tag="td")), "tr")
    compared = bool(placebos) and not fork.is_placebo
    chance = f"±{largest(placebos):.4f}" if compared else "–"
    beyond = compared and abs(one.difference) > largest(placebos) and one.p < LEVEL
    hint = "" if fork.is_placebo else f"{words}: {sentence(one, placebos)}"
    cells = (
        f"{one.accuracy:.4f}",
        text(f"{one.difference:+.4f}", tag="strong" if beyond else "span"),
        chance,
        f"{one.only_fork:,}",
        f"{one.only_control:,}",
        f"{one.p:.2g}",
    )
    return Box(
        (
            text(name, tag="td", look="fork"),
            *(text(cell, tag="td", look="number", hint=hint) for cell in cells),
        ),
        "tr",
    )


def _form(run: Run, own: ForkState) -> Iterator[Element]:
    series = trained_series(run)
    if run.logged or series is None:
        yield quiet(NOT_OURS, tag="p")
        return
    epochs = tuple(
        (str(after), f"epoch {after}" if after else "the beginning") for after in range(series.planned)
    )
    layers = tuple((name, name) for name in layers_of(run))
    fields = (
        Field("change", "what if", FREEZE, CHANGES if layers else CHANGES[3:]),
        Field("after", "after", epochs[len(epochs) // 2][0], epochs),
        *((Field("layer", "layer", layers[0][0], layers),) if layers else ()),
        Field(
            "numbers", "units, or images", "", most=MOST_NUMBERS, placeholder="3,5,8, or a selection's name"
        ),
    )
    yield Form(fields, run.id, (Submit(("Plan it",), "plan", {}, main=True, look="action"),), look="forks")
    seconds = sum(metrics.get("seconds", 0) for metrics in series.metrics)
    yield from _planned(own, f"trained twice, with a placebo, about {duration(2 * seconds)}")


def _planned(own: ForkState, takes: str) -> Iterator[Element]:
    plan = own.plan
    if plan.fault:
        yield Box((text(plan.fault, tag="p"),), look="fault", role="alert")
    if not plan.command.text or own.started == "done":
        return
    if own.reason:
        yield Box((text(own.reason, tag="p"),), look="fault", role="alert")
    code = text(plan.command.text, tag="code")
    copy = Copy(("Copy",), plan.command.text, look="plain-text", hint="Copy the command")
    if own.started in ("waiting", "running"):
        yield text(
            f"{plan.words}: it is being trained; the header says how far it is.", tag="p", role="status"
        )
        return
    start = Button(("Run it now",), "start", look="action now")
    offered = (start, quiet(takes), quiet("or")) if not plan.command.refusal else ()
    yield text(f"{plan.words}:", tag="p")
    yield row(*offered, code, copy, look="offer")
    if plan.command.refusal:
        yield quiet(plan.command.refusal, tag="p")


def _plan(run: Run, family: Family, texts: dict[str, str]) -> Plan:
    """Raises UserError and ConfigError for what cannot be."""
    after = int(texts["after"])
    named = texts["numbers"].strip() if texts["change"] == LEAVE_OUT else ""
    selection = "" if is_numbers(named) else named
    if selection:
        samples = trained_among(run, samples_named(run, selection), repr(selection))
        texts = {**texts, "numbers": ",".join(map(str, samples))}
    changes = tuple(_changes(texts, after))
    with_changes(experiment_from(run.config, origin=run.id), changes)  # refuses what its training has not
    words = words_of_changes(changes) if changes else f"Another order of the images, after epoch {after}"
    return Plan(words, fork_command(run, changes, after, len(family.placebos(after)), selection))


def _changes(texts: dict[str, str], after: int) -> Iterator[AnyChange]:
    action, numbers = texts["change"], numbers_in(texts["numbers"])
    if action in (SLOWER, FASTER):
        yield change_of("rate", after, factor=float(action.split()[1]))
    elif action == FREEZE:
        yield change_of(action, after, layer=texts["layer"])
    elif action in (RESET, DELETE):
        yield change_of(action, after, layer=texts["layer"], units=numbers)
    elif action == LEAVE_OUT:
        yield change_of(action, after, samples=numbers)
