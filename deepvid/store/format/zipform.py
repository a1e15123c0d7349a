"""The one form of zip an archive has: members stored, dated 1980-01-01, end to end, without comments.

Every byte that is not a member's follows from the members' names, sizes and checksums. So an equal run gives
an equal archive with any Python, and a changed byte is found wherever it is.

Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 (structure) and 4.5.3 (zip64).
"""

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from deepvid.store.format.sources import Summing, Sums

SMALL = 0xFFFFFFFF  # sizes and offsets from here on need zip64
FEW = 0xFFFF  # and so do counts
LOCAL, CENTRAL = b"PK\3\4", b"PK\1\2"
_END, _END64, _LOCATOR = b"PK\5\6", b"PK\6\6", b"PK\6\7"
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END_FORM = struct.Struct("<4s4H2IH")
_END64_FORM = struct.Struct("<4sQ2H2I4Q")
_LOCATOR_FORM = struct.Struct("<4sIQI")

_UNIX = 3 << 8  # the system that gives the attributes their meaning
_UTF8 = 0x0800
_STORED = 0
_TIME, _DATE = 0, 0x21  # 1980-01-01, the first day a zip knows
_PLAIN_FILE = 0o100644 << 16


class Member(NamedTuple):
    """A file in an archive; `offset` is that of its header."""

    name: str
    size: int
    crc32: int
    offset: int

    @property
    def begin(self) -> int:
        """Where its bytes begin."""
        return self.offset + len(header(self))

    @property
    def end(self) -> int:
        """Where the next header, or the directory, begins."""
        return self.begin + self.size


class Entry(NamedTuple):
    """A member as a directory describes it, and what an archive's never has."""

    member: Member
    encrypted: bool
    stored: bool
    link: bool


class Directory(NamedTuple):
    """The end of a zip, from `begin` on: what it lists, and its bytes."""

    entries: list[Entry]
    begin: int
    data: bytes


class NotThisForm(Exception):  # noqa: N818 - says what it is; never leaves the store
    """Why bytes are not a zip of this form."""


class ZipWriter:
    """Writes members one after the other into a seekable file, each read once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._members: list[Member] = []

    def add(self, name: str, size: int, pieces: Iterator[bytes]) -> Sums:
        """Copies `pieces`. The sums tell whether `size` was kept; where not, the file is of no use."""
        offset = self._members[-1].end if self._members else 0
        summing = Summing()
        self._file.seek(Member(name, size, 0, offset).begin)
        for piece in summing.through(pieces):
            self._file.write(piece)
        member = Member(name, size, summing.sums.crc32, offset)
        self._file.seek(offset)
        self._file.write(header(member))
        self._members.append(member)
        return summing.sums

    def close(self) -> None:
        """Writes the directory; the file stays open."""
        self._file.seek(self._members[-1].end if self._members else 0)
        self._file.write(directory(self._members))


def header(member: Member) -> bytes:
    """Header before a member's bytes."""
    name, large = member.name.encode(), member.size >= SMALL
    extra = struct.pack("<2H2Q", 1, 16, member.size, member.size) if large else b""
    size = SMALL if large else member.size
    fields = (_needed(large), _UTF8, _STORED, _TIME, _DATE, member.crc32, size, size, len(name), len(extra))
    return _LOCAL.pack(LOCAL, *fields) + name + extra


def directory(members: Iterable[Member]) -> bytes:
    """Directory after the last member, to the end of the file."""
    members = list(members)
    begin = members[-1].end if members else 0
    listed = b"".join(map(_listed, members))
    count, size = len(members), len(listed)
    end = _END_FORM.pack(_END, 0, 0, min(count, FEW), min(count, FEW), min(size, SMALL), min(begin, SMALL), 0)
    if count < FEW and size < SMALL and begin < SMALL:
        return listed + end
    made = _UNIX | 45
    end64 = _END64_FORM.pack(_END64, _END64_FORM.size - 12, made, 45, 0, 0, count, count, size, begin)
    return listed + end64 + _LOCATOR_FORM.pack(_LOCATOR, 0, begin + size, 1) + end


def read_directory(file: BinaryIO) -> Directory:
    """Reads the directory of a zip, in few reads. Raises NotThisForm."""
    length = file.seek(0, 2)
    file.seek(max(0, length - _END_FORM.size))
    tail = file.read(_END_FORM.size)
    if len(tail) < _END_FORM.size or tail[:4] != _END:
        raise NotThisForm("no end of a zip where the file ends: it was cut short, or bytes follow it")
    *_, count, size, begin, _ = _END_FORM.unpack(tail)
    end = length - _END_FORM.size
    if FEW in (count,) or SMALL in (size, begin):
        count, size, begin = _end64(file, end)
        end -= _END64_FORM.size + _LOCATOR_FORM.size
    if begin + size != end:
        raise NotThisForm("its directory lies elsewhere than its end says: bytes stand before or inside it")
    file.seek(begin)
    data = file.read(length - begin)
    entries, at = [], 0
    while at < size:
        entry, at = _entry(data, at)
        entries.append(entry)
    if len(entries) != count:
        raise NotThisForm(f"{len(entries)} members where its end counts {count}")
    return Directory(entries, begin, data)


def scan(file: BinaryIO) -> list[Member]:
    """The members by their own headers, for a zip whose directory is lost. Raises NotThisForm."""
    members: list[Member] = []
    length = file.seek(0, 2)
    while True:
        offset = members[-1].end if members else 0
        file.seek(offset)
        head = file.read(_LOCAL.size)
        if head[:4] != LOCAL and members:
            return members
        if len(head) < _LOCAL.size or head[:4] != LOCAL:
            raise NotThisForm("no header of a member where the file begins")
        *_, crc32, _, size, names, extras = _LOCAL.unpack(head)
        name, extra = file.read(names), file.read(extras)
        if size == SMALL and len(extra) == 20:
            size = struct.unpack("<2H2Q", extra)[2]
        member = Member(_decoded(name), size, crc32, offset)
        if member.end > length:
            raise NotThisForm(f"{member.name} ends behind the file")
        members.append(member)


def _needed(large: bool) -> int:
    return 45 if large else 20  # the version of the zip format that reads it


def _listed(member: Member) -> bytes:
    """A member's line in the directory."""
    name = member.name.encode()
    wide = [member.size] * 2 if member.size >= SMALL else []
    wide += [member.offset] if member.offset >= SMALL else []
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    size, needed = min(member.size, SMALL), _needed(bool(wide))
    fields = (_UNIX | needed, needed, _UTF8, _STORED, _TIME, _DATE, member.crc32, size, size)
    rest = (len(name), len(extra), 0, 0, 0, _PLAIN_FILE, min(member.offset, SMALL))
    return _CENTRAL.pack(CENTRAL, *fields, *rest) + name + extra


def _entry(data: bytes, at: int) -> tuple[Entry, int]:
    head = data[at : at + _CENTRAL.size]
    if len(head) < _CENTRAL.size or head[:4] != CENTRAL:
        raise NotThisForm("a directory that is not one")
    _, _, _, flags, method, _, _, crc32, packed, size, names, extras, comments, *rest = _CENTRAL.unpack(head)
    attributes, offset = rest[-2:]
    at += _CENTRAL.size
    name, extra = data[at : at + names], data[at + names : at + names + extras]
    count = (len(extra) - 4) // 8 if extra[:2] == b"\1\0" else 0
    wide = list(struct.unpack_from(f"<{count}Q", extra, 4)) if count > 0 else []
    size, packed, offset = (
        wide.pop(0) if value == SMALL and wide else value for value in (size, packed, offset)
    )
    member = Member(_decoded(name), size, crc32, offset)
    link = attributes >> 16 & 0o170000 == 0o120000
    stored = method == _STORED and packed == size
    return Entry(member, bool(flags & 1), stored, link), at + names + extras + comments


def _end64(file: BinaryIO, end: int) -> tuple[int, int, int]:
    """Count, size and offset of a directory that needs more than 32 bits."""
    begin = end - _LOCATOR_FORM.size - _END64_FORM.size
    file.seek(max(0, begin))
    data = file.read(_END64_FORM.size)
    if begin < 0 or data[:4] != _END64:
        raise NotThisForm("no end of a zip64 where its directory needs one")
    *_, count, size, offset = _END64_FORM.unpack(data)
    return count, size, offset


def _decoded(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise NotThisForm(f"a name that is not UTF-8: {name!r}") from None
