"""Many picture files as one array; what is wrong with any of them is told at once."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from deepvid.config.sections.dataset import LARGEST, SMALLEST
from deepvid.datasets.contract import Form, Pictures, Request
from deepvid.datasets.picture import DONE, Change, Decoded, decode
from deepvid.datasets.validation import proposal
from deepvid.datasets.white import BYTE, TWO, WORD, White, white_byte, white_word
from deepvid.errors import DataError
from deepvid.wording import path_hint, quantity

_TOLD = 20  # faulty files in one message

_CHANGED: dict[Change, str] = {
    "turned": "turned upright, as their EXIF orientation says",
    "deep": "of 16 bits a channel: 0 is read as black, {white:,} as white",
    "floats": "of floats: 0 is read as black, 1 as white",
    "transparent": "laid on white where they are transparent",
    "frames": "of several frames: their first is used",
    "one color": "of one color now, with nothing to see",
}


class Files(NamedTuple):
    """Picture files that a source has listed; all are (file,)."""

    names: Sequence[str]  # from the root, with /
    classes: Sequence[str] | None  # None: nobody labeled them
    order: Sequence[str]  # of all the classes
    test: Sequence[bool] | None  # None: no split of its own
    notes: tuple[str, ...] = ()
    unlabeled: str = ""  # as in `Pictures`


def read_pictures(files: Files, root: Path, checksum_name: str, request: Request) -> Pictures:
    """Reads all of them; pictures are gray where all are, and RGB otherwise.

    Raises DataError for files that cannot be read (unless they may be skipped), and for sizes that differ or
    are out of bounds while the request names none.
    """
    digest = hashlib.sha256()
    pile = _piled(files, root, request, White(), lambda name, content: _add(digest, name, content))
    pile.require_usable(str(root), skip=request.skip_unreadable)
    if (white := pile.white_found()) != White():
        pile = _piled(files, root, request, white)
    rows = [row for row, name in enumerate(files.names) if name not in pile.faults]
    labels, classes = _labels(files, rows)
    test = None if files.test is None else np.array([files.test[row] for row in rows], bool)
    return Pictures(
        pile.stacked(),
        labels,
        test,
        classes,
        {checksum_name: digest.hexdigest()},
        tuple(files.names[row] for row in rows),
        (*files.notes, *pile.notes()),
        pile.faults,
        files.unlabeled,
        white,
        pile.sizes(),
    )


def _piled(
    files: Files,
    root: Path,
    request: Request,
    white: White,
    hear: Callable[[str, bytes | OSError], None] = lambda name, content: None,
) -> "_Pile":
    """All of them decoded; `hear` gets every name and its bytes."""
    pile = _Pile(request.form, white)
    for number, name in enumerate(files.names):
        request.progress.update(number, len(files.names), f"Reading {name}")
        content = _content(root / name)
        hear(name, content)
        pile.add(name, content)
    return pile


def _labels(files: Files, rows: list[int]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """int32 (row,), and the classes that some of these rows have, in their order."""
    if files.classes is None:
        return None, ()
    kept = {files.classes[row] for row in rows}
    classes = tuple(name for name in files.order if name in kept)
    number_of = {name: number for number, name in enumerate(classes)}
    return np.array([number_of[files.classes[row]] for row in rows], np.int32), classes


def checksum(names: Sequence[str], root: Path) -> str:
    """The one sha256 over all names and bytes in order that `read_pictures` gives."""
    digest = hashlib.sha256()
    for name in names:
        _add(digest, name, _content(root / name))
    return digest.hexdigest()


class _Pile:
    """Pictures that are decoded so far, those that cannot be, and how many have which size."""

    def __init__(self, form: Form | None, white: White) -> None:
        self.form, self.white = form, white
        self.faults: dict[str, str] = {}
        self._hints: dict[str, None] = {}  # why paths lead nowhere, each once
        self._kept: list[np.ndarray] = []
        self._size_of: list[tuple[int, int]] = []  # of the files of those
        self._sizes: Counter[tuple[int, int]] = Counter()
        self._example: dict[tuple[int, int], tuple[str, int]] = {}  # a file of each size, and its channels
        self._changes: Counter[Change] = Counter()
        self._largest: dict[str, int] = {}  # of numbers of 8 bits, and of 16

    def add(self, name: str, content: bytes | OSError) -> None:
        """Decodes one file, or takes down why it cannot be."""
        try:
            decoded = decode(_present(content), self.form, self.white)
        except ValueError as error:
            self.faults[name] = str(error)
            if isinstance(content, OSError):
                self._hints[path_hint(name)] = None
            return
        self._sizes[decoded.size] += 1
        self._example.setdefault(decoded.size, (name, decoded.channels))
        self._changes.update(decoded.changes)
        if "floats" not in decoded.changes:
            depth = "word" if "deep" in decoded.changes else "byte"
            self._largest[depth] = max(decoded.largest, self._largest.get(depth, 0))
        if self._takes(decoded):
            assert decoded.pixels is not None
            self._kept.append(decoded.pixels)
            self._size_of.append(decoded.size)

    def white_found(self) -> White:
        """As the largest number of all of them tells."""
        byte, word = self._largest.get("byte", BYTE), self._largest.get("word", WORD)
        return White(white_byte(byte), white_word(word))

    def _takes(self, decoded: Decoded) -> bool:
        """Once sizes differ there will be an error: no more pixels are kept for it."""
        return decoded.pixels is not None and (self.form is not None or len(self._sizes) == 1)

    def require_usable(self, where: str, *, skip: bool) -> None:
        """Raises DataError for files that cannot be read, unless they may be skipped, and for their sizes."""
        problems = [] if skip or not self.faults else [self._unreadable(where)]
        bounded = all(SMALLEST <= side <= LARGEST for size in self._sizes for side in size)
        if self.form is None and (len(self._sizes) > 1 or not bounded):
            problems.append(self._of_sizes(where))
        if problems:
            must, found, action = (". ".join(parts) for parts in zip(*problems, strict=True))
            raise DataError(must, found, action)

    def _unreadable(self, where: str) -> tuple[str, str, str]:
        told = [f"{name}: {why}" for name, why in list(self.faults.items())[:_TOLD]]
        more = [f"and {len(self.faults) - _TOLD:,} more"] if len(self.faults) > _TOLD else []
        count = f"{len(self.faults):,} of {len(self.faults) + self._sizes.total():,}"
        return (
            "Every picture file can be read",
            f"{count} in {where} that cannot{''.join(self._hints)}:\n  " + "\n  ".join([*told, *more]),
            "Repair or remove them, or go on without them: --skip-unreadable, "
            "or skip_unreadable = true below [dataset]",
        )

    def _of_sizes(self, where: str) -> tuple[str, str, str]:
        return (
            f"Pictures have one size, {SMALLEST}x{SMALLEST} to {LARGEST}x{LARGEST} (height x width), "
            "or dataset.size gives them one",
            f"{self._listed()} in {where}",
            f"Add below [dataset]: {_proposed(self._sizes)}, "
            'and fit = "pad" or "stretch" where they may not be cropped; of a model of your own give --size',
        )

    def _listed(self) -> str:
        """The commonest sizes; with the file where only one has it."""
        texts = []
        for size, count in self._sizes.most_common(5):
            name, channels = self._example[size]
            who = f"{count:,} pictures" if count > 1 else name
            texts.append(f"{_text(size)} {'RGB' if channels == 3 else 'gray'} ({who})")
        more = len(self._sizes) - len(texts)
        return ", ".join(texts) + (f" and {more:,} more sizes" if more > 0 else "")

    def stacked(self) -> np.ndarray:
        """uint8 (sample, y, x, channel)."""
        if not self._kept:
            return np.zeros((0, SMALLEST, SMALLEST, 1), np.uint8)
        channels = max(image.shape[2] for image in self._kept)
        return np.stack([np.broadcast_to(image, (*image.shape[:2], channels)) for image in self._kept])

    def sizes(self) -> np.ndarray | None:
        """int32 (sample, 2): y, x of each file; None where none was resized."""
        if self.form is None or set(self._sizes) <= {self.form.size}:
            return None
        return np.array(self._size_of, np.int32).reshape(-1, 2)

    def notes(self) -> tuple[str, ...]:
        """Changes that were made to them, in sentences without their stop."""
        notes = [
            f"{quantity(count, 'picture')} {_CHANGED[change].format(white=self.white.word)}"
            for change, count in sorted(self._changes.items())
        ]
        if self.white.byte == 1:
            notes.append(TWO)
        gray = sum(image.shape[2] == 1 for image in self._kept)
        if 0 < gray < len(self._kept):
            notes.append(f"{quantity(gray, 'picture')} in gray made RGB, as the others are")
        if self.form is not None:
            notes.extend(_resized(self._sizes, self.form))
        if self.faults:
            notes.append(f"{quantity(len(self.faults), 'picture')} skipped that cannot be read")
        return tuple(notes)


def _resized(sizes: Counter[tuple[int, int]], form: Form) -> list[str]:
    others = Counter({size: count for size, count in sizes.items() if size != form.size})
    if not others:
        return []
    commonest = ", ".join(f"{_text(size)} ({count:,})" for size, count in others.most_common(5))
    more = f" and {len(others) - 5:,} more sizes" if len(others) > 5 else ""
    return [
        f"{others.total():,} of {quantity(sizes.total(), 'picture')} {DONE[form.fit]} to {_text(form.size)} "
        f"(height x width), from {commonest}{more}"
    ]


def _proposed(sizes: Counter[tuple[int, int]]) -> str:
    """The line with the size that most of them have, where it will do, or one in their usual proportions."""
    commonest, count = sizes.most_common(1)[0]
    if 2 * count > sizes.total() and all(SMALLEST <= side <= LARGEST for side in commonest):
        return f"size = [{commonest[0]}, {commonest[1]}]"
    y, x = np.median(list(sizes.elements()), axis=0)
    return proposal(round(y), round(x))


def _content(path: Path) -> bytes | OSError:
    try:
        return path.read_bytes()
    except OSError as error:
        return error


def _present(content: bytes | OSError) -> bytes:
    if isinstance(content, OSError):
        raise ValueError(content.strerror or str(content))
    return content


def _add(digest: "hashlib._Hash", name: str, content: bytes | OSError) -> None:
    """A file's name and bytes; names that are no UTF-8 by the bytes they are."""
    length = "-" if isinstance(content, OSError) else len(content)
    digest.update(f"{name}\0{length}\0".encode("utf-8", "surrogateescape"))
    if not isinstance(content, OSError):
        digest.update(content)


def _text(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
