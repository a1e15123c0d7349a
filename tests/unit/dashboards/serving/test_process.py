"""Settings of a server's process: objects that a collection leaves out, and others that it does not."""

import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from weakref import ref

import pytest

import dashboards
from dashboards.serving.process import spare_what_stays

SERVED = """
import gc, sys
from panel.io.application import build_single_handler_application
build_single_handler_application(sys.argv[1], [sys.argv[2]]).create_document()
print(gc.get_freeze_count())
"""


@pytest.fixture
def spared() -> Iterator[None]:
    spare_what_stays.cache_clear()
    yield
    gc.unfreeze()


class _Knot:
    """Refers to itself, so that only a collection finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.usefixtures("spared")
def test_what_is_there_is_spared_once_and_what_comes_later_is_collected() -> None:
    stays = _Knot()
    spare_what_stays()
    later = _Knot()
    spare_what_stays()
    looked_at = {id(each) for each in gc.get_objects()}
    assert id(stays) not in looked_at
    assert id(later) in looked_at
    gone = ref(later)
    del later
    gc.collect()
    assert gone() is None


@pytest.mark.long
def test_a_server_spares_the_libraries_from_its_first_page_on(tmp_path: Path) -> None:
    app = Path(dashboards.__file__).with_name("app.py")
    command = [sys.executable, "-c", SERVED, str(app), str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert int(said.split()[-1]) > 100_000
