"""A run as readers see it: what its journal lists, opened lazily, while somebody may be writing."""

from collections import Counter
from collections.abc import Mapping
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any

import xarray as xr

from deepvid.errors import StoreError
from deepvid.fields import FORMER, PARTS, READS
from deepvid.store.format.journal import Commit, Journal
from deepvid.store.reading.groups import Series, Stage, series_of
from deepvid.store.reading.labeled import joined, labeled
from deepvid.store.reading.location import Address, Location, locate, require_folder
from deepvid.store.reading.status import Status, read_status


def open_run(address: Address) -> "Run":
    """Opens a run for reading: its folder, an archive, or a URL of either; needs neither JAX nor the lock.

    Raises StoreError where no run is or a URL cannot be reached, MissingExtraError for s3:// without
    deepvid[s3], DamagedError where its journal does not verify, NewerFormatError.
    """
    try:
        return Run(locate(address))
    except FileNotFoundError as error:
        raise StoreError(
            "A run is an archive or a directory with a journal.jsonl",
            f"none in {address}",
            "List the runs of a store: deepvid list --store STORE",
        ) from error
    except OSError as error:
        raise StoreError(
            "A run can be read", str(error), "Ask its owner, or change its permissions"
        ) from error


class Run:
    """The committed state of one run. `poll` moves it forward; nothing ever moves it back."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.id = location.name
        self._journal = Journal(location.journal())
        self._lock = Lock()
        self._stages: list[Stage] = []
        self._series: dict[tuple[str, str], Series] = {}
        self.poll()
        location.require(self.commits)

    @property
    def path(self) -> Path:
        """Its folder. Raises StoreError for an archive and behind a URL: those are only read."""
        return require_folder(self.location, "This")

    @property
    def address(self) -> Address:
        """Opens it again: `open_run(run.address)`."""
        return self.location.address

    @property
    def read_only(self) -> bool:
        """Whether nothing can be added to it from here: an archive, or a run behind a URL."""
        return self.location.folder is None

    def poll(self) -> bool:
        """True if new commits were read. Costs one stat when there are none; safe from any thread.

        Raises what the last look at a URL met; what was read before stays.
        """
        with self._lock:
            if not self._journal.poll():
                return False
            commits = self._journal.commits
            self._stages = [Stage.of(self.location, commit) for commit in commits if commit.kind == "stage"]
            self._series = series_of(self.location, commits)
            return True

    @property
    def commits(self) -> tuple[Commit, ...]:
        return self._journal.commits

    @property
    def summary(self) -> dict[str, Any]:
        """Summary since the last commit: name, created, stages, epochs, metrics, state, bytes."""
        return self.commits[-1].summary if self.commits else {}

    @property
    def config(self) -> dict[str, Any]:
        """The resolved configuration, as it was when the run was created."""
        return self.commits[0].details["config"] if self.commits else {}

    @property
    def logged(self) -> bool:
        """Whether another program trained it: it has that classifier's answers and not the classifier."""
        return bool(self.config.get("dataset", {}).get("source") == "logged")

    @property
    def teacher_source(self) -> str:
        """Where its classifier is from: "trained" by DeepVID, or as the configuration names it."""
        return str(self.config.get("teacher", {}).get("source", "trained"))

    @property
    def independent(self) -> bool:
        """Whether its classes are independent: probabilities are sigmoids of the logits, no softmax."""
        output = self.config.get("teacher", {}).get("output", {})
        return bool(output.get("kind") == "independent")

    @property
    def hashing(self) -> int:
        """The way its id and keys hash the configuration: 1 whole sections, 2 what differs from defaults."""
        return int(self.commits[0].details.get("hashing", 1)) if self.commits else 1

    @property
    def provenance(self) -> dict[str, Any]:
        """Where and with what the run was created."""
        return self.commits[0].details["provenance"] if self.commits else {}

    @property
    def stages(self) -> Mapping[str, Stage]:
        """Committed stages by name; the latest commit of a name wins."""
        return {stage.name: stage for stage in self._stages}

    def stage(self, name: str) -> Stage | None:
        """The committed stage of that name that was computed from what is committed now; None: there is none.

        Of a run of an earlier version it is the one group that has the variables of several.
        """
        stages = self.stages
        own = stages.get(name)
        if name not in PARTS:
            return own
        if own is None:
            return None if stages.keys() & PARTS else stages.get(FORMER)
        before = PARTS[: PARTS.index(name)]
        read = {need: self.stage(need) if need in before else None for need in own.reads}
        same = all(found is not None and found.key == own.reads[need] for need, found in read.items())
        return own if same else None

    def together(self, *names: str) -> xr.Dataset:
        """The variables and attributes of several of those stages, as far as they are there, read lazily."""
        found = [self.stage(name) for name in names]
        parts = [stage.open() for stage in {one.name: one for one in found if one is not None}.values()]
        variables = {name: values for part in parts for name, values in part.variables.items()}
        told = {name: value for part in parts for name, value in part.attrs.items() if name != READS}
        settings = {name: value for part in parts for name, value in part.attrs.get("settings", {}).items()}
        return xr.Dataset(variables, attrs={**told, "settings": settings})

    def batches(self, name: str) -> list[Stage]:
        """The committed groups of one family, in the order of their commits."""
        return [stage for stage in self._stages if stage.family == name]

    def series(self, name: str) -> Series | None:
        """The series of that name that was begun last; None before it has begun."""
        begun = [series for series in self._series.values() if series.name == name]
        return begun[-1] if begun else None

    def series_of(self, key: str) -> list[Series]:
        """The series under a stage's key that have an epoch, in the order in which they were begun."""
        return [series for series in self._series.values() if series.key == key and series.epochs]

    def status(self) -> Status:
        """State of the run now; never read from what is committed alone."""
        return read_status(self.location.folder, self.commits)

    @property
    def class_names(self) -> tuple[str, ...]:
        """By class index; none before the data set is committed."""
        dataset = self.stages.get("dataset")
        return tuple(dataset.open().attrs.get("class_names", ())) if dataset else ()

    def open(self, name: str) -> xr.Dataset:
        """A stage by its name, or a series as `series/NAME`, read lazily; samples and classes are named.

        Raises StoreError where none of that name is committed.
        """
        groups: dict[str, Stage | Series] = {f"series/{each.name}": each for each in self._series.values()}
        groups |= self.stages
        if name not in groups:
            raise StoreError(
                f"{self.id} has the stage or series to open",
                repr(name),
                f"Open one that it has: {', '.join(groups) or 'none yet'}",
            )
        return labeled(groups[name].open(), self.class_names)

    def students(self, settings: str = "") -> xr.Dataset:
        """All students as one data set along `student`, whose coordinate is the image each explains.

        `settings` begins the key of some of them; the coordinate of that name has all. Weights are read when
        they are asked for. Raises StoreError where there are none, or their fits differ.
        """
        batches = [
            batch for batch in self.batches("students") if batch.name.startswith(f"students/{settings}")
        ]
        names = [batch.name for batch in batches]
        return labeled(
            joined([batch.open("sample", "smoothness") for batch in batches], names), self.class_names
        )

    def to_xarray(self) -> xr.DataTree:
        """The whole run for a notebook: stages under their names, series under `series/`; read lazily."""
        names = self.class_names
        groups = {stage.name: labeled(stage.open(), names) for stage in self._stages}
        groups |= {f"series/{series.name}": labeled(series.open(), names) for series in self._series.values()}
        root = xr.Dataset(attrs={"run": self.id, "config": self.config, "summary": self.summary})
        return xr.DataTree.from_dict({"/": root, **groups}, name=self.id)

    def __repr__(self) -> str:
        return f"Run({self.id!r}: {', '.join(self._groups()) or 'nothing yet'}; {self.status().state})"

    def _repr_html_(self) -> str:
        """Table that a notebook shows: what the run is, and how to go on."""
        metrics = (
            f"{name} {value:,}" if isinstance(value, int) else f"{name} {value:.4g}"
            for name, value in self.summary.get("metrics", {}).items()
        )
        rows = {
            "state": self.status().state,
            "classes": ", ".join(self.class_names[:12]) + (", ..." if len(self.class_names) > 12 else ""),
            "metrics": ", ".join(metrics),
            "committed": ", ".join(self._groups()) or "nothing yet",
            "at": str(self.address),
        }
        cells = "".join(
            f"<tr><th align=left>{name}</th><td align=left>{escape(text)}</td></tr>"
            for name, text in rows.items()
            if text
        )
        return (
            f"<b>{escape(self.id)}</b><table>{cells}</table><code>run.open(NAME)</code>, "
            "<code>run.students()</code>, <code>run.to_xarray()</code>, <code>deepvid.serve(run)</code>"
        )

    def _groups(self) -> list[str]:
        """Names of stages; of batches the family and how many there are."""
        counts = Counter(stage.family for stage in self._stages)
        return [f"{name} ({count} batches)" if count > 1 else name for name, count in counts.items()]
