"""Writes docs/benchmarks.md: what the benchmarks printed, in the words of `report.md`.

    for name in store dashboard students training; do
        .venv/bin/python benchmarks/$name.py --json > docs/benchmarks/$name.json
    done
    .venv/bin/python benchmarks/own_models.py --run RUN --json > docs/benchmarks/own_models.json
    .venv/bin/python benchmarks/timetravel.py RUN --json > docs/benchmarks/timetravel.json
    .venv/bin/python benchmarks/network.py RUN --json > docs/benchmarks/network.json
    .venv/bin/python benchmarks/network_page.py RUN --json > docs/benchmarks/network_page.json
    .venv/bin/python benchmarks/report.py --measured "Every script ran whole and alone."

`--measured` notes today's date and this machine in docs/benchmarks/run.json, with a sentence on how. Without
it the page is written again from what is there.
"""

import argparse
import json
import os
import platform
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Template

from records import Record

WORDS = Path(__file__).with_suffix(".md")
DOCS = Path(__file__).parents[1] / "docs"
SCRIPTS = (
    "store",
    "dashboard",
    "students",
    "own_models",
    "timetravel",
    "network",
    "network_page",
    "training",
)


def page(folder: Path) -> str:
    """The Markdown of the records in a folder."""
    tables = {name: "\n".join(_rows(_records(folder / f"{name}.json"))) for name in SCRIPTS}
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return Template(WORDS.read_text(encoding="utf-8")).substitute(run, **tables)


def this_machine() -> str:
    """Cores, processor, memory, system and Python, in one line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if platform.system() == "Linux" else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    processor = models[0] if models else platform.processor()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores ({processor}), {memory:.0f} GB, {platform.system()}, {python}"


def _records(file: Path) -> list[Record]:
    return [Record(**record) for record in json.loads(file.read_text(encoding="utf-8"))]


def _rows(records: list[Record]) -> Iterator[str]:
    yield "| what | value | against | ratio | budget |"
    yield "| --- | --- | --- | --- | --- |"
    for record in records:
        ratio = _times(record.ratio)
        if record.holds is False:
            ratio = f"**{ratio}**"
        value = _measured(record.value, record.unit)
        yield f"| {record.name} | {value} | {_against(record)} | {ratio} | {_times(record.budget)} |"


def _against(record: Record) -> str:
    if record.baseline_value is None:
        return record.baseline or ""
    return f"{record.baseline}: {_measured(record.baseline_value, record.unit)}"


def _measured(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    digits = 3 if unit else 4  # what has no unit is near 1
    number = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}g}"
    return f"{number} {unit}".rstrip()


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:,.0f}x" if ratio >= 100 else f"{ratio:.3g}x"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--measured", metavar="SENTENCE", help="note today, this machine and how")
    parser.add_argument("--records", type=Path, default=DOCS / "benchmarks", help="folder of the JSON files")
    parser.add_argument("--output", type=Path, default=DOCS / "benchmarks.md")
    options = parser.parse_args()
    if options.measured:
        run = {"date": str(date.today()), "machine": this_machine(), "measured": options.measured}
        (options.records / "run.json").write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    options.output.write_text(page(options.records), encoding="utf-8")
