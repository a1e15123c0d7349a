"""What stands above and below the map."""

from dashboards.data.captions import quality_phrases
from dashboards.data.levels import numbers
from dashboards.data.maps import Map, Map3D, Measure
from dashboards.data.own_axes import axes_of
from dashboards.data.placing import ALIKE
from dashboards.data.population import Population
from dashboards.data.separation import Separation, pair_of
from dashboards.data.values import categories
from dashboards.kit.plot_header import Bar, Choice
from dashboards.views.map.coloring import coloring
from dashboards.widgets.component import Nothing
from dashboards.widgets.help import Help
from deepvid.statistics import Interval
from deepvid.wording import percents

_COLORS = {"label": "true class", "predicted": "predicted class", "error": "errors", "trust": "trust"}
_OF_A_TEACHER = ("predicted", "error")
_UNLABELED = {"label": "predicted class", "trust": "trust"}


def above(
    sentence: str, table: Population, chosen: Map | Map3D, color: str, *, contours: bool = False
) -> Bar:
    """The sentence about the selection, and the menus."""
    partial = table.partial if color != "label" else None
    colors = _colors(table)
    color = color if color in colors else "label"
    curves = [["contours", "contours", "Curves around half and nine tenths of each class", contours]]
    hint = "A map along axes of your own: from some images to others"
    own = [["axes", "axes …", hint, axes_of(chosen.name) is not None]]
    keep = [["kept", "keep …", "Keep this map by a name: what is in sight, colors, and selection", False]]
    return {
        "title": sentence,
        "badge": partial and f"partial: {partial}",
        "switches": [*curves, *own, *keep] if isinstance(chosen, Map) else keep,
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
    """How much of the neighborhoods a map keeps, and a legend where the names on the map are none."""
    groups = coloring(table, color).groups[1:]
    of_errors = color == "error" and table.wrong is not None
    legend = [[group.name, group.color] for group in groups] if of_errors else []
    placed = [["training images amid the test images most alike", _PLACED]] if chosen.placed else []
    kept = chosen.quality.get(_KEPT)
    worth = f" · keeps {percents(kept.value)} % of neighbors" if kept else ""
    notes = [[f"{chosen.title}{worth}", "Of the nearest of each image, so many are among its nearest here"]]
    notes += [[axis, "An axis of your own"] for axis in chosen.settings.get("axes", ())]
    few = [[note.partition(",")[0], note]] if (note := str(chosen.settings.get("note", ""))) else []
    return {"subject": "the line of its worth", "notes": [*notes, *few, *placed], "legend": legend}


_KEPT = "knn_preservation"
_PLACED = (
    f"The map was made of test images: each other one stands in the middle of the {ALIKE} nearest of these "
    "in the teacher's features. What is measured is measured on test images"
)


def measures(chosen: Map | Map3D, told: Separation | None) -> Help | Nothing:
    """All that was measured of a map, each beside what a random map reaches, and whether three dimensions
    separate the classes better; empty where nothing was measured.
    """
    if not chosen.quality:
        return {}
    return Help(
        what=f"{'; '.join(quality_phrases(chosen))}.",
        use="In brackets stand the 95 % interval and the chance, which a map of random places reaches.",
        beware=f"{_separation(chosen, told)} {_DISTANCES}" if told else _DISTANCES,
        source="Trustworthiness and continuity: Venna & Kaski 2001. Neighborhood hit, of the nearest those "
        "of an image's label: Paulovich et al. 2008.",
    )


_DISTANCES = "Sizes of clusters and distances between them mean little."
_VERDICTS = {1: "3-D separates better", 0: "3-D separates no better", -1: "3-D separates worse"}


def _separation(chosen: Map | Map3D, told: Separation) -> str:
    """Whether three dimensions separate the classes better, then what that is read from."""
    parts = [_hit("2-D", told.flat), _hit("3-D", told.deep)]
    if told.data is not None:
        parts.append(_hit(str(chosen.settings.get("of", "data")), told.data))
    return f"{_verdict(told)} (neighborhood hit of {', '.join(parts)})."


def _verdict(told: Separation) -> str:
    """By the difference image by image where it is known, whose interval is narrower than theirs."""
    if told.gain is None:
        return _VERDICTS[told.better]
    value, low, high = (_short(side, "+") for side in told.gain)
    return f"{_VERDICTS[told.better]}: {value} [{low}, {high}]"


def _hit(name: str, told: Measure | Interval) -> str:
    value, low, high = map(_short, told[:3])
    return f"{name} {value} [{low}\u2013{high}]"


def _short(value: float, sign: str = "") -> str:
    """`.830`: the zero before the point says nothing of a share."""
    short = f"{value:{sign}.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:{sign}.2f}"
    return short.replace("-", "\u2212")


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
    own = axes_of(chosen.name)
    return [*options, [chosen.name, chosen.title]] if own else options


def _menu(name: str, value: str, options: list[list[str]]) -> Choice:
    return {"name": name, "label": name, "value": value, "options": options, "menu": True}
