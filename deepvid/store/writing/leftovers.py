"""What lies hidden in a folder while work is under way there, and what killed processes left of it.

Names of this form are ours alone, and nothing else is ever collected: a random text of 32 hexadecimal digits
behind a known beginning, and no link.
"""

import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

IMPORTED, REMOVED, ARCHIVED = ".import-", ".removed-", ".archive-"
"""How names begin: folders of runs that come into a store or leave it, files of archives that are written."""


def hidden(folder: Path, beginning: str) -> Path:
    """A name in `folder` that nobody else takes."""
    return folder / f"{beginning}{uuid.uuid4().hex}"


def left(folder: Path, beginning: str) -> Iterator[Path]:
    """What has such a name: files for ARCHIVED, folders for the others."""
    form = re.compile(re.escape(beginning) + "[0-9a-f]{32}")
    with os.scandir(folder) as entries:
        for entry in entries:
            known = entry.is_file if beginning == ARCHIVED else entry.is_dir
            if form.fullmatch(entry.name) and known(follow_symlinks=False):
                yield Path(entry.path)
