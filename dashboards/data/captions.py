"""What several views say in words: one image, one confusion, a map's quality with its chance."""

from dashboards.data.maps import Map, Map3D, Measure
from dashboards.data.population import Population

_MEASURES = {
    "neighborhood_hit": "neighborhood hit",
    "trustworthiness": "trustworthiness",
    "continuity": "continuity",
    "knn_preservation": "neighbors kept",
}


def verdict(table: Population, row: int) -> str:
    """`Shirt taken for T-shirt`: what one row is, and what the teacher makes of it.

    Without labels `T-shirt rather than Shirt`: what it takes it for, and what it nearly does.
    """
    name, predicted = table.class_names[table.label[row]], table.predicted
    if predicted is None or predicted[row] < 0 or predicted[row] == table.label[row]:
        return name
    if not table.labeled:
        return f"{table.class_names[predicted[row]]} rather than {name}"
    return f"{name} taken for {table.class_names[predicted[row]]}"


def quality_phrases(chosen: Map | Map3D) -> list[tuple[str, str]]:
    """`neighborhood hit 0.82 (chance 0.10)` for each measure of a map, with its interval as a hint.

    Only the first says the word: all stand in one line.
    """
    phrases: list[tuple[str, str]] = []
    for name, measure in chosen.quality.items():
        word = "" if phrases else "chance "
        text = f"{_MEASURES.get(name, name)} {measure.value:.2f} ({word}{measure.chance:.2f})"
        phrases.append((text, _interval(measure)))
    return phrases


def cell_sentence(table: Population, true: int, predicted: int, count: int) -> str:
    """What one cell of the confusion matrix holds."""
    if true == predicted:
        return f"{count:,} {table.class_names[true]} recognized"
    if not table.labeled:
        return f"{count:,} {table.class_names[predicted]} rather than {table.class_names[true]}"
    return f"{count:,} {table.class_names[true]} taken for {table.class_names[predicted]}"


def _interval(measure: Measure) -> str:
    return f"95 % interval {measure.low:.2f} to {measure.high:.2f}; a random map reaches the chance"
