"""Each rule on a planted training and on a healthy one, and whether what is said of rules was measured."""

import ast
import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest

from deepvid import alarms as package
from deepvid.alarms import RULES, Answers, LayerRecord, TrainingFacts, alarms
from deepvid.alarms.measured import ANY, CODE, RATES

CLASSES, PER_CLASS, EPOCHS = 4, 50, 6
LABEL = np.repeat(np.arange(CLASSES), PER_CLASS)
GUESSING = np.log(CLASSES)


def answers(label: np.ndarray, predicted: np.ndarray, loss: np.ndarray) -> Answers:
    """Sure of nothing."""
    return Answers(label, predicted, loss, np.zeros(predicted.shape, bool))


def healthy_answers(last: float = 0.9) -> Answers:
    """More of them are right from epoch to epoch, at a loss that falls."""
    generator = np.random.default_rng(0)
    right = generator.random((EPOCHS, len(LABEL))) < np.linspace(0.5, last, EPOCHS)[:, None]
    loss = np.linspace(1.0, 0.3, EPOCHS)[:, None] + generator.normal(0, 0.1, (EPOCHS, len(LABEL)))
    return answers(LABEL, np.where(right, LABEL, (LABEL + 1) % CLASSES), loss.astype(np.float32))


def training(training_loss: np.ndarray | None = None, **changed: np.ndarray) -> TrainingFacts:
    """A healthy one; `changed` are of its answers to the test images."""
    losses = np.linspace(1.2, 0.2, EPOCHS) if training_loss is None else training_loss
    return TrainingFacts(CLASSES, healthy_answers()._replace(**changed), losses)


def rung(facts: TrainingFacts) -> dict[str, int]:
    """Rule -> epoch."""
    return {alarm.rule: alarm.epoch for alarm in alarms(facts)}


def test_a_healthy_training_rings_nothing() -> None:
    assert rung(training()) == {}


def test_a_loss_above_guessing_rings_from_the_third_epoch_on() -> None:
    losses = np.array([9.0, 9.0, GUESSING + 0.01, 1.0, 1.0, 1.0])
    assert rung(training(training_loss=losses)) == {"worse_than_guessing": 3}
    assert rung(training(training_loss=np.append([9.0, 9.0], np.full(4, GUESSING - 0.01)))) == {}
    assert rung(training(training_loss=np.full(EPOCHS, np.nan))) == {}
    (alarm,) = alarms(training(training_loss=losses))
    assert alarm.sentence == "In epoch 3 the training loss is 1.40 nats; guessing among 4 classes has 1.39."


def test_test_images_at_chance_ring() -> None:
    said = healthy_answers().predicted.copy()
    said[1:3] = np.random.default_rng(1).integers(0, CLASSES, (2, len(LABEL)))
    assert rung(training(predicted=said)) == {}  # it may begin late
    said[3] = said[2]
    found = training(predicted=said)
    assert rung(found) == {"at_chance": 4}
    assert "commonest class has 25.0 %" in alarms(found)[0].sentence
    few = slice(0, None, 20)  # of ten images nothing can be told
    small = answers(LABEL[few], said[:, few], found.test.loss[:, few])
    assert "at_chance" not in rung(TrainingFacts(CLASSES, small, found.training_loss))


def test_a_test_loss_that_rises_twice_rings() -> None:
    base = healthy_answers().loss
    rising = base.copy()
    rising[3:] = base[2] + np.array([0.2, 0.3, 0.4], np.float32)[:, None]
    assert rung(training(loss=rising)) == {"rising_loss": 5}
    once = base.copy()
    once[3] = base[2] + 0.3
    assert rung(training(loss=once)) == {}
    little = base.copy()
    little[3:] = base[2] * 1.03  # less than a twentieth
    assert rung(training(loss=little)) == {}


def test_one_class_for_nearly_all_rings_unless_it_has_nearly_all() -> None:
    said = healthy_answers().predicted.copy()
    said[3] = np.where(np.arange(len(LABEL)) < 30, LABEL, 2)
    assert "one_class" in rung(training(predicted=said))
    label = np.where(np.arange(200) < 180, 0, 1)  # 90 % are of one class: to say so is fair
    said = np.tile(np.where(np.arange(200) < 190, 0, 1), (4, 1))
    fair = answers(label, said, np.full((4, 200), 0.1, "f4"))
    assert rung(TrainingFacts(2, fair, np.full(4, 0.1))) == {}


def with_record(**changed: np.ndarray) -> TrainingFacts:
    """Four kernels that move a thousandth of their size a step, and two layers of which a tenth is silent."""
    usual = {
        "ratio": np.full((EPOCHS, 4), -3.0),
        "rate": np.linspace(0.01, 0.001, EPOCHS),
        "silent": np.full((EPOCHS, 2), 0.1),
    }
    record = LayerRecord(kernels=("a", "b", "c", "d"), layers=("one", "two"), **{**usual, **changed})
    return dataclasses.replace(training(), record=record)


def test_rules_of_layers() -> None:
    assert rung(with_record()) == {}
    still, fast, silent = np.full((EPOCHS, 4), -3.0), np.full((EPOCHS, 4), -3.0), np.full((EPOCHS, 2), 0.1)
    still[2:, 1] = -5.1
    fast[3:, 2] = -1.9
    silent[4:, 1] = 0.96
    assert rung(with_record(ratio=still)) == {"still_layer": 3}
    assert rung(with_record(ratio=fast)) == {"fast_layer": 4}
    assert rung(with_record(silent=silent)) == {"silent_layer": 5}
    (alarm,) = alarms(with_record(ratio=still))
    assert alarm.sentence == "In epoch 3 the layer b moves 126 times less than the median layer."
    (alarm,) = alarms(with_record(silent=silent))
    assert "96 % of the units of two answer none of 64 training images" in alarm.sentence


def test_small_steps_are_those_at_the_largest_rate() -> None:
    tiny = np.full((EPOCHS, 4), -4.3)
    assert rung(with_record(ratio=tiny)) == {"small_steps": 1}
    learned = dataclasses.replace(
        with_record(ratio=tiny), training_loss=np.full(EPOCHS, 0.05 * GUESSING - 0.01)
    )
    assert rung(learned) == {}
    annealed = np.repeat(-3.0 + np.log10(np.linspace(1, 0.001, EPOCHS))[:, None], 4, axis=1)
    assert rung(with_record(ratio=annealed, rate=0.01 * np.linspace(1, 0.001, EPOCHS))) == {}


def test_an_epoch_without_a_record_and_a_network_that_stands_still_say_nothing_of_layers() -> None:
    gap = np.full((EPOCHS, 4), -3.0)
    gap[0] = np.nan
    assert rung(with_record(ratio=gap, silent=np.full((EPOCHS, 2), np.nan))) == {}
    with np.errstate(all="raise"):
        found = rung(with_record(ratio=np.full((EPOCHS, 4), -np.inf)))
    assert found == {"small_steps": 1}


@pytest.mark.parametrize(
    ("classes", "images", "epochs"),
    [
        (2, 0, 3),
        (2, 5, 0),
        (1, 5, 4),
    ],
    ids=["no test images", "no epochs", "one class"],
)
def test_nothing_is_said_of_what_cannot_be_judged(classes: int, images: int, epochs: int) -> None:
    shape = epochs, images
    nothing = answers(np.zeros(images, int), np.zeros(shape, int), np.zeros(shape, "f4"))
    assert alarms(TrainingFacts(classes, nothing, np.zeros(epochs), training=nothing)) == []


def test_answers_are_those_of_the_logits() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.1, 0.05, 0.85], [0.9, 0.05, 0.05]]))
    found = Answers.of(np.array([0, 1, 0]), [logits, logits])
    assert found.predicted.tolist() == [[0, 2, 0]] * 2
    assert found.loss[0] == pytest.approx(-np.log([0.5, 0.05, 0.9]))
    assert found.contradicted.tolist() == [[False, True, False]] * 2


def test_training_images_that_are_harder_than_test_images_ring() -> None:
    facts, seen = training(), healthy_answers()
    assert rung(dataclasses.replace(facts, training=seen)) == {}
    harder = seen._replace(loss=seen.loss + 0.1)
    assert rung(dataclasses.replace(facts, training=harder)) == {"harder_than_test": 3}
    wrong = healthy_answers(last=0.5)
    assert rung(dataclasses.replace(facts, training=wrong)) == {"test_above_training": 4}
    sure = wrong.predicted != LABEL
    contradicted = seen._replace(contradicted=sure)
    (alarm,) = alarms(dataclasses.replace(facts, training=contradicted))
    assert (alarm.rule, alarm.epoch) == ("contradicted_labels", 3)
    assert f"on {100 * sure[2].mean():.1f} % of its training images, and on 0.0 %" in alarm.sentence
    late = harder._replace(loss=np.where(np.arange(EPOCHS)[:, None] < 4, np.nan, harder.loss))
    assert rung(dataclasses.replace(facts, training=late)) == {"harder_than_test": 5}  # not recorded before


def test_every_rule_says_how_often_it_rang_on_healthy_trainings() -> None:
    assert RATES.keys() == RULES.keys()
    assert all(rate.healthy == ANY.healthy >= 150 for rate in RATES.values())
    assert max(rate.rung for rate in RATES.values()) <= ANY.rung


def test_the_rules_are_those_that_were_measured() -> None:
    """A changed rule is measured again: `benchmarks/training_alarms.py` prints what `measured.py` has."""
    folder = Path(package.__file__).parent
    rules = sorted(set(folder.glob("*.py")) - {folder / "measured.py"})
    code = "".join(ast.unparse(_without_docstrings(ast.parse(path.read_text()))) for path in rules)
    assert hashlib.sha256(code.encode()).hexdigest()[:12] == CODE, "measure, and write down the rates"


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        match node:
            case (
                ast.Module(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
                | ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant(value=str())), *rest])
            ):
                node.body = rest
    return tree
