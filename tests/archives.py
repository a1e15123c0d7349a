"""Zips in an archive's own form, whatever is in them: what a stranger who knows the format can make."""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

from deepvid.store.format.archive_form import GROUP, SKELETON
from deepvid.store.format.names import CRATE, JOURNAL, MANIFEST
from deepvid.store.format.zipform import ZipWriter


def members_of(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as found:
        return {name: found.read(name) for name in found.namelist()}


def written(file: Path, members: Iterable[tuple[str, bytes]]) -> Path:
    """These members in this order, each as an archive has it."""
    with file.open("wb") as target:
        writer = ZipWriter(target)
        for name, data in members:
            writer.add(name, len(data), iter([data]))
        writer.close()
    return file


def sealed(file: Path, members: dict[str, bytes]) -> Path:
    """As `written`, sorted and with a manifest that fits: nothing but the journal can tell."""
    sums = {
        name: hashlib.sha256(data).hexdigest() for name, data in sorted(members.items()) if name != MANIFEST
    }
    manifest = "".join(f"{value}  {name}\n" for name, value in sums.items()).encode()
    return written(file, sorted({**members, MANIFEST: manifest}.items()))


def zipped(run: Path, file: Path) -> Path:
    """The files of a run's folder as they are, also damaged ones, which `write_archive` refuses."""
    files = [*(run / "data.zarr").rglob("*"), run / JOURNAL]
    members = {path.relative_to(run).as_posix(): path.read_bytes() for path in files if path.is_file()}
    first = json.loads(members[JOURNAL].split(b"\n")[0])
    crate = {"@graph": [{"@id": "./", "identifier": first["details"].get("id", run.name)}]}
    return sealed(file, {**members, **dict.fromkeys(SKELETON, GROUP), CRATE: json.dumps(crate).encode()})
