"""Which rows each kind of gesture means."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tables import a_table

from dashboards.data.maps import Map, Map3D
from dashboards.data.trust import BINS, EDGES, Trust
from dashboards.session.gestures import Cells, Polygon, Polygon3D, Samples, Trusted
from deepvid.errors import DataError
from deepvid.trust import Verdict

TABLE = a_table([0, 1, 2, 2], [0, 0, 1, 2])


def with_a_map():
    """The four corners of a unit square, row by row from below."""
    x, y = np.array([0, 1, 0, 1], np.float32), np.array([0, 0, 1, 1], np.float32)
    table = a_table([0, 1, 2, 2])
    table.maps["tsne"] = Map("tsne", x, y, {}, {})
    return table


def test_a_lasso_means_the_rows_inside():
    right_half = Polygon.drawn("tsne", (0.5, 2, 2, 0.5), (-1, -1, 2, 2))
    assert right_half.mask(with_a_map()).tolist() == [False, True, False, True]


def test_a_lasso_of_a_map_that_is_not_there_says_which_are():
    with pytest.raises(DataError, match="no map 'umap' among tsne"):
        Polygon.drawn("umap", (0, 1, 1), (0, 0, 1)).mask(with_a_map())


# Seen from a point of the z axis, two before the origin: (x, y, z) is at (x / w, y / w) with w = 2 - z.
FROM_THE_FRONT = (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 2)


def with_a_map_in_3d():
    """Seen from the front at (0, 0), (.5, .5), (1, 1), (.5, .5); the last are behind the eye, or nowhere."""
    position = [[0, 0, 0], [1, 1, 0], [1, 1, 1], [2, 2, -2], [-1, -1, 3], [np.nan] * 3]
    table = a_table([0, 1, 2, 2, 1, 0])
    table.maps_3d["tsne-3d"] = Map3D("tsne-3d", np.array(position, np.float32), {}, {})
    return table


def test_a_lasso_in_3d_means_what_is_seen_inside_however_far_away():
    around = Polygon3D.drawn("tsne-3d", FROM_THE_FRONT, (0.4, 0.6, 0.6, 0.4), (0.4, 0.4, 0.6, 0.6))
    assert around.mask(with_a_map_in_3d()).tolist() == [False, True, False, True, False, False]
    everything = Polygon3D.drawn("tsne-3d", FROM_THE_FRONT, (-9, 9, 9, -9), (-9, -9, 9, 9))
    assert everything.mask(with_a_map_in_3d()).tolist() == [True, True, True, True, False, False]


def test_a_lasso_in_3d_selects_the_same_rows_from_its_link():
    drawn = Polygon3D.drawn("tsne-3d", np.float64(FROM_THE_FRONT) / 3, (0.1, 2 / 3, 0.4), (0.1, 0.2, 1 / 3))
    assert Polygon3D.parse(json.loads(json.dumps(drawn.to_json()))) == drawn


def test_a_lasso_of_any_matrix_selects_without_a_fault():
    huge = Polygon3D.drawn("tsne-3d", (1e300,) * 12, (-1, 1, 0), (-1, -1, 1))
    assert huge.mask(with_a_map_in_3d()).shape == (6,)


def test_a_lasso_in_3d_belongs_to_a_map_of_three_dimensions():
    table = with_a_map_in_3d()
    with pytest.raises(DataError, match="no 3-D map 'tsne' among tsne-3d"):
        Polygon3D.drawn("tsne", FROM_THE_FRONT, (0, 1, 1), (0, 0, 1)).mask(table)


@pytest.mark.parametrize(
    "wrong", [{"view": [1, 2]}, {"x": [0, 1]}, {"y": [0, 1, float("nan")]}, {"view": None}]
)
def test_nonsense_from_outside_is_no_lasso_in_3d(wrong):
    right = {"map": "m", "view": FROM_THE_FRONT, "x": [0, 1, 1], "y": [0, 0, 1]}
    assert Polygon3D.parse(right)
    with pytest.raises((ValueError, TypeError)):
        Polygon3D.parse(right | wrong)


def test_cells_mean_their_rows_and_those_of_other_classes_none():
    assert Cells(((1, 0), (2, 1), (9, 9))).mask(TABLE).tolist() == [False, True, True, False]


def test_samples_mean_their_rows_and_unknown_ones_none():
    assert Samples((3, 0, 4711)).mask(TABLE).tolist() == [True, False, False, True]


# Rows 0 to 2 are errors, 3 is right; row 1 has no student.
JUDGED = replace(
    a_table([0, 1, 2, 2], [1, 0, 1, 2]),
    trust=Trust(
        np.int32([0, 2, 3]),
        np.uint8([3, 1, 3]),
        np.float32([0.12, -0.02, 0.5]),
        np.float32([0.9, 0.6, 0.8]),
        np.uint8([3, 0, 1, 2]),
        4,
    ),
)


@pytest.mark.parametrize(
    ("what", "rows", "sentence"),
    [
        ("explained", [0, 3], "2 explained images, 1 misclassified"),
        ("cannot_tell", [2], "1 error whose student cannot tell"),
        ("weak", [], "0 weakly explained errors"),
        ("unknown", [1], "1 error without a student"),
        ([0.1, 0.15], [0], "1 error 10–15 points beyond guessing"),
        ([0.45, 1.0], [3], "1 image 45+ points beyond guessing"),
        ([-0.05, 0.0], [2], "1 error 0–5 points short of guessing"),
        ([-1.0, -0.05], [], "0 errors 5+ points short of guessing"),
    ],
)
def test_trust_means_a_verdict_or_a_range_and_says_which(what, rows, sentence):
    gesture = Trusted.parse(what)
    assert gesture.to_json() == what
    assert np.flatnonzero(gesture.mask(JUDGED)).tolist() == rows
    assert gesture.sentence(JUDGED, len(rows)) == sentence


def test_a_range_holds_what_its_bar_counts():
    edges = (-1.0, *EDGES, 1.0)
    beyond = np.float32(edges)[1:-1]  # on the edges, where it matters
    trust = Trust(
        np.arange(BINS - 1, dtype=np.int32),
        np.full(BINS - 1, 2, np.uint8),
        beyond,
        beyond,
        np.zeros(BINS - 1, np.uint8),
        BINS - 1,
    )
    table = replace(a_table([0] * (BINS - 1)), trust=trust)
    counts = [int(Trusted(ends).mask(table).sum()) for ends in pairwise(edges)]
    assert counts == trust.histogram(None).sum(axis=1).tolist()


def test_without_students_nothing_is_explained_and_nothing_fails():
    assert not Trusted(Verdict.EXPLAINED).mask(TABLE).any()
    assert not Trusted((0.1, 0.2)).mask(TABLE).any()
    assert Trusted(Verdict.UNKNOWN).mask(TABLE).all()


@pytest.mark.parametrize(
    "value", ["sure", [0.2, 0.1], [float("nan"), 1], [0, 7], [-0.1, 0.1], [0.1], 3, None, {"a": 1}]
)
def test_nonsense_from_outside_is_no_trust(value):
    with pytest.raises((ValueError, TypeError, KeyError)):
        Trusted.parse(value)
