"""A person's own pictures: one folder a class, or one folder of pictures that nobody labeled."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from deepvid.datasets.contract import Pictures, Request
from deepvid.datasets.finding import user_path
from deepvid.datasets.picture import ENDINGS, SUFFIXES
from deepvid.datasets.pictures import Files, checksum, read_pictures
from deepvid.errors import DataError
from deepvid.wording import first_few

_OF_SYSTEMS = frozenset({"__MACOSX", "__pycache__", "@eaDir", "$RECYCLE.BIN", "System Volume Information"})


class _Listed(NamedTuple):
    """Contents of a folder and of those below it."""

    pictures: list[tuple[Path, bool]]  # in order, and whether it is a test image
    passed_over: list[Path]  # folders
    inner: list[Path]  # folders inside those of classes
    loose: list[Path]  # pictures in no class folder
    others: Counter[str]  # files that are no pictures, by the ends of their names
    split: bool  # by `train` and `test` folders
    labeled: bool = True  # by class folders


@dataclass(frozen=True)
class Folder:
    """Picture files in class folders, either directly or inside `train` and `test`.

    Folders that hold no pictures themselves, or are hidden, are no classes. Where no folder has pictures,
    those that lie beside them have no labels.
    """

    name: str

    def read(self, request: Request) -> Pictures:
        root = user_path(self.name, request)
        listed = _listed(root)
        if not listed.pictures:
            raise _nothing(root, listed)
        names = [_name(path, root) for path, _ in listed.pictures]
        classes = [path.parent.name for path, _ in listed.pictures] if listed.labeled else None
        test = [test for _, test in listed.pictures] if listed.split else None
        unlabeled = f"{len(names):,} pictures in no class folder, as {names[0]}, in"
        files = Files(
            names, classes, sorted(set(classes or ())), test, tuple(_notes(listed, root)), unlabeled
        )
        return read_pictures(files, root, root.name, request)

    def checksums(self, request: Request) -> Mapping[str, str]:
        root = user_path(self.name, request)
        return {root.name: checksum([_name(path, root) for path, _ in _listed(root).pictures], root)}

    def labeled(self, request: Request) -> bool:
        return _listed(user_path(self.name, request)).labeled


def _listed(root: Path) -> _Listed:
    if not root.is_dir():
        raise DataError("source = 'folder' names a folder", str(root), "Give the folder of the class folders")
    split = (root / "train").is_dir() and (root / "test").is_dir()
    parts = [root / "train", root / "test"] if split else [root]
    listed = _Listed([], [], [], [], Counter(), split)
    if split:
        listed.passed_over.extend(folder for folder in _folders(root) if folder not in parts)
    for part in parts:
        listed.loose.extend(_pictures(part, Counter()))
        for folder in _folders(part):
            pictures = [] if _hidden(folder) else _pictures(folder, listed.others)
            listed.pictures.extend((path, part.name == "test" and split) for path in pictures)
            if pictures:
                listed.inner.extend(inner for inner in _folders(folder) if not _hidden(inner))
            else:
                listed.passed_over.append(folder)
    return listed if listed.pictures or not listed.loose else _unlabeled(listed)


def _unlabeled(listed: _Listed) -> _Listed:
    """With the pictures in no class folder, where none lies in one; their split stays."""
    pictures = [(path, path.parent.name == "test" and listed.split) for path in listed.loose]
    if any(_pictures(inner, Counter()) for folder in listed.passed_over for inner in _folders(folder)):
        return listed  # class folders one level below: more likely meant
    return listed._replace(pictures=pictures, loose=[], labeled=False)


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir())


def _hidden(path: Path) -> bool:
    return path.name.startswith(".") or path.name in _OF_SYSTEMS


def _pictures(folder: Path, others: Counter[str]) -> list[Path]:
    pictures = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or (path.exists() and not path.is_file()):  # a broken link is to be told
            continue
        if path.suffix.lower() in SUFFIXES:
            pictures.append(path)
        else:
            others[path.suffix.lower() or path.name] += 1
    return pictures


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _notes(listed: _Listed, root: Path) -> list[str]:
    notes = []
    if listed.passed_over:
        folders = first_few([f"{_name(path, root)} ({_why(path)})" for path in listed.passed_over])
        notes.append(f"Folders that are no class: {folders}")
    if listed.inner:
        inner = first_few([_name(path, root) for path in listed.inner])
        notes.append(f"Folders inside class folders, not looked into: {inner}")
    if listed.loose:
        loose = first_few([_name(path, root) for path in listed.loose])
        notes.append(f"Pictures in no class folder, not read: {loose}")
    if listed.others:
        notes.append(f"Files that are no pictures: {_counts(listed.others)}")
    return notes


def _why(folder: Path) -> str:
    if _hidden(folder):
        return "of the system"
    return "without pictures" if any(folder.iterdir()) else "empty"


def _nothing(root: Path, listed: _Listed) -> DataError:
    """The error where no class folder has a picture, with what a person may have meant."""
    must = f"A data set has one folder of images per class ({ENDINGS})"
    for folder in (path for path in listed.passed_over if not _hidden(path)):
        if any(_pictures(inner, Counter()) for inner in _folders(folder)):
            return DataError(
                must,
                f"class folders one level below, in {folder}",
                f'Write path = "{folder}", or name its parts train and test',
            )
    unread = f"; not read are {_counts(listed.others)}" if listed.others else ""
    return DataError(must, f"none in {root}{unread}", "Add some, convert them, or give another path")


def _counts(counts: Counter[str]) -> str:
    return first_few([f"{count:,} {ending}" for ending, count in counts.most_common()])
