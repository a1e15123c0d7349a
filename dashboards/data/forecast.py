"""How long a computation takes: as long as the same stages took in a comparable run of the store."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from dashboards.data.computation import Computation, Kind
from dashboards.data.runs import catalog, reader
from deepvid import wording
from deepvid.errors import DeepVIDError
from deepvid.fields import PARTS
from deepvid.store import Commit, Run

ENDS = ("finished", "failed")
"""Lines after which nobody knows how long a run has rested."""
MOST = 20  # runs that are compared


def forecast(computation: Computation | None) -> str:
    """As "about 2 min"; empty where no comparable run has done all of it."""
    if computation is None or not computation.run:
        return ""
    try:
        run = reader(computation.store / computation.run)
        taken = (_seconds(computation.kind, run, other) for other in _comparable(run))
        seconds = next(filter(None, taken), None)
    except (DeepVIDError, OSError):
        return ""
    return f"about {wording.duration(seconds)}" if seconds else ""


def stage_seconds(commits: Iterable[Commit]) -> Mapping[str, float | None]:
    """How long each family of stages took, from commit to commit; None where it began after a rest, or the
    clock was set back."""
    seconds: dict[str, float | None] = {}
    before: Commit | None = None
    for commit in commits:
        family = _family(commit)
        if family and before is not None:
            rested = before.kind in ENDS or seconds.get(family, 0.0) is None
            took = (_moment(commit) - _moment(before)).total_seconds()
            known = not rested and took >= 0
            seconds[family] = (seconds.get(family) or 0.0) + took if known else None
        before = commit
    return seconds


def _seconds(kind: Kind, run: Run, other: Run) -> float | None:
    """Seconds that `other` took for what `run` lacks; None where it has not all of it, or was interrupted."""
    took = {name: value for name, value in stage_seconds(other.commits).items() if _is_of(kind, name)}
    done, all_of_it = (Counter(map(_family, one.commits)) for one in (run, other))
    left = {name: max(0.0, 1 - done[name] / all_of_it[name]) for name in took}
    if other.summary.get("state") != "finished" or any(took[name] is None for name in left if left[name]):
        return None
    return sum((took[name] or 0.0) * share for name, share in left.items())


def _is_of(kind: Kind, family: str) -> bool:
    """Whether a computation computes a family of stages."""
    if kind == "network":
        return family in PARTS
    return kind == "continue" or family.startswith(f"{kind}-")


def _comparable(run: Run) -> Iterator[Run]:
    """Other runs with equal images and classifiers, the latest first."""
    for listing in catalog(run.path.parent).runs[:MOST]:
        if listing.id == run.id or listing.error is not None:
            continue
        try:
            other = reader(listing.path)
            other.poll()
        except (DeepVIDError, OSError):
            continue
        if all(other.config.get(name) == run.config.get(name) for name in ("dataset", "teacher")):
            yield other


def _family(commit: Commit) -> str:
    return commit.name.partition("/")[0] if commit.kind in ("stage", "series", "epoch") else ""


def _moment(commit: Commit) -> datetime:
    return datetime.fromisoformat(commit.time)
