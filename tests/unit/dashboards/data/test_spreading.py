"""A few of many."""

from dashboards.data.spreading import evenly


def test_few_of_many_are_the_first_the_last_and_as_far_apart_as_can_be() -> None:
    assert evenly(500, 2000).tolist() == list(range(500))
    assert evenly(20_000, 3).tolist() == [0, 10_000, 19_999]
    assert evenly(0, 5).tolist() == []
