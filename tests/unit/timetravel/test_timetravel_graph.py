"""Neighbors and fuzzy complexes against hand-computed numbers and umap-learn."""

import numpy as np
import pytest

from deepvid.timetravel.graph import (
    Edges,
    Graph,
    K,
    Neighbors,
    among_themselves,
    by_weight,
    draw,
    fuzzy_complex,
    graph,
    memberships,
    repeated_as_published,
    shared,
    weakened,
)

NONE = Edges(np.zeros(0, int), np.zeros(0, int), np.zeros(0))


def test_neighbors_are_exact_and_never_the_point_itself() -> None:
    """On the line 0, 1, 3, 7 and 7 again: the nearest two of each."""
    line = np.array([[0.0], [1.0], [3.0], [7.0], [7.0]])
    found = among_themselves(line, 2)
    assert [set(row) for row in found.point.tolist()[:2]] == [{1, 2}, {0, 2}]
    assert found.distance[3].tolist() == [0, 4]  # its duplicate, then 3
    same = among_themselves(np.zeros((6, 3)), 3).point
    assert not (same == np.arange(6)[:, None]).any()


def test_wide_points_are_searched_as_exactly_as_flat_ones() -> None:
    points = np.random.default_rng(0).normal(size=(300, 64)).astype(np.float32)
    far = np.linalg.norm(points[:, None].astype(np.float64) - points, axis=2)
    np.fill_diagonal(far, np.inf)
    np.testing.assert_array_equal(among_themselves(points, 5).point, far.argsort(axis=1)[:, :5])


def test_what_two_lists_share_does_not_depend_on_order() -> None:
    assert shared(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[3, 1, 9], [7, 8, 9]])).tolist() == [2, 0]


def test_memberships_of_three_neighbors_sum_to_two() -> None:
    """At distances 1, 2, 2, ρ = 1 and 1 + 2 exp(-1/σ) = log₂ 4 = 2, so exp(-1/σ) = 1/2."""
    np.testing.assert_allclose(memberships(np.array([[1.0, 2.0, 2.0]])), [[1, 0.5, 0.5]], atol=1e-9)


def test_equal_points_belong_wholly_to_each_other() -> None:
    np.testing.assert_array_equal(memberships(np.zeros((2, 3))), 1)


def test_the_union_of_one_way_memberships() -> None:
    """0 knows 1, and 2 knows 0 alone, each wholly: 1 + 0 - 0; 0 and 1 know each other: 1 + 1 - 1."""
    nearest = Neighbors(np.array([[1], [0], [0]]), np.array([[1.0], [1.0], [2.0]]))
    edges = fuzzy_complex(nearest, 3)
    found = {(int(h), int(t)): float(w) for h, t, w in zip(*edges, strict=True)}
    assert found == {(0, 1): 1.0, (1, 0): 1.0, (0, 2): 1.0, (2, 0): 1.0}


@pytest.mark.long
def test_the_complex_is_that_of_umap_learn() -> None:
    from umap.umap_ import fuzzy_simplicial_set

    rng = np.random.default_rng(0)
    points = rng.normal(size=(450, 8)).astype(np.float32)
    points[3] = points[4]
    nearest = among_themselves(points, K - 1)
    itself = np.arange(len(points))[:, None]
    theirs = fuzzy_simplicial_set(
        points,
        K,
        np.random.RandomState(0),
        "euclidean",
        knn_indices=np.concatenate([itself, nearest.point], axis=1),
        knn_dists=np.pad(nearest.distance, ((0, 0), (1, 0))).astype(np.float32),
    )[0].tocsr()
    edges = fuzzy_complex(nearest, len(points))
    np.testing.assert_allclose(
        np.asarray(theirs[edges.head, edges.tail]).ravel(), edges.weight, rtol=0, atol=2e-6
    )
    assert theirs.nnz == len(edges.weight)


def test_in_the_boundary_complex_every_point_leads_to_boundary_points() -> None:
    rng = np.random.default_rng(0)
    made = graph(rng.normal(size=(40, 3)), rng.normal(size=(20, 3)))
    assert made.samples.head.max() < 40
    assert made.samples.tail.max() < 40
    ends = np.stack(made.boundary[:2])
    assert (ends.max(axis=0) >= 40).all()
    assert set(ends.ravel().astype(int)) == set(range(60))


@pytest.mark.parametrize("points", [0, 1])
def test_without_boundary_points_there_is_no_boundary_complex(points: int) -> None:
    rng = np.random.default_rng(0)
    made = graph(rng.normal(size=(40, 3)), rng.normal(size=(points, 3)))
    assert len(made.boundary.weight) == 0
    drawn = draw(made, 3, 5, boundary_share=0.2, rng=rng)
    assert drawn.head.shape == (3, 5)


def test_fewer_boundary_points_than_neighbors_are_all_neighbors() -> None:
    rng = np.random.default_rng(0)
    made = graph(rng.normal(size=(40, 3)), rng.normal(size=(4, 3)))
    assert set(made.boundary.tail[made.boundary.head < 40].tolist()) == {40, 41, 42, 43}


def test_edges_between_differently_predicted_points_are_weakened() -> None:
    edges = Edges(np.array([0, 0]), np.array([1, 2]), np.array([1.0, 0.5]))
    assert weakened(edges, np.array([3, 3, 4]), 0.3).weight.tolist() == [1, 0.15]


def test_edges_are_drawn_in_proportion_to_their_weight() -> None:
    """Of weights 1, 3, 6 a tenth, three tenths and six tenths."""
    drawn = by_weight(np.array([1.0, 3.0, 6.0]), 200_000, np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(drawn) / 200_000, [0.1, 0.3, 0.6], atol=0.005)


def test_the_boundary_has_its_share_of_the_edges() -> None:
    samples = Edges(np.array([0]), np.array([1]), np.array([1.0]))
    boundary = Edges(np.array([0]), np.array([2]), np.array([0.1]))
    rng = np.random.default_rng(0)
    drawn = draw(Graph(samples, boundary), 100, 100, boundary_share=0.2, rng=rng)
    assert (drawn.tail == 2).mean() == pytest.approx(0.2, abs=0.01)


def test_the_published_drawing_repeats_weak_edges_most() -> None:
    """C.7, pitfall 4: weights 1, 0.9, 0.5, 0.2 are repeated 1, 1, 2 and 5 times; 0.05 is left out."""
    weight = np.array([1, 0.9, 0.5, 0.2, 0.05])
    edges = Edges(np.arange(5), np.arange(5) + 1, weight)
    assert np.bincount(repeated_as_published(Graph(edges, NONE)).head).tolist() == [1, 1, 2, 5]
