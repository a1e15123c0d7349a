"""Which image comes first, and which one is studied first."""

from dataclasses import replace

import numpy as np
import xarray as xr
from tables import a_table

from dashboards.data.orders import ordered, orders, to_study
from dashboards.data.population import FactsKey
from dashboards.data.trust import Trust

TABLE = replace(
    a_table([0] * 6, [1, 1, 1, 1, 1, 0]),  # five errors, all of them as confident as the others
    trust=Trust(
        np.int32([0, 2, 3, 4]),
        np.uint8([3, 1, 3, 2]),
        np.float32([0.1, -0.3, 0.4, 0.2]),
        np.full(4, 0.9, np.float32),
        np.uint8([3, 0, 1, 0, 2, 0]),
        6,
    ),
)


def test_the_best_explained_come_first_and_those_without_a_student_last() -> None:
    assert next(iter(orders(TABLE))) == "explained"
    assert ordered(TABLE, "explained", None).rows().tolist() == [3, 0, 4, 2, 1, 5]
    assert next(iter(orders(replace(TABLE, trust=None)))) == "worst"
    nothing = replace(TABLE.trust, verdict=np.uint8([1, 1, 2, 2]))
    assert next(iter(orders(replace(TABLE, trust=nothing)))) == "worst"


def test_the_most_confident_explained_error_is_studied_first() -> None:
    said = TABLE.predictions._replace(confidence=np.float32([0.7, 1, 1, 0.6, 1, 1]))
    sure = replace(TABLE, predictions=said, facts=FactsKey())
    assert to_study(sure, None) == 0  # not 3, whose student is better, nor 1, which has none
    assert to_study(sure, np.array([False, False, False, True, True, True])) == 3
    assert to_study(sure, np.array([False, True, True, False, True, True])) == 1
    assert to_study(sure, np.zeros(6, bool)) is None


def test_the_least_certain_come_first_and_what_is_not_known_last() -> None:
    logits = np.float32([[9, 0, 0], [1, 0.9, 0], [0, 3, 0], [2, 0, 0], [0, 0, 4], [5, 5, 5]])
    said = TABLE.predictions._replace(
        logits=xr.DataArray(logits, dims=("sample", "class")), source=np.int32([0, 1, 2, 3, 4, -1])
    )
    table = replace(TABLE, predictions=said, facts=FactsKey())
    assert ordered(table, "margin", None).rows().tolist() == [1, 3, 2, 4, 0, 5]
    assert ordered(table, "loss", None).rows().tolist() == [4, 2, 1, 3, 0, 5]  # the true class is 0
    trust = replace(TABLE.trust, agreement=np.float32([0.7, 0.9, 0.8, 0.6]))
    assert ordered(replace(table, trust=trust), "fidelity", None).rows().tolist() == [2, 3, 0, 4, 1, 5]
    assert {"margin", "loss"} <= orders(table).keys()
    assert not {"margin", "loss", "fidelity"} & orders(replace(table, predictions=None, trust=None)).keys()
