"""Networks of the playground and their alarms, as the browser computes them."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from cards import served
from playwright.sync_api import Page

from dashboards.views.playground.view import PlaygroundState, rules
from deepvid.alarms import Answers, LayerRecord, TrainingFacts, alarms, epoch_answers

pytestmark = pytest.mark.browser

Run = Callable[..., Any]
THRESHOLDS = {name: rule["threshold"] for name, rule in rules().items()}
TRAIN = """async ([settings, passes, thresholds]) => {
  const {Training} = await import("/views/playground/training.js")
  const {alarms} = await import("/views/playground/alarms.js")
  const training = new Training(settings)
  for (let pass = 0; pass < passes; pass++) training.pass()
  return training.lanes.map(({name, net, loss, right, losses, diverged, facts}) => ({
    name, loss, right, diverged, kept: losses.length, rung: alarms(facts, thresholds),
    weights: net.weights.map((weights) => [...weights]),
  }))
}"""


@pytest.fixture
def run(page: Page) -> Run:
    served(page)
    return page.evaluate


def train(run: Run, passes: int, **settings: str) -> list[dict[str, Any]]:
    """The networks that race, after so many passes."""
    lanes: list[dict[str, Any]] = run(TRAIN, [PlaygroundState().choices() | settings, passes, THRESHOLDS])
    return lanes


@pytest.mark.parametrize(
    ("data", "settings"),
    [
        ("circle", {}),
        ("xor", {}),
        ("gauss", {"hidden": ""}),
        ("spiral", {"hidden": "8,8", "inputs": "x1,x2,sin x1,sin x2", "rate": "0.1"}),
    ],
)
def test_e1_each_data_set_is_learned_and_no_alarm_rings(
    run: Run, data: str, settings: dict[str, str]
) -> None:
    (lane,) = train(run, 600, data=data, **settings)
    assert lane["right"]["test"] > 0.95
    assert lane["rung"] == []


def test_a_gradient_is_that_of_differences_and_a_seed_repeats_itself(run: Run) -> None:
    found = run("""async () => {
      const {Net, crossEntropy} = await import("/views/playground/net.js")
      const [rows, labels] = [[[0.5, -1], [2, 0.3], [-1, -1.5]], [1, 0, 1]]
      const of = (net) => net.logits(rows).map((logit, row) => crossEntropy(logit, labels[row]))
      const loss = (net) => of(net).reduce((sum, one) => sum + one, 0) / 3
      const all = ["tanh", "sigmoid", "linear", "ReLU"].map((activation) => {
        const net = new Net([2, 3, 2, 1], activation, 7)
        const before = net.weights.map((weights) => weights.slice())
        const slopes = before.map((weights, layer) => [...weights].map((_, at) => {
          const moved = [1e-5, -1e-5].map((step) => {
            net.weights[layer][at] = before[layer][at] + step
            return loss(net)
          })
          net.weights[layer][at] = before[layer][at]
          return (moved[0] - moved[1]) / 2e-5
        }))
        net.pass(rows, labels, {rate: 1, batch: 3, penalty: "none", strength: 0})
        const moved = net.weights.map((weights, layer) => [...weights].map((w, at) => before[layer][at] - w))
        return [slopes.flat(), moved.flat()]
      })
      const [a, b] = [3, 3].map((seed) => new Net([2, 4, 1], "tanh", seed).weights.map((w) => [...w]))
      return {all, same: JSON.stringify(a) === JSON.stringify(b)}
    }""")
    for slopes, moved in found["all"]:
        np.testing.assert_allclose(moved, slopes, atol=1e-7)
    assert found["same"]


def test_l1_takes_weights_to_zero_and_leaves_them_there(run: Run) -> None:
    (lane,) = train(run, 60, data="gauss", penalty="L1", strength="0.01", inputs="x1,x2,x1²,sin x2")
    weights = np.concatenate(lane["weights"])
    assert (weights == 0).sum() >= len(weights) / 4
    assert (weights != 0).any()


def test_e2_networks_race_from_one_start(run: Run) -> None:
    lanes = train(run, 0, race="rate")
    assert [lane["name"] for lane in lanes] == ["0.03", "0.003", "0.3", "3"]
    assert all(lane["weights"] == lanes[0]["weights"] for lane in lanes)
    learned = train(run, 60, race="rate")
    assert learned[2]["loss"]["test"] < learned[0]["loss"]["test"] < learned[1]["loss"]["test"]


@pytest.mark.parametrize(
    ("fault", "settings", "rule"),
    [
        ("rate", {"activation": "ReLU"}, "worse_than_guessing"),
        ("silent", {"activation": "ReLU"}, "silent_layer"),
        ("labels", {}, "contradicted_labels"),
        ("one", {}, "one_class"),
        ("few", {"hidden": "8,8", "rate": "0.3", "noise": "50"}, "rising_loss"),
    ],
)
def test_a_training_that_is_broken_rings(run: Run, fault: str, settings: dict[str, str], rule: str) -> None:
    (lane,) = train(run, 500, fault=fault, **settings)
    assert rule in {alarm["rule"] for alarm in lane["rung"]}


def test_a_loss_without_end_stops_the_network(run: Run) -> None:
    (lane,) = train(run, 60, activation="linear", rate="10", fault="rate", inputs="x1²,x2²")
    assert lane["diverged"]


def test_a_long_training_keeps_few_places_of_its_curves(run: Run) -> None:
    (lane,) = train(run, 3000, hidden="1", share="10")
    assert 200 <= lane["kept"] < 400


def test_an_address_may_say_all_that_can_be_chosen_and_nothing_else(run: Run) -> None:
    choices = run("""async () => {
      const {CHOICES, RANGES} = await import("/views/playground/settings.js")
      const ranges = Object.entries(RANGES).map(([name, [least, most, step]]) =>
        [name, Array.from({length: (most - least) / step + 1}, (_, at) => `${least + at * step}`)])
      const named = Object.entries(CHOICES).map(([name, all]) => [name, all.map(([value]) => value)])
      return Object.fromEntries([...named, ...ranges])
    }""")
    state = PlaygroundState()
    assert choices == {name: list(state.param[name].objects) for name in choices}
    assert choices.keys() == set(state.linked) - {"inputs", "hidden", "seed"}


CASES = 30


def facts(seed: int) -> TrainingFacts:
    """A training of a few epochs, healthy or sick in some way."""
    generator = np.random.default_rng(seed)
    epochs, classes, images = 7, 3, (60, 80)
    worth = np.linspace(*generator.choice([[0.2, 3.0], [0.0, 0.1], [2.0, -1.0]]), epochs)
    halves = []
    first = generator.choice([0.0, 0.0, 6.0])
    for count in images:
        shown = generator.integers(0, classes, count)
        wrong = generator.random(count) < generator.choice([0, 0.4])
        logits = [
            generator.normal(0, 1, (count, classes)) + 2 * each * np.eye(classes)[shown] + [first, 0, 0]
            for each in worth
        ]
        halves.append(Answers.of(np.where(wrong, (shown + 1) % classes, shown), logits))
    record = LayerRecord(
        ("a", "b", "c"),
        generator.normal(-3, generator.choice([0.1, 1.0]), (epochs, 3)) - generator.choice([0, 2]),
        np.linspace(0.1, 0.001, epochs),
        ("a", "b"),
        generator.random((epochs, 2)) * generator.choice([0.5, 1.1]),
    )
    losses = generator.uniform(0.3, generator.choice([0.9, 1.4]), epochs)
    return TrainingFacts(classes, halves[1], losses, record, halves[0])


def as_json(found: TrainingFacts) -> dict[str, Any]:
    """Facts as the browser has them."""
    assert found.training is not None
    assert found.record is not None
    halves = {name: part._asdict() for name, part in (("test", found.test), ("training", found.training))}
    record = {name: getattr(found.record, name).tolist() for name in ("ratio", "rate", "silent")}
    return {
        "classes": found.classes,
        "trainingLoss": found.training_loss.tolist(),
        "record": record,
        **{half: {name: values.tolist() for name, values in parts.items()} for half, parts in halves.items()},
    }


def test_alarms_are_those_of_python(run: Run) -> None:
    names = set()
    for seed in range(CASES):
        case = facts(seed)
        found = run(
            """async ([facts, thresholds]) =>
              (await import("/views/playground/alarms.js")).alarms(facts, thresholds)""",
            [as_json(case), THRESHOLDS],
        )
        wanted = {alarm.rule: (alarm.epoch, alarm.value) for alarm in alarms(case)}
        assert {one["rule"]: one["epoch"] for one in found} == {name: at for name, (at, _) in wanted.items()}
        for one in found:
            assert one["value"] == pytest.approx(wanted[one["rule"]][1], rel=1e-5)
        names |= wanted.keys()
    assert names == THRESHOLDS.keys()  # each rings in some case


def test_answers_are_those_of_python(run: Run) -> None:
    logits, labels = [3.0, -0.2, 1.4, -2.0], [1, 0, 0, 1]
    found = run(
        "async ([logits, labels]) => (await import('/views/playground/alarms.js')).answers(logits, labels)",
        [logits, labels],
    )
    predicted, _, contradicted = epoch_answers(np.array([[0.0, one] for one in logits]), np.array(labels))
    assert (found["predicted"], found["contradicted"]) == (predicted.tolist(), contradicted.tolist())


@pytest.mark.parametrize(
    ("settings", "sizes"),
    [
        ({"hidden": "99,abc,-1,3,,0"}, [2, 3, 1]),
        ({"hidden": "1,2,3,4,5,6"}, [2, 1, 2, 3, 4, 1]),
        ({"hidden": "", "inputs": "x9,<b>"}, [0, 1]),
    ],
)
def test_a_link_that_makes_no_sense_is_read_as_far_as_it_does(
    run: Run, settings: dict[str, str], sizes: list[int]
) -> None:
    (lane,) = train(run, 3, **settings)
    assert [len(weights) for weights in lane["weights"]] == [a * b for a, b in pairwise(sizes)]
