"""The contract of every measure of a map; a new one is tested the day it is added to the catalogue."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from deepvid.map_measures import MEASURES, PARTS, Measure, Part
from deepvid.timetravel.boundary import boundary_features
from deepvid.timetravel.contract import Head
from deepvid.timetravel.doubt import phantom
from deepvid.timetravel.landscape import Landscape, box, landscape
from deepvid.timetravel.measures import table
from deepvid.timetravel.measures.preservation import Score
from deepvid.timetravel.measures.table import Mapped, Measured, Samples, measure_map

HEAD = Head(np.array([[6.0, 0, -6], [0, 6, -6]], "f4"), np.zeros(3, "f4"))  # of three classes in the plane
SAMPLES = 400
COLUMNS = [(measure, part) for measure in MEASURES for part in measure.of]


@dataclass(frozen=True)
class Plane:
    """A model of features in a plane that maps them to themselves; without truth, to anywhere."""

    truthful: bool

    def project(self, features: np.ndarray) -> np.ndarray:
        return features if self.truthful else np.random.default_rng(len(features)).permutation(features)

    def invert(self, position: np.ndarray) -> np.ndarray:
        return position


def epoch(number: int, *, truthful: bool) -> Mapped:
    """Samples of an epoch, some of which have moved since the one before; a third of the map is doubtful."""
    rng, model = np.random.default_rng(0), Plane(truthful)
    features = rng.normal(size=(2 * SAMPLES, 2)) + number * rng.normal(size=(2 * SAMPLES, 2))
    boundary = boundary_features(HEAD, features.astype("f4"), 120, seed=0).features
    where = model.project(features) if truthful or not number else rng.permutation(features)
    logits = HEAD(features)
    train, test = (
        Samples(features[rows], logits[rows], logits[rows].argmax(axis=1), where[rows])
        for rows in (slice(SAMPLES), slice(SAMPLES, None))
    )
    ground = landscape(model, HEAD, box(features), 100)
    points = boundary[:60], model.project(boundary[:60])
    doubtful = np.broadcast_to(np.arange(100) % 3 == 0, (100, 100))
    return Mapped(
        train, test, points, boundary[60:], HEAD, model, ground, phantom(ground, features), doubtful
    )


@cache
def scores(*, truthful: bool) -> Measured:
    first, second = (epoch(number, truthful=truthful) for number in range(2))
    before: tuple[Samples, Landscape] = (first.test, first.landscape)
    return measure_map(second, before, seed=0)


def score(measure: Measure, part: Part, *, truthful: bool = True) -> Score:
    return scores(truthful=truthful).scores[part][measure.name]


def test_the_catalogue_computes_what_it_describes() -> None:
    names = [measure.name for measure in MEASURES]
    assert len(set(names)) == len(names)
    assert set(names) == set(table.MEASURES)
    assert {part: set(scores(truthful=True).scores[part]) for part in PARTS} == {
        part: {measure.name for measure, of in COLUMNS if of == part} for part in PARTS
    }


@pytest.mark.parametrize(("measure", "part"), COLUMNS, ids=lambda of: getattr(of, "name", of))
def test_a_score_lies_in_its_interval_and_counts_its_samples(measure: Measure, part: Part) -> None:
    found = score(measure, part)
    assert found.low <= found.value <= found.high + 1e-9
    assert 0 < found.number <= SAMPLES
    assert measure.unit == "" or 0 <= found.value <= 1
    numbers = scores(truthful=True).numbers
    stored = [numbers[f"{part}_{measure.name}{end}"] for end in ("", "_low", "_high", "_chance", "_number")]
    assert stored == list(found[:5])


@pytest.mark.parametrize(("measure", "part"), COLUMNS, ids=lambda of: getattr(of, "name", of))
def test_a_true_map_is_better_than_chance_and_a_random_one_is_not(measure: Measure, part: Part) -> None:
    sign = 1 if measure.better == "more" else -1
    true, random = score(measure, part), score(measure, part, truthful=False)
    assert sign * (true.value - true.chance) > 0.2 * abs(true.chance)
    assert sign * (true.value - random.value) > 0.5 * sign * (true.value - true.chance)


def test_what_compares_two_epochs_is_left_out_of_the_first() -> None:
    alone = measure_map(epoch(0, truthful=True), None, seed=0).scores["test"]
    assert set(table.MEASURES) - set(alone) == {"moving", "fixing"}


def test_every_measure_says_what_it_is() -> None:
    assert len({measure.words for measure in MEASURES}) == len(MEASURES)
    assert all(len(measure.words) < 24 and len(measure.hint) > 40 for measure in MEASURES)
