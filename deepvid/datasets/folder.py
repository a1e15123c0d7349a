"""A person's own pictures: one folder a class, or one folder of pictures that nobody labeled."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from deepvid.datasets.contract import Pictures, Request
from deepvid.datasets.finding import user_path
from deepvid.datasets.picture import ENDINGS, SUFFIXES
from deepvid.datasets.pictures import Files, checksum, read_pictures
from deepvid.datasets.splits import PARTS, Part, test_images
from deepvid.errors import DataError
from deepvid.wording import first_few

_OF_SYSTEMS = frozenset({"__MACOSX", "__pycache__", "@eaDir", "$RECYCLE.BIN", "System Volume Information"})


class _Picture(NamedTuple):
    path: Path
    class_name: str
    part: Part


class _Listed(NamedTuple):
    """Contents of a folder and of those below it."""

    pictures: list[_Picture]  # in order
    passed_over: list[Path]  # folders
    inner: list[Path]  # folders inside those of classes, not read
    within: list[Path]  # folders inside those of classes, whose pictures are read
    loose: list[_Picture]  # in no class folder
    others: Counter[str]  # files that are no pictures, by the ends of their names
    split: bool  # by folders of its parts
    labeled: bool = True  # by class folders


@dataclass(frozen=True)
class Folder:
    """Picture files in class folders, either directly or inside folders such as `train` and `test`.

    Folders that hold no pictures themselves, or are hidden, are no classes; where none does, classes are
    those with pictures one level below. Where no folder has pictures, those that lie beside them have no
    labels.
    """

    name: str

    def read(self, request: Request) -> Pictures:
        root = user_path(self.name, request)
        listed = _listed(root)
        if not listed.pictures:
            raise _nothing(root, listed)
        _require_same_classes(root, listed)
        names = [_name(picture.path, root) for picture in listed.pictures]
        classes = [picture.class_name for picture in listed.pictures] if listed.labeled else None
        split = test_images([picture.part for picture in listed.pictures]) if listed.split else None
        notes = (*_notes(listed, root), *(split.notes if split else ()))
        unlabeled = f"{len(names):,} pictures in no class folder, as {names[0]}, in"
        files = Files(names, classes, sorted(set(classes or ())), split and split.test, notes, unlabeled)
        return read_pictures(files, root, root.name, request)

    def checksums(self, request: Request) -> Mapping[str, str]:
        root = user_path(self.name, request)
        return {root.name: checksum([_name(each.path, root) for each in _listed(root).pictures], root)}

    def labeled(self, request: Request) -> bool:
        return _listed(user_path(self.name, request)).labeled

    def first_file(self, request: Request) -> Path | None:
        """The first picture; None where there is none."""
        pictures = _listed(user_path(self.name, request)).pictures
        return pictures[0].path if pictures else None


def _listed(root: Path) -> _Listed:
    if not root.is_dir():
        raise DataError("source = 'folder' names a folder", str(root), "Give the folder of the class folders")
    parts: dict[Path, Part] = {
        folder: PARTS[word] for folder in _folders(root) if (word := folder.name.lower()) in PARTS
    }
    split = "training" in parts.values() and len(set(parts.values())) > 1
    listed = _Listed([], [], [], [], [], Counter(), split)
    if split:
        listed.passed_over.extend(folder for folder in _folders(root) if folder not in parts)
    whole: list[tuple[Path, Part]] = [(root, "training")]
    for folder, part in sorted(parts.items(), key=_training_first) if split else whole:
        _list_part(folder, part, listed)
    return listed if listed.pictures or not listed.loose else _unlabeled(listed)


def _training_first(item: tuple[Path, Part]) -> tuple[int, Path]:
    return ("training", "validation", "test").index(item[1]), item[0]


def _list_part(root: Path, part: Part, listed: _Listed) -> None:
    """Adds the pictures of the classes in a folder, and what is passed over there."""
    listed.loose.extend(_Picture(path, "", part) for path in _pictures(root, Counter()))
    visible = [folder for folder in _folders(root) if not _hidden(folder)]
    direct = {folder: found for folder in visible if (found := _pictures(folder, listed.others))}
    deeper = {} if direct else {folder: found for folder in visible if (found := _one_below(folder))}
    classes = direct if len(deeper) < 2 else deeper  # a single one is more likely around those of classes
    for folder, paths in classes.items():
        listed.pictures.extend(_Picture(path, folder.name, part) for path in paths)
        inside = [inner for inner in _folders(folder) if not _hidden(inner)]
        (listed.inner if classes is direct else listed.within).extend(inside)
    listed.passed_over.extend(folder for folder in _folders(root) if folder not in classes)


def _one_below(folder: Path) -> list[Path]:
    return [path for inner in _folders(folder) if not _hidden(inner) for path in _pictures(inner, Counter())]


def _unlabeled(listed: _Listed) -> _Listed:
    """With the pictures in no class folder, where none lies in one; their split stays."""
    if any(_one_below(folder) for folder in listed.passed_over):
        return listed  # class folders one level below: more likely meant
    return listed._replace(pictures=listed.loose, loose=[], labeled=False)


def _require_same_classes(root: Path, listed: _Listed) -> None:
    """Raises DataError where a part has none of the classes that the training part has."""
    shown = {
        part: {each.class_name for each in listed.pictures if each.part == part} for part in PARTS.values()
    }
    for part, classes in shown.items():
        if listed.split and classes and classes.isdisjoint(shown["training"]):
            raise DataError(
                "The parts of a data set have the same classes",
                f"{first_few(sorted(classes))} in the {part} part of {root}, and "
                f"{first_few(sorted(shown['training']))} in the training part",
                "Move the pictures into folders of their classes, list path,label,split in a CSV file "
                '(source = "table"), or give the training folder as the path',
            )


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
    if listed.within:
        within = first_few([_name(path, root) for path in listed.within])
        notes.append(f"Pictures one level deeper: classes are the outer folders of {within}")
    if listed.inner:
        inner = first_few([_name(path, root) for path in listed.inner])
        notes.append(f"Folders inside class folders, not looked into: {inner}")
    if listed.loose:
        loose = first_few([_name(picture.path, root) for picture in listed.loose])
        notes.append(f"Pictures in no class folder, not read: {loose}")
    if listed.others:
        notes.append(f"Files that are no pictures: {_counts(listed.others)}")
    return notes


def _why(folder: Path) -> str:
    if _hidden(folder):
        return "of the system"
    if not any(folder.iterdir()):
        return "empty"
    return "without pictures" if next(_below(folder), None) is None else "with pictures deeper only"


def _below(folder: Path) -> Iterator[Path]:
    """Pictures at any depth."""
    return (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and not _hidden(path))


def _nothing(root: Path, listed: _Listed) -> DataError:
    """The error where no class folder has a picture, with what a person may have meant."""
    must = f"A data set has one folder of images per class ({ENDINGS})"
    visible = [path for path in listed.passed_over if not _hidden(path)]
    for folder in (folder for folder in visible if _one_below(folder)):
        return DataError(
            must,
            f"class folders one level below, in {folder}",
            f'Write path = "{folder}", or name its parts train and test',
        )
    if (first := next((path for folder in visible for path in _below(folder)), None)) is not None:
        return DataError(
            must,
            f"pictures deeper than one level below the folders of {root}, as {_name(first, root)}",
            "Give the folder of the class folders as the path, or list path,label in a CSV file "
            '(source = "table")',
        )
    unread = f"; not read are {_counts(listed.others)}" if listed.others else ""
    return DataError(must, f"none in {root}{unread}", "Add some, convert them, or give another path")


def _counts(counts: Counter[str]) -> str:
    return first_few([f"{count:,} {ending}" for ending, count in counts.most_common()])
