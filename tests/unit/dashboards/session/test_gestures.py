"""Which rows each kind of gesture means."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tables import a_table

from dashboards.data.maps import Map
from dashboards.data.trust import BINS, EDGES, Trust
from dashboards.session.gestures import Cells, Polygon, Samples, Trusted
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
        np.arange(BINS - 1, dtype=np.int32), np.full(BINS - 1, 2, np.uint8), beyond, beyond, BINS - 1
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
