"""What a collection leaves out, and what it does not."""

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from dashboards.collecting import spare_what_stays


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
