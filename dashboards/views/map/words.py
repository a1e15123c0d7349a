"""What stands above and below the map."""

from dashboards.data.captions import quality_phrases
from dashboards.data.levels import numbers
from dashboards.data.maps import Map, Map3D, Measure
from dashboards.data.placing import ALIKE
from dashboards.data.population import Population
from dashboards.data.separation import Separation, pair_of
from dashboards.data.values import categories
from dashboards.kit.plot_header import Bar, Choice
from dashboards.views.map.coloring import coloring
from deepvid.statistics import Interval

_COLORS = {"label": "true class", "predicted": "predicted class", "error": "errors", "trust": "trust"}
_OF_A_TEACHER = ("predicted", "error")
_UNLABELED = {"label": "predicted class", "trust": "trust"}


def above(sentence: str, table: Population, chosen: Map | Map3D, color: str) -> Bar:
    """The sentence about the selection, and the menus."""
    partial = table.partial if color != "label" else None
    colors = _colors(table)
    color = color if color in colors else "label"
    return {
        "title": sentence,
        "badge": partial and f"partial: {partial}",
        "choices": [
            *_dimensions(table, chosen),
            _menu("map", chosen.name, _maps(table, chosen)),
            _menu("color", color, [[key, text] for key, text in colors.items()]),
        ],
    }


def _colors(table: Population) -> dict[str, str]:
    """Name -> words of what a run can be colored by."""
    colors = dict(_COLORS if table.labeled else _UNLABELED)
    if table.trust is None:
        del colors["trust"]
    if table.predicted is None:
        for name in _OF_A_TEACHER:
            del colors[name]
    return colors | {name: name for name in (*numbers(table), *categories(table))}


def below(table: Population, chosen: Map | Map3D, color: str) -> Bar:
    """How far the map can be believed, and a legend where the names on the map are none."""
    groups = coloring(table, color).groups[1:]
    of_errors = color == "error" and table.wrong is not None
    legend = [[group.name, group.color] for group in groups] if of_errors else []
    placed = [["training images amid the test images most alike", _PLACED]] if chosen.placed else []
    return {"notes": placed + [list(phrase) for phrase in quality_phrases(chosen)], "legend": legend}


_PLACED = (
    f"The map was made of test images: each other one stands in the middle of the {ALIKE} nearest of these "
    "in the teacher's features. What follows was measured on test images"
)


def answer(chosen: Map | Map3D, told: Separation) -> Bar:
    """Whether three dimensions separate the classes better, then what that is read from."""
    parts = [_verdict(told), _hit("2-D", told.flat), _hit("3-D", told.deep)]
    if told.data is not None:
        parts.append(_hit(str(chosen.settings.get("of", "data")), told.data))
    return {"notes": parts}


_VERDICTS = {1: "3-D separates better", 0: "3-D separates no better", -1: "3-D separates worse"}


def _verdict(told: Separation) -> list[str]:
    text = _VERDICTS[told.better]
    if told.gain is None:
        return [text, "Told by whether the 95 % intervals of the two neighborhood hits overlap"]
    value, low, high = told.gain
    hint = (
        f"Neighborhood hit of 3-D less that of 2-D: {value:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}. "
        "It is taken image by image, so it is narrower than theirs"
    )
    return [f"{text}: {_short(value, '+')}", hint]


def _hit(name: str, told: Measure | Interval) -> list[str]:
    value, low, high = map(_short, told[:3])
    hint = f"Neighborhood hit of {name}: the share of an image's nearest that have its label; 95 % interval"
    return [f"{name} {value} [{low}\u2013{high}]", hint]


def _short(value: float, sign: str = "") -> str:
    """`.830`: the zero before the point says nothing of a share."""
    return f"{value:{sign}.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:{sign}.2f}"


def _dimensions(table: Population, chosen: Map | Map3D) -> list[Choice]:
    """2-D | 3-D, where the map has a counterpart."""
    pair = pair_of(table, chosen)
    if pair is None:
        return []
    options = [
        [pair.flat.name, "2-D", "On a plane: dense, with all neighbors in sight"],
        [pair.deep.name, "3-D", "In space: turn it, and lasso what you see"],
    ]
    return [{"name": "map", "label": "Dimensions", "value": chosen.name, "options": options}]


def _maps(table: Population, chosen: Map | Map3D) -> list[list[str]]:
    """[name, title] of each, of a pair that which has the dimensions of `chosen`: `_dimensions` has both."""
    options = []
    every: list[Map | Map3D] = [*table.maps.values(), *table.maps_3d.values()]
    for known in every:
        pair = pair_of(table, known)
        if pair is None:
            options.append([known.name, known.title])
        elif isinstance(known, type(chosen)):
            options.append([known.name, pair.flat.title])
    return options


def _menu(name: str, value: str, options: list[list[str]]) -> Choice:
    return {"name": name, "label": name, "value": value, "options": options, "menu": True}
