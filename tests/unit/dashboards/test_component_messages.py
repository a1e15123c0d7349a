"""Messages of a browser to a component: each is read, or an error in three parts says why it cannot be."""

from typing import Any

import pytest

from dashboards.views.grid.image_grid import ImageGrid
from deepvid.errors import DeepVIDError, StoreError


def refuse(_: Any) -> None:
    raise StoreError("A store can be written to", "a full disk", "Make room")


def grid(said: list[int]) -> ImageGrid:
    actions = {"drop": lambda index: said.append(int(index)), "full": refuse}
    return ImageGrid(actions)


def test_a_message_reaches_its_action() -> None:
    said: list[int] = []
    grid(said)._handle_msg({"action": "drop", "value": 3})
    assert said == [3]


@pytest.mark.parametrize(
    "message",
    [
        {"action": "drop", "value": []},
        {"action": "drop", "value": "x" * 10_000},
        {"action": "drop", "value": float("inf")},
        {"action": "drop"},
        {"action": "fly"},
        {"action": []},
        {},
        [],
        None,
    ],
)
def test_a_message_that_cannot_be_read_is_told_in_three_parts(message: Any) -> None:
    with pytest.raises(DeepVIDError) as told:
        grid([])._handle_msg(message)
    assert told.value.must == "A server can read every message of its page"
    assert told.value.action.startswith("Reload the page")
    assert len(told.value.found) < 300


def test_what_an_action_says_itself_stays_as_it_is() -> None:
    with pytest.raises(StoreError, match="a full disk"):
        grid([])._handle_msg({"action": "full"})
