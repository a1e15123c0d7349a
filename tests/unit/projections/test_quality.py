"""Measures of a map against hand-computed numbers, scikit-learn and chance."""

from importlib import import_module
from threading import Barrier, Event

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from deepvid.errors import Cancelled, DataError
from deepvid.progress import Progress
from deepvid.projections import quality
from deepvid.projections.quality import (
    MOST_ROWS,
    Space,
    chance_rank_score,
    hits,
    measured_rows,
    neighborhoods,
)

LINE = np.array([[0.0], [1.0], [3.0], [7.0], [15.0]], np.float32)


def test_a_perfect_map_of_a_line() -> None:
    """Nearest neighbors on the line 0, 1, 3, 7, 15 are 1, 0, 1, 3, 7: of labels 0 0 1 1 1, four of five hit.

    Of two and three labels, (2 x 1 + 3 x 2) / (5 x 4) = 0.4 of all pairs agree.
    """
    measures = quality(LINE, LINE, np.array([0, 0, 1, 1, 1]), k=1, seed=0).measures
    assert measures["neighborhood_hit"].value == pytest.approx(4 / 5)
    assert measures["neighborhood_hit"].chance == pytest.approx(0.4)
    for name in ("trustworthiness", "continuity", "knn_preservation"):
        assert measures[name].value == measures[name].low == measures[name].high == 1
    assert measures["knn_preservation"].chance == pytest.approx(1 / 4)


def test_hits_are_told_per_sample_on_the_map_and_in_the_data() -> None:
    """On the map 0, 1, 4, 5, 5.5 the nearest of the line's 3 is 7: labels 0 0 1 1 1 hit everywhere.

    On the line itself the nearest of 3 is 1, of another label.
    """
    told = quality(
        LINE, np.array([[0.0], [1.0], [4.0], [5.0], [5.5]]), np.array([0, 0, 1, 1, 1]), k=1, seed=0
    )
    assert told.hit.tolist() == [1, 1, 1, 1, 1]
    assert told.data_hit.tolist() == [1, 1, 0, 1, 1]
    assert told.measures["neighborhood_hit"].value == 1


def test_a_sample_whose_neighborhood_is_not_measured_has_no_hit() -> None:
    shares = hits(np.array([0, 0, 1]), np.array([0, 2]), np.array([[1, 2], [0, 1]]))
    np.testing.assert_array_equal(shares, np.float32([0.5, np.nan, 0]))


def test_a_map_with_two_samples_exchanged() -> None:
    """The map puts the last sample at 2 and the third at 15; the others stay at 0, 1, 7.

    Nearest on the map of 0, 1, C, 7, E (C = 15, E = 2): 1, 0 (or E, equally far; we move E to 2.5), 7, E, 1.
    Their ranks in the data: 1 of 0 is 1st; 0 of 1 is 1st; 7 of C (3): 1 at 2, 0 at 3, 7 at 4: 3rd;
    E of 7 (7): 3 at 4, 1 at 6, 0 at 7, 15 at 8: 4th; 1 of E (15): 7, 3, 1: 3rd. Beyond k = 1: 2 + 3 + 2 = 7.
    Trustworthiness is 1 - 2 / (5 (10 - 3 - 1)) 7 = 1 - 7/15; preserved are two of five.
    """
    position = np.array([[0.0], [1.0], [15.0], [7.0], [2.5]])
    measures = quality(LINE, position, np.zeros(5, int), k=1, seed=0).measures
    assert measures["trustworthiness"].value == pytest.approx(1 - 7 / 15)
    assert measures["knn_preservation"].value == pytest.approx(2 / 5)


def test_trustworthiness_and_continuity_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    data = rng.normal(size=(600, 10)).astype(np.float32)  # more than two chunks of rows
    position = 100 * data[:, :2] + rng.normal(size=(600, 2))
    measures = quality(data, position, np.zeros(600, int), seed=0).measures
    assert measures["trustworthiness"].value == pytest.approx(trustworthiness(data, position, n_neighbors=15))
    assert measures["continuity"].value == pytest.approx(trustworthiness(position, data, n_neighbors=15))
    assert measures["trustworthiness"].value != pytest.approx(measures["continuity"].value, abs=1e-3)


def test_random_positions_reach_the_chance_level_of_every_measure() -> None:
    rng = np.random.default_rng(0)
    labels = rng.choice(3, 1000, p=[0.6, 0.3, 0.1])
    measures = quality(rng.normal(size=(1000, 8)), rng.normal(size=(1000, 2)), labels, seed=0).measures
    for name, measure in measures.items():
        assert measure.low - 0.01 < measure.chance < measure.high + 0.01, name
        assert measure.low < measure.value < measure.high


def test_chance_is_one_half_for_many_samples() -> None:
    assert chance_rank_score(15, 10**6) == pytest.approx(0.5, abs=1e-4)


def test_two_images_that_are_equal_are_neighbors_without_cost() -> None:
    data = np.repeat(np.random.default_rng(0).normal(size=(20, 4)), 2, axis=0)
    measures = quality(data, data, np.repeat(np.arange(20), 2), k=1, seed=0).measures
    assert all(measures[name].value == 1 for name in measures)


def test_of_a_large_map_some_rows_are_measured_among_all_samples() -> None:
    rows = measured_rows(MOST_ROWS + 500, seed=0)
    assert len(np.unique(rows)) == MOST_ROWS
    assert rows.max() >= MOST_ROWS
    data = np.random.default_rng(0).normal(size=(400, 3)).astype(np.float32)
    some = np.array([7, 130, 399])
    for of_all, of_some in zip(
        neighborhoods(data, data[:, :2], np.arange(400), 5),
        neighborhoods(data, data[:, :2], some, 5),
        strict=True,
    ):
        np.testing.assert_array_equal(of_some.nearest, of_all.nearest[some])
        np.testing.assert_array_equal(of_some.rank, of_all.rank[some])


def test_chunks_are_measured_side_by_side_until_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    together = Barrier(2, timeout=20)
    measured: list[int] = []
    distances = Space.distances

    def pairwise(space: Space, rows: np.ndarray) -> np.ndarray:
        together.wait()  # never over where one has to end before the next begins
        measured.append(len(rows))
        return distances(space, rows)

    module = import_module("deepvid.projections.quality")  # its package has a function of that name
    monkeypatch.setattr(Space, "distances", pairwise)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(module, "CHUNK", 10)
    data = np.random.default_rng(0).normal(size=(400, 3)).astype(np.float32)
    cancel = Event()
    with pytest.raises(Cancelled):
        neighborhoods(data, data[:, :2], np.arange(400), 5, progress=Progress(lambda _: cancel.set(), cancel))
    assert len(measured) < 40  # of 80: every chunk on the map and in the data


def test_too_few_samples_for_the_measures_is_an_error() -> None:
    points = np.arange(30.0)[:, None]
    with pytest.raises(DataError, match="Project at least 31 samples"):
        quality(points, points, np.zeros(30, int), seed=0)
