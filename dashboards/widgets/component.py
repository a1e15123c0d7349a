"""The base of our own browser components: JavaScript beside the Python, messages instead of properties.

What the browser says arrives as messages `{action, value}`: they are not debounced, unlike properties
(`Reactive._debounce`, 50 ms). What the server says is written into parameters in one update, so one patch.
"""

import logging
import reprlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, NotRequired, TypedDict

import param
from panel.custom import JSComponent
from panel.io.state import state

from dashboards.served import BROWSER, address
from dashboards.widgets.help import Help
from deepvid.errors import DeepVIDError

UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""Errors that reading a message of a wrong type or value raises."""

Actions = Mapping[str, Callable[[Any], None]]


class Said(TypedDict):
    """A message of the browser: a component's docstring lists its actions with their values."""

    action: str
    value: NotRequired[Any]


class Nothing(TypedDict):
    """The empty dict: what a parameter holds while there is nothing to show."""


def source(module: str, *names: str) -> str:
    """The text of style sheets, one after another: each beside `module` (a `__file__`), or shared."""
    rooms = Path(module).parent, Path(__file__).parent, BROWSER / "kit"
    paths = (next(room / name for room in rooms if (room / name).is_file()) for name in names)
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


class Component(JSComponent):
    """A component whose browser side, the module `_esm` of `dashboards/browser`, calls `actions` by name."""

    __abstract = True
    _esm: ClassVar[str]

    help: Help | Nothing = param.Dict({}, doc='`Help` to its view, behind a "?"; empty: none')  # type: ignore[assignment]

    def __init__(self, actions: Actions, **params: Any) -> None:
        super().__init__(**params)
        self._actions = actions

    def _handle_msg(self, data: Said) -> None:
        """Raises DeepVIDError for what an action cannot read: a page of another version may send it."""
        try:
            self._actions[data["action"]](data.get("value"))
        except UNREADABLE as error:
            logging.getLogger(__name__).error(
                "%s cannot read %.200r", type(self).__name__, data, exc_info=error
            )
            raise DeepVIDError(
                "A server can read every message of its page",
                f"{reprlib.repr(data)}, which ends in a {type(error).__name__}",
                "Reload the page; the server's log says where this was raised",
            ) from error

    def _param_change(self, *events: param.parameterized.Event) -> None:
        """Writes plain data straight into what the browser reads, where one message is being gathered.

        Panel compares, dresses and searches each value for models first; ours hold none, but the inherited.
        """
        models = [model for model, _ in self._models.values()]
        values = {event.name: event.new for event in events}
        if not (_own(type(self)).issuperset(values) and all(map(_gathers, models))):
            super()._param_change(*events)
            return
        for model in models:
            model.data.update(**values)

    def _get_properties(self, doc: Any) -> dict[str, Any]:
        return super()._get_properties(doc) | {"bundle": "url", "esm": address(self._esm)}


@cache
def _own(component: type[Component]) -> frozenset[str]:
    """Names of the parameters that it adds to Panel's."""
    return frozenset(component.param).difference(JSComponent.param)


def _gathers(model: Any) -> bool:
    """Whether what is written into a model waits for the rest of a message."""
    document = model.document
    return document is not None and bool(document.callbacks.hold_value) and state._unblocked(document)
