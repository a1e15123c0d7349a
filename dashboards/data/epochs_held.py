"""Which variables a run has of its epochs; archives can be made without some."""

from deepvid.caching import newest_per_owner
from deepvid.store import Run


def held(run: Run, series: str, name: str) -> bool:
    """Whether the epochs of a series have a variable or an attribute; looked up once, as gestures ask."""
    epochs = run.series(series)
    return epochs is not None and bool(epochs.epochs) and name in _names(run, series, epochs.key)


@newest_per_owner
def _names(run: Run, series: str, key: str) -> frozenset[str]:
    epochs = run.series(series)
    assert epochs is not None
    group = epochs.open()
    return frozenset(map(str, (*group.variables, *group.attrs)))
