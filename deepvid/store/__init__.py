"""The experiment store: runs as plain Zarr v3, each with one append-only journal.

The format on disk: `docs/store_format.md`.
"""

from deepvid.store.archive.archive import write_archive
from deepvid.store.archive.importing import archived_run, import_archive
from deepvid.store.archive.push import PushReport, push
from deepvid.store.archive.verify import RunVerification, Verification, verify
from deepvid.store.format.journal import Commit
from deepvid.store.format.layout import write_wip
from deepvid.store.format.provenance import collect_provenance, processor
from deepvid.store.format.schema import dataset_of
from deepvid.store.format.state import texts_as_bytes, texts_from_bytes
from deepvid.store.reading.groups import Series, Stage
from deepvid.store.reading.listing import (
    RunListing,
    StoreListing,
    choose,
    find_address,
    find_listing,
    find_run,
    is_listed,
    list_runs,
    require_begun,
    require_writable,
)
from deepvid.store.reading.location import Address, absolute, is_archive, is_url
from deepvid.store.reading.reader import Run, open_run
from deepvid.store.reading.status import State, Status
from deepvid.store.writing.control import (
    COMMANDS,
    PAUSED,
    ControlCommand,
    RunControl,
    read_control,
    write_control,
)
from deepvid.store.writing.live import LiveSteps, read_live
from deepvid.store.writing.lock import require_unlocked
from deepvid.store.writing.notes import (
    KeptSelection,
    Mark,
    drop_map,
    drop_mark,
    drop_named,
    keep_map,
    keep_mark,
    keep_marks,
    keep_named,
    keep_selection,
    keep_student,
    kept_maps,
    kept_marks,
    kept_named,
    kept_selection,
    kept_students,
    selection_name,
)
from deepvid.store.writing.removal import remove_run
from deepvid.store.writing.series_writer import SeriesWriter
from deepvid.store.writing.writer import RunWriter, open_writer

__all__ = [
    "COMMANDS",
    "PAUSED",
    "Address",
    "Commit",
    "ControlCommand",
    "KeptSelection",
    "LiveSteps",
    "Mark",
    "PushReport",
    "Run",
    "RunControl",
    "RunListing",
    "RunVerification",
    "RunWriter",
    "Series",
    "SeriesWriter",
    "Stage",
    "State",
    "Status",
    "StoreListing",
    "Verification",
    "absolute",
    "archived_run",
    "choose",
    "collect_provenance",
    "dataset_of",
    "drop_map",
    "drop_mark",
    "drop_named",
    "find_address",
    "find_listing",
    "find_run",
    "import_archive",
    "is_archive",
    "is_listed",
    "is_url",
    "keep_map",
    "keep_mark",
    "keep_marks",
    "keep_named",
    "keep_selection",
    "keep_student",
    "kept_maps",
    "kept_marks",
    "kept_named",
    "kept_selection",
    "kept_students",
    "list_runs",
    "open_run",
    "open_writer",
    "processor",
    "push",
    "read_control",
    "read_live",
    "remove_run",
    "require_begun",
    "require_unlocked",
    "require_writable",
    "selection_name",
    "texts_as_bytes",
    "texts_from_bytes",
    "verify",
    "write_archive",
    "write_control",
    "write_wip",
]
