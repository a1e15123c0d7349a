"""One image by its number or by part of its file's name."""

import re
from typing import NamedTuple

import numpy as np

from dashboards.data.population import Population

_LONGEST = 12  # digits of an index


class Finding(NamedTuple):
    """What a search came to."""

    sample: int | None
    sentence: str  # which of how many it is, or why there is none


def find(table: Population, text: str, after: int | None) -> Finding:
    """`#5` is sample 5; any other text the next image whose file has it in its name, after sample `after`.

    Where images have no files, or none with these digits, a number is an index without its sign, too.
    """
    text = text.strip()
    if not text:
        return Finding(None, "")
    number = re.fullmatch(rf"#?(\d{{1,{_LONGEST}}})", text, re.ASCII)
    if number and text.startswith("#"):
        return _numbered(table, int(number[1]))
    if table.files is None:
        unnamed = Finding(None, "This run knows no file names: search by #index")
        return _numbered(table, int(number[1])) if number else unnamed
    matching = table.files.containing(text)
    if number and not len(matching):
        return _numbered(table, int(number[1]))
    return _named(table, text, matching, after)


def _numbered(table: Population, sample: int) -> Finding:
    if table.has(sample):
        return Finding(sample, f"#{sample}{_file(table, sample)}")
    return Finding(None, f"No image #{sample}: they are numbered 0 to {len(table.row_of_sample) - 1:,}")


def _named(table: Population, text: str, matching: np.ndarray, after: int | None) -> Finding:
    if not len(matching):
        where = "text" if table.textual else "file's name"
        return Finding(None, f"\u201c{text}\u201d is in no {where}")
    of_table = matching[table.row_of_sample[matching] >= 0]
    shown = of_table if len(of_table) else matching
    position = int(np.searchsorted(shown, -1 if after is None else after, side="right")) % len(shown)
    sample = int(shown[position])
    of = f"{position + 1:,} of {len(shown):,}: " if len(shown) > 1 else ""
    return Finding(sample, f"{of}{table.files.of([sample])[0] if table.files else ''}")


def _file(table: Population, sample: int) -> str:
    return f" {table.files.of([sample])[0]}" if table.files else ""
