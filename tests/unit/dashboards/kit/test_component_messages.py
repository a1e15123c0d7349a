"""Parameters of a component of ours, written while a message to the browser is gathered."""

from bokeh.document import Document
from bokeh.document.events import ModelChangedEvent
from panel.io.state import set_curdoc

from dashboards.kit.card import CardComponent
from dashboards.kit.elements import text


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
