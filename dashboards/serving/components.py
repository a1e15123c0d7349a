"""The route that hands out the files of Panel's components: only of those that a page can have."""

import sys
from functools import cache, wraps

from panel.io.server import ComponentResourceHandler
from tornado.web import HTTPError


@cache
def import_nothing() -> None:
    """Keeps the route from importing what an address names; again, it changes nothing.

    Panel 1.9.4 imports the module named in `/components/MODULE/CLASS/...` before it checks anything, so that
    any address, an image of a foreign page too, could run any module there is. See
    docs/decisions/component_route.md.
    """
    parse = ComponentResourceHandler.parse_url_path

    @wraps(parse)
    def parse_known(handler: ComponentResourceHandler, path: str) -> str:
        module, _, rest = path.partition("/")
        if not _is_component(module, rest.partition("/")[0]):
            raise HTTPError(404, "no component of a page: %s", path)
        return parse(handler, path)

    ComponentResourceHandler.parse_url_path = parse_known  # type: ignore[assignment, method-assign]


def _is_component(module: str, name: str) -> bool:
    """Whether a loaded module defines this class, and the class is Panel's or made from one of Panel's.

    The module's own names are looked up, for `getattr` can import as well.
    """
    component = vars(sys.modules[module]).get(name) if module in sys.modules else None
    if not isinstance(component, type) or component.__module__ != module:
        return False
    return any(base.__module__.partition(".")[0] == "panel" for base in component.__mro__)
