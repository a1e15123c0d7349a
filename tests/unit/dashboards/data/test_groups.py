"""Images class after class, and by their distance to one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from tables import a_table

from dashboards.data import image_orders
from dashboards.data.feature_neighbors import Space
from dashboards.data.image_orders import CACHED_ORDERS, DISTANCE, ImageOrder, by_image
from dashboards.data.orders import Listed, Order, group_counts, grouped, groupings, order, order_of
from dashboards.data.population import FactsKey, Population

LABEL, PREDICTED = [2, 0, 1, 0, 2, 1], [2, 1, 1, 0, -1, 0]
TABLE = a_table(LABEL, PREDICTED)
RUN: Any = None  # that has the features of `SPACE`
BACKWARDS = order_of(np.arange(6)[::-1])


def test_rows_are_grouped_by_class_in_their_order_within() -> None:
    assert grouped(TABLE, BACKWARDS, "true").rows.tolist() == [3, 1, 5, 2, 4, 0]
    assert grouped(TABLE, BACKWARDS, "predicted").rows.tolist() == [
        5,
        3,
        2,
        1,
        0,
        4,
    ]  # 4 is not predicted yet
    found = grouped(TABLE, BACKWARDS, "true")
    assert found.position[found.rows].tolist() == [0, 1, 2, 3, 4, 5]
    assert grouped(TABLE, BACKWARDS, "true") is found  # no gesture sorts again


def test_groups_are_counted_under_a_mask() -> None:
    assert group_counts(TABLE, "true", None).tolist() == [2, 2, 2, 0]
    assert group_counts(TABLE, "predicted", None).tolist() == [2, 2, 1, 1]
    mask = np.array([True, False, True, False, True, False])
    assert group_counts(TABLE, "true", mask).tolist() == [0, 1, 2, 0]
    listed = Listed(grouped(TABLE, BACKWARDS, "true"), mask)
    assert listed.rows().tolist() == [2, 4, 0]


def test_nothing_is_grouped_by_predictions_that_are_not_there() -> None:
    words = {name: kind.words for name, kind in groupings(TABLE).items()}
    assert words == {"true": "true class", "predicted": "predicted class"}
    assert list(groupings(replace(TABLE, predictions=None))) == ["true"]


def test_what_is_known_anew_is_grouped_anew() -> None:
    said = TABLE.predictions._replace(predicted=np.int32([0] * 6))  # type: ignore[union-attr]
    newer = replace(TABLE, predictions=said, facts=FactsKey())
    assert group_counts(newer, "predicted", None).tolist() == [6, 0, 0, 0]
    assert group_counts(TABLE, "predicted", None).tolist() == [2, 2, 1, 1]


PLACE = np.float32([[0, 0], [3, 4], [0, 1], [0, 0], [6, 8], [0, -1]])
SPACE = Space(
    xr.DataArray(PLACE, dims=("sample", "feature")), np.int32(LABEL), np.int32(LABEL), np.ones(6, bool)
)


@pytest.fixture(autouse=True)
def of_these_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_orders, "space", lambda run: SPACE)


def by_distance(table: Population, sample: int) -> Order:
    return by_image(table, RUN, ImageOrder(DISTANCE, sample))


def test_the_image_itself_comes_first_then_the_nearest() -> None:
    assert SPACE.distances(0).tolist() == [0, 5, 1, 0, 10, 1]
    assert by_distance(TABLE, 3).rows.tolist() == [3, 0, 2, 5, 1, 4]
    assert by_distance(TABLE, 1).rows.tolist()[0] == 1
    near = SPACE.neighbors(1, 5).test.sample  # as the nearest of an image are listed elsewhere
    assert by_distance(TABLE, 1).rows.tolist()[1:] == near.tolist()


def test_rows_that_are_no_samples_keep_their_own_numbers() -> None:
    some = replace(TABLE, samples=np.int32([5, 4, 1, 0, 2, 3]), facts=FactsKey())
    assert by_distance(some, 4).rows.tolist() == [1, 2, 4, 3, 5, 0]


def test_the_orders_asked_for_last_are_kept_and_each_is_sorted_once() -> None:
    table = replace(TABLE, facts=FactsKey())
    first = by_distance(table, 0)
    for sample in range(1, CACHED_ORDERS):
        by_distance(table, sample)
    assert by_distance(table, 0) is first  # asked for again, it is the latest
    second = by_distance(table, 1)
    for sample in (4, 5, 2):
        by_distance(table, sample)
        assert by_distance(table, 0) is first
    assert by_distance(table, 1) is not second
    assert order(table, "index") is order(table, "index")
