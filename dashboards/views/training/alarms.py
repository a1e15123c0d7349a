"""Whether the training is sick: what rings, what it means, and how often that rings on healthy trainings."""

from typing import Any, ClassVar

from dashboards.data.training import course
from dashboards.kit.card import Card
from dashboards.kit.elements import Box, Button, Element, HelpButton, quiet, text
from dashboards.session.gestures import ClassChanges
from dashboards.session.modifiers import apply_click
from dashboards.session.scene import Scene
from dashboards.session.session import Session
from dashboards.views.training.state import TrainingView
from dashboards.widgets.component import Actions
from dashboards.widgets.help import Help
from deepvid.alarms import RULES, Alarm
from deepvid.alarms.measured import ANY, RATES, Rate
from deepvid.stored_training import trained_series, training_alarms
from deepvid.wording import quantity


class AlarmsView(Card, TrainingView):
    """A line for each alarm, or one that says how silent it is."""

    title = "Alarms"
    subject = "The alarms"
    needs = ()
    follows: ClassVar = ("run", "version", "facts")
    look = "training-alarms"
    help: ClassVar = Help(
        what="Rules over what the epochs have stored. Each line is a rule that rings, since when, and on how "
        "many healthy trainings it rang when it was measured.",
        use="Follow the advice behind a line. A click on its epoch selects who changed class in it.",
        beware="Silence proves nothing: no curve here sees wrong labels of a part of the training images, "
        "test images that were trained with, or a mark that gives classes away in both halves. The check of "
        "the data sees copies.",
        source="Small networks, three data sets, five optimizers: benchmarks/training_alarms.py.",
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.fit_content()

    def actions(self) -> Actions:
        """`select` what changed in an epoch."""
        return {"select": self._select}

    def prepare(self, scene: Scene) -> Element:
        """Judges the epochs that are stored."""
        run = scene.run
        if run is None or trained_series(run) is None:
            return Box()
        found = training_alarms(run)
        told = Box(lines(found, course(run).epochs), look="lines", role="list", label="Alarms")
        return Box((told, HelpButton("these alarms", **self.help)), look="alarms")

    def _select(self, asked: Any) -> None:
        apply_click(self.session, asked, ClassChanges(asked["first"], asked["last"]))


def lines(found: list[Alarm] | None, epochs: int) -> tuple[Element, ...]:
    """One line an alarm; or one for all that are silent."""
    if found is None:
        return (
            quiet("No alarm can be judged: the epochs have no answers with labels here", role="listitem"),
        )
    if not found:
        words = f"No alarm in {quantity(epochs, 'epoch')}"
        hint = f"{quantity(len(RULES), 'rule')} rang on {_rate(ANY)}"
        return (text(text(words, tag="strong"), quiet(f" · {hint}"), role="listitem"),)
    return tuple(map(_line, found))


def _line(alarm: Alarm) -> Box:
    rule, rate = RULES[alarm.rule], _rate(RATES[alarm.rule])
    at = {"first": alarm.epoch, "last": alarm.epoch}
    return text(
        text(rule.title, tag="strong"),
        " ",
        Button(
            (f"epoch {alarm.epoch}",), "select", at, keys=True, look="chip", hint="Who changed class in it"
        ),
        f" {alarm.sentence} ",
        quiet(rule.advice, f" Rang on {rate}. It does not see {rule.blind}."),
        look="alarm",
        role="listitem",
    )


def _rate(rate: Rate) -> str:
    return f"{rate.rung} of {rate.healthy} healthy trainings"
