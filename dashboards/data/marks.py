"""What people say of the labels of images, as a table that other programs read."""

import csv
import io
from collections.abc import Mapping

from dashboards.data.population import Population
from deepvid.store import Mark

COLUMNS = (
    "sample", "file", "true class", "predicted", "confidence", "suggested class", "remark", "time",
)  # fmt: skip
LONGEST = 500  # letters of a remark
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(table: Population, marks: Mapping[int, Mark]) -> str:
    """One line a mark, in the order of their samples; what is not known is empty.

    Spreadsheets take text that begins like a formula for one and run it: an apostrophe stands before it.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for sample, mark in sorted(marks.items()):
        writer.writerow([sample, *map(harmless, _facts(table, sample, mark))])
    return text.getvalue()


def _facts(table: Population, sample: int, mark: Mark) -> list[str]:
    names, row = table.class_names, table.row_of(sample)
    true = predicted = confidence = file = ""
    if row is not None:
        true = names[table.label[row]] if table.labeled else ""
        file = table.files.of([sample])[0] if table.files else ""
        said = table.predictions
        if said is not None and said.predicted[row] >= 0:
            predicted, confidence = names[said.predicted[row]], f"{said.confidence[row]:.6g}"
    suggested = names[mark.label] if mark.label is not None and 0 <= mark.label < len(names) else ""
    return [file, true, predicted, confidence, suggested, mark.remark, mark.time]


def harmless(text: str) -> str:
    """A text that a spreadsheet does not run."""
    return f"'{text}" if text.startswith(_FORMULA) else text
