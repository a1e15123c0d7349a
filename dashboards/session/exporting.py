"""Files that a session makes for its person to save."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict

from dashboards.serving import transfer
from dashboards.serving.scratch import scratch_folder


class Download(TypedDict):
    """A file to be saved."""

    link: str
    name: str


class Export:
    """A file under a link of the session's; one at a time."""

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._link, self._made = "", 0

    def path(self, suffix: str) -> Path:
        """Where the next file is to be written; the last one goes, and its link ends."""
        transfer.withdraw(self._link)
        self._folder = self._folder or scratch_folder()
        for file in Path(self._folder.name).iterdir():
            file.unlink()
        self._made += 1
        return Path(self._folder.name) / f"{self._made}{suffix}"

    def offer(self, path: Path, name: str) -> Download:
        """Where the file can be saved from."""
        self._link = transfer.offer(path, name)
        return {"link": self._link, "name": name}

    def close(self) -> None:
        """Ends the link, and removes the file."""
        transfer.withdraw(self._link)
        if self._folder is not None:
            self._folder.cleanup()
