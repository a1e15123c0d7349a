"""Every link and picture of the documentation leads somewhere; what is generated is what its script gives."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "data").rglob("*.md")])


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_local_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name) if name else page
        assert file.exists(), f"{page.name} links to {target}"
        assert not anchor or anchor in anchors(file), f"{page.name} links to {target}"


def test_the_tables_of_stored_variables_are_those_declared() -> None:
    page = (ROOT / "docs" / "store_format.md").read_text(encoding="utf-8")
    filled = runpy.run_path(str(ROOT / "docs" / "store_tables.py"))["filled"]
    assert filled(page) == page, "Write them anew: python docs/store_tables.py"
    assert "| `label` (optional) | sample | int32 | 1 | true class, by its index;" in page


def test_the_page_of_settings_has_every_one_as_it_is_declared() -> None:
    written = runpy.run_path(str(ROOT / "docs" / "settings_page.py"))["page"]()
    assert written == (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), (
        "Write it anew: python docs/settings_page.py"
    )
    assert "| `neighbors` | `500` | whole number from 20 to 20000 | held-out ones included |" in written
    rows = [line for line in written.splitlines() if not re.match(r"\| `(kind|source|action)` ", line)]
    silent = [line for line in rows if line.endswith("| |")]
    assert silent == []


def test_the_page_of_benchmarks_is_what_its_script_writes(tmp_path: Path) -> None:
    written, kept = tmp_path / "benchmarks.md", ROOT / "docs" / "benchmarks.md"
    subprocess.run([sys.executable, ROOT / "benchmarks" / "report.py", "--output", written], check=True)
    assert written.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")


def test_every_decision_is_in_their_index() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\]\(([a-z_]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {page.name for page in folder.glob("*.md")} - {"README.md"}
