"""Words of several views: of one image, a confusion, a map's quality with its chance."""

from dashboards.data.maps import Map, Map3D, Measure
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


def quality_phrases(chosen: Map | Map3D) -> list[tuple[str, str]]:
    """`neighborhood hit 0.82 (chance 0.10)`, without the word after the first, and its interval as a hint.

    Before them stands which setting follows the number of images, where there are few.
    """
    note = str(chosen.settings.get("note", ""))
    phrases: list[tuple[str, str]] = [(note.partition(",")[0], note)] if note else []
    for number, (name, measure) in enumerate(chosen.quality.items()):
        word = "" if number else "chance "
        text = f"{_MEASURES.get(name, name)} {measure.value:.2f} ({word}{measure.chance:.2f})"
        phrases.append((text, _interval(measure)))
    return phrases


def cell_sentence(table: Population, true: int, predicted: int, count: int) -> str:
    """Images in one cell of the confusion matrix, in words."""
    if true == predicted:
        return f"{count:,} {table.class_names[true]} recognized"
    if not table.labeled:
        return f"{count:,} {table.class_names[predicted]} rather than {table.class_names[true]}"
    return f"{count:,} {table.class_names[true]} taken for {table.class_names[predicted]}"


def _interval(measure: Measure) -> str:
    return f"95 % interval {measure.low:.2f} to {measure.high:.2f}; a random map reaches the chance"


BLACK_PATCH = "what a black patch takes away"
"""The occlusion that a student holds itself, if its teacher has no gradients."""
