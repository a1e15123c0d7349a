"""A list that is looked for bit by bit is the list."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.data import orders
from dashboards.data.orders import Listed, order_of

ROWS = 40


@pytest.fixture(autouse=True, scope="module")
def short_looks() -> Iterator[None]:
    """Several looks for a short list."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orders, "_STEP", 3)
        yield


@given(
    every=st.permutations(range(ROWS)),
    mask=st.none() | st.lists(st.booleans(), min_size=ROWS, max_size=ROWS),
    asked=st.lists(st.tuples(st.booleans(), st.integers(0, ROWS - 1), st.integers(0, ROWS + 3))),
)
def test_windows_and_positions_are_those_of_the_whole_list(
    every: list[int], mask: list[bool] | None, asked: list[tuple[bool, int, int]]
) -> None:
    whole = [row for row in every if mask is None or mask[row]]
    listed = Listed(order_of(np.array(every, np.int32)), None if mask is None else np.array(mask))
    assert len(listed) == len(whole)
    for window, a, b in asked:
        if window:
            assert listed.rows(a, b).tolist() == whole[a:b]
        else:
            assert listed.position(a) == (whole.index(a) if a in whole else None)
    assert listed.rows().tolist() == whole
