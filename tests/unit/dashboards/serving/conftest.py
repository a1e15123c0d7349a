"""One server of an empty store, started as a person starts it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Served, serve_command


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="session")
def served(empty_store: Path) -> Iterator[Served]:
    """In a folder with a module that must not be imported."""
    (empty_store / "touchme.py").write_text("open('touched', 'w')")
    with serve_command(empty_store, cwd=empty_store) as server:
        yield server
