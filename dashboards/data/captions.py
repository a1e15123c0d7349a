"""Words of several views: of one image, a confusion, a map's quality with its chance."""

from dashboards.data.maps import Map, Map3D
from dashboards.data.population import Population

_MEASURES = {
    "neighborhood_hit": "neighborhood hit",
    "trustworthiness": "trustworthiness",
    "continuity": "continuity",
    "knn_preservation": "neighbors kept",
}


def verdict(table: Population, row: int) -> str:
    """`Shirt taken for T-shirt`, a row and its prediction; without labels `T-shirt rather than Shirt`."""
    name, predicted = table.class_names[table.label[row]], table.predicted
    if predicted is None or predicted[row] < 0 or predicted[row] == table.label[row]:
        return name
    if not table.labeled:
        return f"{table.class_names[predicted[row]]} rather than {name}"
    return f"{name} taken for {table.class_names[predicted[row]]}"


def caption(table: Population, sample: int) -> str:
    """`#7 Shirt taken for T-shirt`: a sample of the table, by its number and verdict."""
    row = table.row_of(sample)
    return f"#{sample}" if row is None else f"#{sample} {verdict(table, row)}"


def quality_phrases(chosen: Map | Map3D) -> list[str]:
    """`neighborhood hit 0.82 [0.80–0.84] (chance 0.10)` of each measure of a map."""
    return [
        f"{_MEASURES.get(name, name)} {value:.2f} [{low:.2f}–{high:.2f}] (chance {chance:.2f})"
        for name, (value, low, high, chance) in chosen.quality.items()
    ]


def cell_sentence(table: Population, true: int, predicted: int, count: int) -> str:
    """Images in one cell of the confusion matrix, in words."""
    if true == predicted:
        return f"{count:,} {table.class_names[true]} recognized"
    if not table.labeled:
        return f"{count:,} {table.class_names[predicted]} rather than {table.class_names[true]}"
    return f"{count:,} {table.class_names[true]} taken for {table.class_names[predicted]}"


BLACK_PATCH = "what a black patch takes away"
"""The occlusion that a student holds itself, if its teacher has no gradients."""
