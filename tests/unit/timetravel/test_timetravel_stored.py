"""Models as a store keeps them, and what happens to samples."""

import numpy as np
import pytest
from clouds import clouds

from deepvid.timetravel.events import KINDS, events
from deepvid.timetravel.ground import stayed
from deepvid.timetravel.layout import Layout, Phase, Placed
from deepvid.timetravel.parametric import Parametric
from deepvid.timetravel.stored import arrays_in, fitted_of, networks_of, state_of, vector_of

FORMS = [
    Parametric(steps=3, encoder=(8,), decoder=(8,)),
    Layout(steps=3, decoder=(8,), first=(Phase(5, 12, 0.5), Phase(5, 1, 0.8))),
]


@pytest.mark.parametrize("form", FORMS)
def test_a_map_that_is_kept_is_the_same(form: Parametric | Layout) -> None:
    first, second, _ = clouds()
    (fitted,) = form.fit([first], seed=0)
    again = fitted_of(state_of(fitted))
    assert type(again.model) is type(fitted.model)
    np.testing.assert_array_equal(again.nearest, fitted.nearest)
    np.testing.assert_array_equal(again.model.project(second.features), fitted.model.project(second.features))
    np.testing.assert_array_equal(again.model.invert(fitted.position), fitted.model.invert(fitted.position))
    # What is tied to it is the same map, whether it was kept or not.
    tied, tied_again = (next(form.fit([second], before=before, seed=0)) for before in (fitted, again))
    np.testing.assert_array_equal(tied.position, tied_again.position)


@pytest.mark.parametrize("form", FORMS)
def test_networks_come_apart_by_their_layout(form: Parametric | Layout) -> None:
    (fitted,) = form.fit(clouds(1), seed=0)
    networks = networks_of(fitted.model)
    assert isinstance(fitted.model, Placed) == (".encoder.layers[0].weight" not in networks)
    assert ".position" not in networks  # those are the map's own, kept beside it
    layout = [(name, list(array.shape)) for name, array in networks.items()]
    found = arrays_in(vector_of(networks), layout)
    assert found.keys() == networks.keys()
    for name, array in networks.items():
        np.testing.assert_array_equal(found[name], array)


def test_neighbors_that_have_stayed() -> None:
    """Of sample 1 both are there still, of sample 2 one; sample 3 is new."""
    (fitted,) = FORMS[0].fit(clouds(1), seed=0)
    before = fitted._replace(sample=np.array([1, 2]), nearest=np.array([[2, 3], [1, 3]]))
    now = fitted._replace(sample=np.array([2, 1, 3]), nearest=np.array([[1, 4], [3, 2], [1, 2]]))
    assert stayed(now, before).tolist() == [1, 2, 0]
    assert stayed(now, None).tolist() == [0, 0, 0]


def test_events_of_four_samples() -> None:
    """Sample 0 flips, 1 jumps in probability, 3 goes far away while 39 others rest; of 2 nothing happens."""
    samples = 43
    predicted = np.zeros((3, samples), int)
    predicted[1:, 0] = 1
    probability = np.full((3, samples), 0.5)
    probability[2, 1] = 0.0  # by .5: not more than that
    probability[1, 1], probability[2, 1] = 0.5, 1.01
    position = np.zeros((3, samples, 2))
    position[0, 3] = 9, 0
    found = events(predicted, probability, position)
    rows = list(zip(*(part.tolist() for part in found), strict=True))
    assert [(epoch, row, KINDS[kind]) for epoch, row, kind, _ in rows] == [
        (1, 0, "flip"),
        (1, 3, "distance"),
        (2, 1, "probability"),
    ]
    assert [change for *_, change in rows] == pytest.approx([0, 9, 0.51])


def test_a_sample_that_was_not_in_use_moves_nowhere() -> None:
    position = np.zeros((2, 30, 2))
    position[0, 0] = np.nan
    position[0, 1] = 9, 0
    found = events(np.zeros((2, 30), int), np.zeros((2, 30)), position)
    assert found.row.tolist() == [1]
