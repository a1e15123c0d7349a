"""Messages of a page that a card answers, and those that it sends."""

import json
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.document.events import ModelChangedEvent
from panel.io.state import set_curdoc

from dashboards.kit.charts import Rail
from dashboards.kit.component import CardComponent
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


def test_bytes_are_sent_apart_from_their_tree_and_once() -> None:
    short, long = Picture(b"12", (1, 2, 1)), Picture(b"1" * 100, (1, 100, 1))
    card, _ = component(row(short, long, short))
    names = [each["pixels"]["$bytes"] for each in json.loads(card.tree)["children"]]
    held = [card.held[slice(*card.places[name])] for name in names]
    assert held == [short.pixels, long.pixels, short.pixels]
    assert len(card.held) == 8 + 100  # each begins where the browser can read numbers of any size
    sent: list[str] = []
    card.param.watch(lambda *events: sent.extend(event.name for event in events), ["tree", "places", "held"])
    card.draw(row(long, short))
    assert sent.pop(0) == "tree"
    card.draw(row(text("moved"), long, short))
    card.draw(row(long, short))
    assert sent == ["places", "held", "tree", "tree"]
    card.draw(row(text("alone")))
    assert (card.places, card.held) == ({}, b"")
    card.draw(row(Picture(b"", (0, 1, 1))))
    assert list(card.places.values()) == [(0, 0)]  # nothing has a name, too


def test_numbers_of_any_library_are_numbers_and_what_is_none_is_nothing() -> None:
    shown = [Rail(value).message()["value"] for value in (np.float32(0.5), np.int64(1), np.nan, np.inf)]
    assert json.dumps(shown) == "[0.5, 1, null, null]"


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
    assert json.loads(model.data.tree) == text("An ankle boot").message()
    assert {(event.model, event.attr) for event in held} == {
        (model.data, "tree"),
        (model.data, "hovered"),
        (model, "visible"),
    }
