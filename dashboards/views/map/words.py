"""What stands above and below the map."""

from dashboards.data.captions import quality_phrases
from dashboards.data.levels import numbers
from dashboards.data.maps import Map
from dashboards.data.population import Population
from dashboards.views.map.coloring import coloring
from dashboards.widgets.plot_bar import Bar, Choice

_COLORS = {"label": "true class", "predicted": "predicted class", "error": "errors", "trust": "trust"}
_OF_A_TEACHER = ("predicted", "error")


def above(sentence: str, table: Population, chosen: Map, color: str) -> Bar:
    """The sentence about the selection, and the menus."""
    partial = table.partial if color != "label" else None
    colors = dict(_COLORS)
    if table.trust is None:
        del colors["trust"]
    if table.predicted is None:
        for name in _OF_A_TEACHER:
            del colors[name]
    colors |= {name: name for name in numbers(table)}
    return {
        "title": sentence,
        "badge": partial and f"partial: {partial}",
        "choices": [
            _menu("map", chosen.name, [[known.name, known.title] for known in table.maps.values()]),
            _menu("color", color, [[key, text] for key, text in colors.items()]),
        ],
    }


def below(table: Population, chosen: Map, color: str) -> Bar:
    """How far the map can be believed, and a legend where the names on the map are none."""
    groups = coloring(table, color).groups[1:]
    legend = [[group.name, group.color] for group in groups] if color == "error" else []
    return {"notes": [list(phrase) for phrase in quality_phrases(chosen)], "legend": legend}


def _menu(name: str, value: str, options: list[list[str]]) -> Choice:
    return {"name": name, "label": name, "value": value, "options": options, "menu": True}
