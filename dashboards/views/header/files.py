"""Files that the header lets a person save: the selection as data, and reports."""

from pathlib import Path

import numpy as np

from dashboards.data.saving import SAVES
from dashboards.session.file_export import FileExport, file_name
from dashboards.session.session import Session
from deepvid.progress import Progress
from deepvid.report import StoredCases, write_report


def save_selection(session: Session, export: FileExport, kind: str) -> None:
    """The selection, or all images, as data of this kind."""
    table, run, mask = session.population, session.run, session.selection.mask
    if table is not None and run is not None:
        name = f"{'images' if mask is None else 'selection'}.{kind}"
        export.write(file_name(run, name), lambda path, progress: SAVES[kind](path, table, mask, progress))


def save_report(session: Session, export: FileExport, of: str) -> None:
    """All that is known of the `image` under study, or of each image of the `selection`."""
    table, run, mask = session.population, session.run, session.selection.mask
    focus = session.navigation.focus
    if table is None or run is None:
        return
    if of == "selection":
        samples = [] if mask is None else np.sort(table.samples[mask]).tolist()
    else:
        samples = [] if focus is None else [focus]

    def write(path: Path, _: Progress) -> None:
        write_report(path, run, StoredCases(run).cases(samples))

    name = "selection" if of == "selection" else str(focus)
    export.write(file_name(run, f"{name}-report.html"), write)
