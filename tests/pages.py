"""Examples of the documentation, run as they stand."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from deepvid import config
from deepvid.datasets import ImageData, load

DOCS = Path(__file__).parents[1] / "docs"


def example(page: str, name: str) -> str:
    """The code below the mark of that name."""
    text = (DOCS / page).read_text(encoding="utf-8")
    (code,) = re.findall(rf"<!-- {name} -->\n```python\n(.*?)```", text, re.DOTALL)
    return str(code)


def run_example(page: str, name: str, **given: Any) -> None:
    """Runs it with the names that the page says it has."""
    exec(compile(example(page, name), page, "exec"), given)


@cache
def clothes() -> ImageData:
    """Images that stand for those of the examples."""
    return load(config.Dataset(train=400, test=100), seed=0)
