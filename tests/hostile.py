"""Zips, tables, addresses of a page and pickles, as a stranger may hand them over."""

import json
import stat
import struct
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from archives import members_of, sealed, written, zipped
from forged import rewrite_stage
from toy import chained

from dashboards.session.address import NOTE
from deepvid.store.format.archive_form import GROUP, ROOT
from deepvid.store.format.names import CRATE, JOURNAL, MANIFEST
from deepvid.store.format.zipform import directory, header, read_directory


def with_member(name: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        written(file, [*members_of(file).items(), (name, b"x")])

    return change


def as_other_tools(**settings: int) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        members = members_of(file)
        with zipfile.ZipFile(file, "w") as target:
            for name, data in members.items():
                target.writestr(name, data, **settings)

    return change


def as_link(file: Path) -> None:
    members = members_of(file)
    with zipfile.ZipFile(file, "w") as target:
        for name, data in members.items():
            target.writestr(name, data)
        info = zipfile.ZipInfo("data.zarr/link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(info, "/etc/passwd")


def encrypted(file: Path) -> None:
    members = members_of(file)
    folder = file.parent / "plain"
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    file.unlink()
    subprocess.run(["zip", "-q", "-r", "-0", "-P", "secret", file, "."], cwd=folder, check=True)


def oversized(file: Path) -> None:
    """The journal says it is 4 GB large."""
    with file.open("rb") as source:
        entries, begin, _ = read_directory(source)
    members = [entry.member for entry in entries]
    data = bytearray(file.read_bytes()[:begin])
    (journal,) = (member for member in members if member.name == "journal.jsonl")
    huge = journal._replace(size=4_000_000_000)
    data[journal.offset : journal.begin] = header(huge)
    listed = directory(members).replace(
        struct.pack("<2I", journal.size, journal.size), struct.pack("<2I", huge.size, huge.size)
    )
    file.write_bytes(bytes(data) + listed)


def bytes_before(file: Path) -> None:
    file.write_bytes(b"#!/bin/sh\n" + file.read_bytes())


def bytes_after(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"more")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def damaged(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[data.index(b"test_accuracy")] ^= 1
    file.write_bytes(data)


def missing_member(file: Path) -> None:
    written(
        file, [(name, data) for name, data in members_of(file).items() if not name.endswith("logits/c.0.0")]
    )


def twice(file: Path) -> None:
    members = list(members_of(file).items())
    written(file, [*members, members[0]])


def leading_out_by_journal(file: Path) -> None:
    """A journal whose sums are right and whose stage lies elsewhere."""
    members = members_of(file)
    lines = [json.loads(line) for line in members["journal.jsonl"].splitlines()]
    lines[-1] |= {"path": "../../elsewhere"}
    sealed(file, members | {"journal.jsonl": chained(lines)})


def stranger(file: Path) -> None:
    sealed(file, members_of(file) | {"data.zarr/stage/mine/c.0": b"mine"})


def without(name: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        members = members_of(file)
        del members[name]
        written(file, members.items()) if name == MANIFEST else sealed(file, members)

    return change


def with_text(name: str, data: bytes) -> Callable[[Path], None]:
    return lambda file: sealed(file, members_of(file) | {name: data}) and None


def forged(number: int, **fields: Any) -> Callable[[Path], None]:
    """One line of the journal with other fields, those of its details with `details_` before their names."""

    def change(file: Path) -> None:
        members = members_of(file)
        lines = [json.loads(line) for line in members[JOURNAL].splitlines()]
        for name, value in fields.items():
            target = lines[number]["details"] if name.startswith("details_") else lines[number]
            target[name.removeprefix("details_")] = value
        sealed(file, members | {JOURNAL: chained(lines)})

    return change


def named(name: str) -> Callable[[Path], None]:
    """By its first line and its metadata alike."""

    def change(file: Path) -> None:
        forged(0, details_id=name)(file)
        members = members_of(file)
        crate = json.loads(members[CRATE])
        for entity in crate["@graph"]:
            if entity["@id"] == "./":
                entity["identifier"] = name
        sealed(file, members | {CRATE: json.dumps(crate).encode()})

    return change


def other_root(file: Path) -> None:
    """The root's document says of an array something else than the array's own."""
    members = members_of(file)
    assert b'"float32"' in members[ROOT]
    sealed(file, members | {ROOT: members[ROOT].replace(b'"float32"', b'"float64"', 1)})


def regrouped(stage: str, change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    """`change` gets the document of each array of a stage; the journal and all sums agree with the result."""

    def regroup(file: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name, data in members_of(file).items():
                (path := Path(folder, name)).parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            rewrite_stage(Path(folder), stage, change)
            zipped(Path(folder), file)

    return regroup


def many(array: dict[str, Any]) -> None:
    """More than a quarter of a terabyte, a file a row."""
    array["shape"][0] = 250_000_000
    array["chunk_grid"]["configuration"]["chunk_shape"][0] = 1


def long(array: dict[str, Any]) -> None:
    """The same in the one file that there is."""
    array["shape"][0] = array["chunk_grid"]["configuration"]["chunk_shape"][0] = 250_000_000


def of_other_numbers(array: dict[str, Any]) -> None:
    """As long as what it was, and read as something else."""
    array.update(data_type="int32", fill_value=0)


def over_rows(array: dict[str, Any]) -> None:
    array["dimension_names"] = [dim.replace("sample", "row") for dim in array["dimension_names"]]


def unsorted(file: Path) -> None:
    written(file, reversed(members_of(file).items()))


ZIPS: list[tuple[Callable[[Path], None], str]] = [
    (with_member("../outside"), "leads out of its folder"),
    (with_member("data.zarr/../../outside"), "leads out of its folder"),
    (with_member("/etc/outside"), "absolute"),
    (with_member("C:outside"), "absolute or not possible everywhere"),
    (with_member("..\\outside"), "absolute or not possible everywhere"),
    (with_member("data.zarr/AUX.txt"), "Windows"),
    (with_member("JOURNAL.jsonl"), "capitals only"),
    (twice, "is there twice"),
    (as_other_tools(), "the directory of the zip is not as written"),
    (as_other_tools(compress_type=zipfile.ZIP_DEFLATED), "is compressed"),
    (as_link, "is a link"),
    (encrypted, "is encrypted"),
    (oversized, "more than any of its kind"),
    (bytes_before, "bytes stand before"),
    (bytes_after, "bytes follow it"),
    (cut, "cut short"),
    (emptied, "cut short"),
    (damaged, "journal.jsonl is damaged"),
    (missing_member, "logits/c.0.0 is missing"),
    (with_member("data.zarr/extra"), "is not in its place"),
    (stranger, "does not list data.zarr/stage/mine/c.0"),
    (leading_out_by_journal, "path is '../../elsewhere', not empty or a group"),
    (without(MANIFEST), f"{MANIFEST} is missing"),
    (without(CRATE), f"{CRATE} names no run"),
    (without("data.zarr/state/zarr.json"), "data.zarr/state/zarr.json is missing"),
    (with_text(CRATE, b"no JSON"), f"{CRATE} names no run"),
    (with_text(CRATE, b"[" * 10**5), f"{CRATE} names no run"),
    (with_text(CRATE, b" " * (2**24 + 1)), "more than any of its kind"),
    (named("with space"), f"{CRATE} names no run"),
    (named("../elsewhere"), f"{CRATE} names no run"),
    (named(""), f"{CRATE} names no run"),
    (named("x" * 121), f"{CRATE} names no run"),
    (with_text(CRATE, b'{"@graph": [{"@id": "./", "identifier": "another"}]}'), f"{CRATE} is damaged"),
    (with_text("data.zarr/stage/zarr.json", b"rubbish" * 10**6), "stage/zarr.json is damaged"),
    (with_text("data.zarr/stage/zarr.json", b"rubbish" * 10**7), "more than any of its kind"),
    (with_text("data.zarr/stage/zarr.json", GROUP.replace(b'"group"', b'"array"')), "is damaged"),
    (other_root, "data.zarr/zarr.json is damaged"),
    (unsorted, "is not in its place"),
    (regrouped("dataset", many), "declares 250000000 files of"),
    (regrouped("dataset", long), "bytes, where"),
    (regrouped("teacher", lambda array: array.pop("shape")), "cannot be read"),
    (
        regrouped("teacher", of_other_numbers),
        "declares logits as int32 over (sample, class), which is float32",
    ),
    (regrouped("teacher", over_rows), "declares logits as float32 over (row, class), which is float32 over"),
    (regrouped("teacher", lambda array: array.pop("dimension_names")), "cannot be read"),
    (forged(1, digest="zz"), "a digest that is not that of its files"),
    (forged(0, details_version=True), "version True"),
    (forged(0, details_version=-1), "version -1"),
    (forged(3, details_epoch=10**18), "is epoch 1000000000000000000"),
    (forged(4, details_epoch=0), "is epoch 0 of 'teacher' after 1"),
]
"""(what is done to an archive, what the refusal finds)"""


def npy(shape: str, descr: str = "'<f4'", data: bytes = b"") -> bytes:
    """A .npy file whose header says what it likes."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def of_member(content: bytes, change: Callable[[bytes], bytes] = bytes) -> Callable[[Path, str], None]:
    """An .npz file of this member alone; `change` gets the bytes of the whole file."""

    def write(path: Path, name: str) -> None:
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(f"{name}.npy", content)
        path.write_bytes(change(path.read_bytes()))

    return write


def bomb(path: Path, name: str) -> None:
    """30 MB of zeros in 30 kB: four rows."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open(f"{name}.npy", "w") as member:
        member.write(npy("(4, 500, 3750)"))
        member.write(bytes(4 * 4 * 500 * 3750))


def sized(size: int) -> Callable[[bytes], bytes]:
    """The directory says of the only member that it has so many bytes, packed and unpacked."""

    def change(file: bytes) -> bytes:
        at = file.index(b"PK\x01\x02") + 20
        return file[:at] + struct.pack("<2I", size, size) + file[at + 8 :]

    return change


NPZ: dict[str, tuple[Callable[[Path, str], None], str]] = {
    "petabytes": (of_member(npy("(4, 3, 1000000000000000)")), "declares 48,000,000,000,000,000 bytes"),
    "fewer than nothing": (of_member(npy("(-4, -3)", data=bytes(48))[:-1]), "declares 48 bytes and has 47"),
    "entries of no bytes": (of_member(npy("(4, 1000000000000)", "'<U0'")), "declares 0 bytes"),
    "objects": (of_member(npy("(4, 3)", "'|O'", b"cos\nsystem\n.")), "holds objects"),
    "a larger member than the file": (
        of_member(npy("(4, 3, 80000000)"), sized(3_840_000_000 + len(npy("(4, 3, 80000000)")))),
        "is larger than the file",
    ),
    "nested": (of_member(npy("(" * 3000)), "no header of an array"),
    "an unknown type": (of_member(npy("(4, 3)", "'<q9'")), "no header of an array"),
    "another version": (
        of_member(npy("(4, 3)").replace(b"\x01\x00", b"\x07\x00", 1)),
        "no header of an array",
    ),
    "no array": (of_member(b"text"), "no header of an array"),
    "zeros": (bomb, "at most 50 times"),
}
"""(what writes an .npz file with one array of a name, what the refusal says)"""


HUGE = "9" * 401
SELECTIONS = [
    "[" * 900,
    '{"a":' * 2000,
    "[" * 100_000 + "]" * 100_000,
    "null",
    "7",
    '"text"',
    "{}",
    "[[]]",
    '[["replace"]]',
    '[["replace","nothing",[]]]',
    '[["conquer","cells",[[0,1]]]]',
    '[["replace","cells",[[0]]]]',
    '[["replace","cells",[[0,-1]]]]',
    '[["replace","cells",[[0,99999999999999999999]]]]',
    '[["replace","cells",[[0,1.5]]]]',
    '[["replace","cells",[[true,false]]]]',
    '[["replace","samples",["1"]]]',
    f'[["replace","samples",[{HUGE}]]]',
    f'[["replace","polygon",{{"map":"m","x":[{HUGE},1,2],"y":[0,1,2]}}]]',
    '[["replace","polygon",{"map":"m","x":[NaN,1,2],"y":[0,1,2]}]]',
    '[["replace","polygon",{"map":"m","x":[1e999,1,2],"y":[0,1,2]}]]',
    '[["replace","polygon",{"map":"m","x":[1,2],"y":[0,1]}]]',
    '[["replace","polygon",{"map":"m","x":{},"y":[]}]]',
    '[["replace","polygon3d",{"map":"m","view":[1,2,3],"x":[0,1,1],"y":[0,1,2]}]]',
    f'[["replace","polygon3d",{{"map":"m","view":[{"1e999," * 11}1],"x":[0,1,1],"y":[0,1,2]}}]]',
    f'[["replace","polygon3d",{{"map":"m","view":[{"0," * 11}1],"x":[0,NaN,1],"y":[0,1,2]}}]]',
    '[["replace","polygon3d",{"map":"m","view":{},"x":[0,1,1],"y":[0,1,2]}]]',
    '[["replace","polygon3d",{"map":"m","x":[0,1,1],"y":[0,1,2]}]]',
    f"{NOTE}../../../etc/passwd",
    f"{NOTE}",
    f"{NOTE}0123456789AB",
    f"{NOTE}0123456789abc",
]
"""As `select=` of an address."""


def _text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def _storage(key: bytes, kind: bytes = b"ctorch\nFloatStorage\n") -> bytes:
    return b"(" + _text("storage") + kind + key + _text("cpu") + b"K\x03tQ"


def _laughs(begin: bytes, end: bytes) -> bytes:
    """Twelve levels, each ten times the one before, in `begin` and `end`: 10^12 numbers at the top."""
    levels = [begin + 10 * b"K\x01" + end]
    levels += [begin + 10 * (b"h" + bytes([level])) + end for level in range(11)]
    return b"".join(level + b"q" + bytes([number]) for number, level in enumerate(levels))


_WEIGHT = b"}" + _text("fc.weight")
_SELF = b"]q\x00h\x00a"
_REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n("
PICKLES: dict[str, tuple[bytes, str]] = {
    "lists of lists": (_laughs(b"](", b"e") + _WEIGHT + b"h\x0bs.", "operation BINGET"),
    "a key of tuples of tuples": (b"}" + _laughs(b"(", b"t") + b"K\x01s.", "operation BINGET"),
    "tuples through an empty state": (b"}" + _laughs(b"(", b"tNb") + b"K\x01s.", "operation BINGET"),
    "a list in itself": (_SELF + b".", "operation BINGET"),
    "a copy of the top": (b"(K\x01t2.", "operation DUP"),
    "a set": (b"\x8f.", "operation EMPTY_SET"),
    "a storage without a name": (_storage(b"]") + b".", "a storage without a name"),
    "a storage of a list": (_storage(_text("0"), b"]") + b".", "a storage without a name"),
    "a dictionary as storage": (_REBUILD + b"}K\x00(K\x01t(K\x01ttR.", "a dict in the place of a tensor"),
    "a shape of lists": (_REBUILD + _storage(_text("0")) + b"K\x00(]t(K\x01ttR.", "not of whole numbers"),
    "a shape of truths": (_REBUILD + _storage(_text("0")) + b"K\x00(\x88t(K\x01ttR.", "not of whole numbers"),
    "too many sizes": (
        _REBUILD + _storage(_text("0")) + b"K\x00(" + 99 * b"K\x01" + b"t(" + 99 * b"K\x01" + b"ttR.",
        "not of whole numbers",
    ),
    "a parameter of a list": (b"ctorch._utils\n_rebuild_parameter\n(]tR.", "a list in the place of a tensor"),
    "a dictionary whose keys are gone": (
        b"ccollections\nOrderedDict\n)R}" + _text("keys") + b"K\x01sb.",
        "TypeError",
    ),
    "four million lists": (b"(" + b"]" * 2**22 + b"l.", "a pickle of 4,194,307 bytes"),
}
"""(data.pkl of a .pth file that has one storage, "0", of three float32; what the refusal says)"""


def with_pickle(path: Path, program: bytes) -> None:
    """A .pth file of it."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a/data.pkl", program)
        file.writestr("a/data/0", bytes(12))
