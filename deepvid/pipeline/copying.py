"""What another run of the store has already is copied, never referenced: a run stands alone."""

from collections.abc import Iterator, Mapping

from deepvid.errors import DeepVIDError
from deepvid.store import Run, list_runs, open_run


def other_runs_with(keys: Mapping[str, str], run: Run) -> Iterator[Run]:
    """The other runs of the store that have stages of these names under these keys, the latest first.

    One that cannot be read has none.
    """
    for listing in list_runs(run.path.parent):
        if listing.id == run.id or listing.read_only:  # an archive beside the runs is imported first
            continue
        summaries = listing.summary.get("stages", {})
        if all(summaries.get(name, {}).get("key") == key for name, key in keys.items()):
            try:
                other = open_run(listing.path)
            except DeepVIDError:  # damaged before its last line, which a listing does not see
                continue
            if all(name in other.stages and other.stages[name].key == key for name, key in keys.items()):
                yield other
