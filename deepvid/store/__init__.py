"""The experiment store: runs as plain Zarr v3, each with one append-only journal.

The format on disk: `docs/store_format.md`.
"""

from deepvid.store.archive import write_archive
from deepvid.store.compare import Comparison, compare_runs
from deepvid.store.importing import archived_run, import_archive
from deepvid.store.journal import Commit
from deepvid.store.listing import RunListing, choose, find_listing, find_run, list_runs, remove_run
from deepvid.store.location import Address, absolute, is_archive, is_url
from deepvid.store.provenance import collect_provenance
from deepvid.store.reader import Run, open_run
from deepvid.store.series import Series
from deepvid.store.series_writer import SeriesWriter
from deepvid.store.stages import Stage, write_wip
from deepvid.store.status import State, Status
from deepvid.store.verify import RunVerification, Verification, verify
from deepvid.store.writer import RunWriter, open_writer

__all__ = [
    "Address",
    "Commit",
    "Comparison",
    "Run",
    "RunListing",
    "RunVerification",
    "RunWriter",
    "Series",
    "SeriesWriter",
    "Stage",
    "State",
    "Status",
    "Verification",
    "absolute",
    "archived_run",
    "choose",
    "collect_provenance",
    "compare_runs",
    "find_listing",
    "find_run",
    "import_archive",
    "is_archive",
    "is_url",
    "list_runs",
    "open_run",
    "open_writer",
    "remove_run",
    "verify",
    "write_archive",
    "write_wip",
]
