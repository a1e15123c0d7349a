"""The map's picture, held against Datashader's own aggregates and shading."""

import datashader as ds
import datashader.transfer_functions as tf
import numpy as np
import pandas as pd
import pytest

from dashboards.kernels.counts import cells, confusion, in_cells
from dashboards.kernels.shading import LEVELS, Viewport, aggregate_groups, count_groups, shade, stamp
from dashboards.kernels.tiles import tile

GROUPS = 4  # group 0 is what is not selected
WEIGHT = np.array([1e-6, 1, 1, 1])


@pytest.fixture
def points():
    random = np.random.default_rng(3)
    group = random.integers(1, GROUPS, 5000).astype(np.uint8)
    x, y = (random.normal(size=(5000, 2)) + group[:, None]).astype(np.float32).T
    return x, y, group


VIEW = Viewport(-1.0, -1.5, 5.0, 4.5, 60, 40)


def _datashader_counts(x, y, group):
    canvas = ds.Canvas(VIEW.width, VIEW.height, (VIEW.left, VIEW.right), (VIEW.bottom, VIEW.top))
    frame = pd.DataFrame({"x": x, "y": y, "group": pd.Categorical(group, range(GROUPS))})
    return canvas.points(frame, "x", "y", ds.count_cat("group"))


BORDERS = np.float32(
    [-1, -0.9, 0, 0.1, 0.7, 1, 3, 4.9, 5, np.nan, np.nextafter(np.float32(5), np.float32(9))]
)
"""Points on the view's edges and on pixels' borders, and beyond by the least that there is."""


@pytest.mark.parametrize("selected", [False, True])
@pytest.mark.parametrize(
    "view",
    [
        VIEW,
        Viewport(-1.0, -1.0, 5.0, 5.0, 60, 60),  # a tenth a pixel
        Viewport(0.7, 0.1, 0.9, 0.4, 30, 50),
        Viewport(-1e6, -1e6, 1e6, 1e6, 7, 5),  # all in one pixel
        Viewport(40.0, 40.0, 41.0, 41.0, 8, 8),  # nothing
        Viewport(2.0, 0.0, 2.0, 1.0, 8, 8),  # no width
        Viewport(5.0, 4.0, -1.0, -1.0, 8, 8),  # reversed
    ],
)
def test_datashader_counts_what_the_tiles_count(points, view, selected):
    x, y, group = points
    side = len(BORDERS)
    x = np.r_[x, np.repeat(BORDERS, side), np.linspace(-1, 5, 61, dtype=np.float32)]
    y = np.r_[y, np.tile(BORDERS, side), np.linspace(-1, 5, 61, dtype=np.float32)]
    group = np.r_[group, np.full(side * side + 61, 2, np.uint8)]
    mask = np.random.default_rng(4).random(len(x)) < 0.3 if selected else None
    counts = count_groups(tile(x, y), group, mask, view, 0)
    aggregated = aggregate_groups(tile(x, y), group, mask, view)
    np.testing.assert_array_equal(counts, aggregated)
    assert counts.dtype == aggregated.dtype == np.uint32


@pytest.mark.long
def test_discs_are_datashaders_spread(points):
    x, y, group = points
    counts = count_groups(tile(x, y), group, None, VIEW, 1)
    spread = tf.spread(_datashader_counts(x, y, group), mask=_mask(1), how="add")
    np.testing.assert_array_equal(counts, spread.to_numpy())


def _mask(radius):
    mask = np.zeros((2 * radius + 1, 2 * radius + 1))
    mask[tuple((stamp(radius) + radius).T)] = 1
    return mask


def test_the_shading_is_datashaders_where_a_pixel_has_one_group(points):
    x, y, group = points
    counts = count_groups(tile(x, y), group, None, VIEW, 0)
    index = shade(counts, WEIGHT).astype(int)
    colors = {0: "#000000", 1: "#ff0000", 2: "#00ff00", 3: "#0000ff"}
    image = tf.shade(_datashader_counts(x, y, group), color_key=colors, how="log", min_alpha=0)
    rgba = image.to_numpy().view(np.uint8).reshape(*image.shape, 4)
    alone = (counts > 0).sum(axis=2) == 1
    assert alone.sum() > 300
    leader = (index[alone] - 1) // LEVELS
    np.testing.assert_array_equal(rgba[alone][:, :3].argmax(axis=1) + 1, leader)
    # A denser pixel of ours is never fainter in Datashader's picture.
    level, alpha = (index[alone] - 1) % LEVELS, rgba[alone][:, 3].astype(int)
    order = np.lexsort((alpha, level))
    assert (np.diff(alpha[order]) >= -1).all()
    assert ((index == 0) == (counts.sum(axis=2) == 0)).all()


def test_what_is_selected_lies_on_top_of_what_is_not():
    # One pixel: three rows that are not selected, a selected one of group 2: 1 + 2 x LEVELS + the top level.
    x = y = np.full(4, 0.5, np.float32)
    group, mask = np.array([1, 1, 1, 2], np.uint8), np.array([False, False, False, True])
    counts = count_groups(tile(x, y), group, mask, Viewport(0, 0, 1, 1, 1, 1), 0)
    assert counts.tolist() == [[[3, 0, 1]]]
    assert shade(counts, WEIGHT).tolist() == [[1 + 2 * LEVELS + LEVELS - 1]]


@pytest.mark.parametrize("radius", [0, 1.5])
@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_a_count_that_knows_the_whole_is_the_count(points, radius, share):
    x, y, group = points
    group[:500] = 0  # a selected row may be of that group too
    mask = np.random.default_rng(4).random(len(x)) < share
    whole = count_groups(tile(x, y), group, None, VIEW, radius).sum(axis=2, dtype=np.uint32)
    counts = count_groups(tile(x, y), group, mask, VIEW, radius, whole)
    np.testing.assert_array_equal(counts, count_groups(tile(x, y), group, mask, VIEW, radius))
    assert counts.sum() == whole.sum() > 4000


def test_density_climbs_with_the_logarithm_of_the_count():
    # log(2)/log(64) = 1/6 of 12 levels, log(8)/log(64) = 1/2, log(64)/log(64): the top one.
    counts = np.array([[[0, 1], [0, 7], [0, 63], [0, 0]]], np.uint32)
    assert shade(counts, WEIGHT).tolist() == [[1 + LEVELS + 2, 1 + LEVELS + 6, 1 + LEVELS + 11, 0]]


def test_rows_without_a_position_or_out_of_view_are_not_drawn():
    x, y = np.float32([np.nan, 9, 0.5]), np.float32([0.5, 0.5, np.nan])
    counts = count_groups(tile(x, y), np.zeros(3, np.uint8), None, Viewport(0, 0, 1, 1, 2, 2), 1)
    assert not counts.any()


def test_confusion_counts_true_by_row_and_leave_out_what_is_unknown():
    cell = cells(np.array([0, 0, 1, 1]), np.array([0, 1, 1, -1]), 2)
    assert confusion(cell, None, 2).tolist() == [[1, 1], [0, 1]]
    assert confusion(cell, np.array([False, True, True, True]), 2).tolist() == [[0, 1], [0, 1]]


@pytest.mark.parametrize(("classes", "dtype"), [(3, "uint8"), (16, "uint16"), (300, "uint32")])
@pytest.mark.parametrize("share", [0.01, 0.9])
def test_confusion_and_cells_are_those_of_numpy(classes: int, dtype: str, share: float) -> None:
    rng = np.random.default_rng(0)
    label = rng.integers(0, classes, 1003, np.int32)  # not a multiple of 8
    predicted = rng.integers(-1, classes, 1003, np.int32)
    cell, mask, known = cells(label, predicted, classes), rng.random(1003) < share, predicted >= 0
    assert cell.dtype == dtype
    for under, rows in ((None, known), (mask, known & mask)):
        expected = np.zeros((classes, classes), np.int64)
        np.add.at(expected, (label[rows], predicted[rows]), 1)
        assert (confusion(cell, under, classes) == expected).all()
    for count in (0, 1, classes):
        chosen = np.zeros((classes, classes), np.bool_)
        chosen[label[known][:count], predicted[known][:count]] = True
        assert (in_cells(cell, chosen) == (known & chosen[label, predicted])).all()
