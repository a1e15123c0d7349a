"""Messages of a page that a card answers, and those that it sends."""

from typing import Any

import pytest
from bokeh.document import Document
from bokeh.document.events import ModelChangedEvent
from panel.io.state import set_curdoc

from dashboards.kit.component import LONG, CardComponent
from dashboards.kit.elements import Element, row, text
from dashboards.kit.forms import Field, Form, Submit
from dashboards.kit.pictures import Picture

FIELDS = Field("remark", "Remark", "", most=3), Field("label", "Class", "", (("", "none"), ("1", "one")))
TEXTS = {"remark": "abc", "label": "1"}


def component(tree: Element) -> tuple[CardComponent, list[Any]]:
    said: list[Any] = []
    card = CardComponent({"mark": said.append}, "any-card")
    card.draw(tree)
    return card, said


@pytest.mark.parametrize(
    ("texts", "own", "done"),
    [
        ({}, {}, True),
        ({"label": ""}, {}, True),
        ({"remark": "four"}, {}, False),
        ({"remark": None}, {}, False),
        ({"label": "2"}, {}, False),
        ({"more": "1"}, {}, False),
        ({}, {"sample": 4}, False),
        ({}, {"sample": True}, False),
        ({}, {"more": 1}, False),
    ],
)
@pytest.mark.parametrize("disabled", [False, True])
def test_a_form_is_read_where_all_fits_in_its_fields(
    texts: dict[str, Any], own: dict[str, Any], done: bool, disabled: bool
) -> None:
    send = Submit(("Mark",), "mark", {"sample": 1}, disabled=disabled)
    card, said = component(Form(FIELDS, "1", (row(send),)))
    value = {"sample": 1, "texts": TEXTS | texts} | own
    card._handle_msg({"action": "mark", "value": value})
    assert said == [value] * (done and not disabled)


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


def test_all_that_a_card_shows_goes_into_one_message_and_what_is_panels_with_it() -> None:
    document = Document()
    card = CardComponent({}, "pairs-card")
    with set_curdoc(document):
        document.add_root(card.get_root(document))
        ((model, _),) = card._models.values()
        document.hold("combine")
        card.draw(text("An ankle boot"))
        card.param.update(hovered=4, visible=False)
    held = [event for event in document.callbacks._held_events if isinstance(event, ModelChangedEvent)]
    assert model.data.tree == text("An ankle boot").message()
    assert {(event.model, event.attr) for event in held} == {
        (model.data, "tree"),
        (model.data, "hovered"),
        (model, "visible"),
    }
