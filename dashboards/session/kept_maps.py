"""Maps that people keep by name in a run: which one, the part in sight, colors, curves, and the selection."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from dashboards.session.address import SELECT
from dashboards.session.notes import NoteStore, Schedule
from deepvid.store import Address, drop_map, keep_map, kept_maps

OF_MAP = ("split", "projection", "view", "color", "contours", SELECT)
OF_SPLIT = ("focus", "pin")
"""Images that an address names among those of its split."""


class KeptMaps(NoteStore[str, str]):
    """The parts of links that are about maps, by the names of these."""

    def __init__(self, store: Address, fault: Callable[[BaseException], None], schedule: Schedule) -> None:
        super().__init__(store, fault, schedule, kept_maps)

    def put(self, name: str, address: str) -> None:
        """Keeps the map of an address under a name, in the place of what had it."""
        query = urlencode({key: text for key, text in _parts(address).items() if key in OF_MAP})
        self._change({name: query}, lambda run: keep_map(run, name, query))

    def drop(self, name: str) -> None:
        """Takes a name back."""
        self._change({name: None}, lambda run: drop_map(run, name))

    def at(self, name: str, address: str) -> str:
        """An address with a kept map in the place of its own."""
        before, kept = _parts(address), _parts(self.entries[name])
        lost = OF_MAP if before.get("split") == kept.get("split") else (*OF_MAP, *OF_SPLIT)
        others = {key: text for key, text in before.items() if key not in lost}
        return "?" + urlencode(others | {key: text for key, text in kept.items() if key in OF_MAP})


def _parts(address: str) -> dict[str, str]:
    return dict(parse_qsl(address.removeprefix("?"), keep_blank_values=True))
