"""Which rows each kind of gesture means."""

import numpy as np
import pytest
from tables import a_table

from dashboards.data.maps import Map
from dashboards.session.gestures import Cells, Polygon, Samples
from deepvid.errors import DataError

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
