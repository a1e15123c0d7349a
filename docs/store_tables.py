"""Writes the tables of stored variables into `docs/store_format.md`: `python docs/store_tables.py`.

All that they say is what `deepvid.fields` declares.
"""

from pathlib import Path

from deepvid.fields import SERIES, STAGES, Field

PAGE = Path(__file__).parent / "store_format.md"
MANY = {"projection": "projection-<name>", "students": "students/<settings>-<n>"}  # groups of such names


def main() -> None:
    """Replaces what stands between the markers of the page."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def filled(page: str) -> str:
    """The text of the page with the tables of what is declared."""
    for kind, table in (("stage", _stages()), ("series", _series())):
        begin, end = f"<!-- docs/store_tables.py: {kind} -->\n", f"\n<!-- end of {kind} -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}{table}{end}{rest.partition(end)[2]}"
    return page


def _stages() -> str:
    rows = [_row(MANY.get(name, name), field) for name, group in STAGES.items() for field in group.values()]
    return _table("stage", rows)


def _series() -> str:
    rows = [_row(name, _grown(field)) for name, group in SERIES.items() for field in group.values()]
    return _table("series", rows)


def _grown(field: Field) -> Field:
    """As it lies in a series; coordinates stay as they are."""
    return field if field.coordinate else field._replace(dims=("epoch", *field.dims))


def _table(kind: str, rows: list[tuple[str, ...]]) -> str:
    """A group is named in the first of its rows."""
    header = (kind, "variable", "dimensions", "type", "unit", "meaning")
    named = [
        ("" if number and rows[number - 1][0] == row[0] else f"`{row[0]}`", *row[1:])
        for number, row in enumerate(rows)
    ]
    lines = [header, ("---",) * len(header), *named]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |", 1) for line in lines)


def _row(group: str, field: Field) -> tuple[str, ...]:
    kind = " (coordinate)" if field.coordinate else " (optional)" if field.optional else ""
    variable = f"`{field.name}`{kind}"
    meaning = field.meaning.replace("|", "\\|")
    return group, variable, " ".join(field.dims), field.dtype, field.unit, meaning


if __name__ == "__main__":
    main()
