"""Which variables a run has of its epochs; archives can be made without some."""

from threading import Lock
from weakref import WeakKeyDictionary

from deepvid.store import Run

_known: WeakKeyDictionary[Run, dict[tuple[str, str], frozenset[str]]] = WeakKeyDictionary()
_lock = Lock()


def held(run: Run, series: str, name: str) -> bool:
    """Whether the epochs of a series have a variable or an attribute; looked up once, as gestures ask."""
    epochs = run.series(series)
    if epochs is None or not epochs.epochs:
        return False
    key = series, epochs.key
    with _lock:
        known = _known.setdefault(run, {})
        if key not in known:
            group = epochs.open()
            known[key] = frozenset(map(str, (*group.variables, *group.attrs)))
        return name in known[key]
