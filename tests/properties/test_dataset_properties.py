"""Properties of every IDX file and every stratified choice."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from deepvid.config import Dataset
from deepvid.datasets.idx import decode, encode
from deepvid.datasets.loading import allocate, choose, split

labelings = hnp.arrays(np.int32, st.integers(2, 200), elements=st.integers(0, 6))


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=3, min_side=0)))
def test_an_idx_file_reads_as_it_was_written(array: np.ndarray) -> None:
    assert np.array_equal(decode(encode(array), array.ndim, "array"), array)


@given(st.lists(st.integers(0, 1000), min_size=1).filter(any), st.data())
def test_allocation_is_exact_and_within_one_of_the_shares(counts: list[int], data: st.DataObject) -> None:
    array = np.array(counts)
    total = data.draw(st.integers(0, int(array.sum())))
    given_out = allocate(array, total)
    assert given_out.sum() == total
    assert (given_out <= array).all()
    assert (given_out >= 0).all()
    present = np.count_nonzero(array)
    if total >= present:
        assert (given_out[array > 0] > 0).all()
    quota = array * total / array.sum()
    if (quota[array > 0] >= 1).all():
        assert (abs(given_out - quota) < 1 + 1e-9).all()


@given(labelings, st.integers(1, 200), st.integers(0, 9))
def test_a_choice_is_of_the_rows_each_once(labels: np.ndarray, total: int, seed: int) -> None:
    rows = np.arange(0, len(labels), 2)
    chosen = choose(labels, rows, total, np.random.default_rng(seed))
    assert len(chosen) == min(total, len(rows))
    assert (np.diff(chosen) > 0).all()
    assert np.isin(chosen, rows).all()


@given(labelings, st.floats(0.05, 0.95), st.integers(0, 9))
def test_a_split_is_a_partition_with_every_class_in_training(
    labels: np.ndarray, share: float, seed: int
) -> None:
    train, test = split(labels, None, Dataset(test_share=share), seed=seed)
    assert np.array_equal(np.sort(np.concatenate([train, test])), np.arange(len(labels)))
    if len(train) >= len(np.unique(labels)):
        assert set(labels[train]) == set(labels)


@given(labelings, st.integers(0, 9), st.data())
def test_swapping_exchanges_the_sizes_of_the_splits(
    labels: np.ndarray, seed: int, data: st.DataObject
) -> None:
    held_out = data.draw(st.integers(1, len(labels) - 1))
    test = np.arange(len(labels)) < held_out
    rows = split(labels, test, Dataset(swap=True), seed=seed)
    assert (len(rows.train), len(rows.test)) == (held_out, len(labels) - held_out)
    assert not np.intersect1d(rows.train, rows.test).size
