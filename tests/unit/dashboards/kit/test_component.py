"""Messages of a page that a card answers, and those that it sends."""

from typing import Any

import pytest

from dashboards.kit.component import LONG, CardComponent
from dashboards.kit.elements import Element, Field, Form, row
from dashboards.kit.pictures import Picture

FIELDS = Field("remark", "", most=3), Field("label", "", options=(("", "none"), ("1", "one")))


def component(tree: Element) -> tuple[CardComponent, list[Any]]:
    said: list[Any] = []
    card = CardComponent({"mark": said.append}, "any-card")
    card.draw(tree)
    return card, said


@pytest.mark.parametrize(
    ("changed", "done"),
    [
        ({}, True),
        ({"label": ""}, True),
        ({"remark": "four"}, False),
        ({"remark": None}, False),
        ({"label": "2"}, False),
        ({"sample": 4}, False),
        ({"sample": True}, False),
        ({"more": 1}, False),
    ],
)
def test_a_form_is_read_where_all_fits_in_its_fields(changed: dict[str, Any], done: bool) -> None:
    card, said = component(Form("mark", {"sample": 1}, (row(*FIELDS),)))
    value = {"sample": 1, "remark": "abc", "label": "1"} | changed
    card._handle_msg({"action": "mark", "value": value})
    assert said == [value] * done


def test_long_bytes_are_sent_apart_and_once() -> None:
    short, long = Picture(b"12", (1, 2, 1)), Picture(b"1" * LONG, (1, LONG, 1))
    card, _ = component(row(short, long))
    (name,) = card.long
    assert card.long[name] == long.pixels
    assert [each["pixels"] for each in card.tree["children"]] == [b"12", {"$long": name}]
    sent: list[str] = []
    card.param.watch(lambda *events: sent.extend(event.name for event in events), ["tree", "long"])
    card.draw(row(long))
    assert sent == ["tree"]
    card.draw(row(short))
    assert sent == ["tree", "tree", "long"]
    assert card.long == {}
