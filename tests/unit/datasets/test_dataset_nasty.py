"""Folders and tables of pictures as they are found, and what becomes of each: one row a case."""

import os
import shutil
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from deepvid.config import Dataset
from deepvid.datasets import ImageData, load
from deepvid.datasets.picture import FORMATS
from deepvid.errors import MOST, DataError, MissingExtraError

X, Y = 12, 8  # pixels of a picture, unless a case says otherwise


def save(path: Path, picture: Image.Image | None = None, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    (picture or Image.new("L", (X, Y), 90)).save(path, **options)
    return path


def pets(folder: Path) -> None:
    """Two classes of three gray pictures."""
    for name in ("cat", "dog"):
        for number in range(3):
            save(folder / name / f"{number}.png")


def load_from(path: Path, **settings: Any) -> ImageData:
    source = "folder" if path.is_dir() else "table"
    return load(Dataset.model_validate({"source": source, "path": path, **settings}), seed=0)


def turned(folder: Path) -> None:
    """Upright it is black above and white below; stored it lies on its side."""
    pixels = np.zeros((X, Y), np.uint8)
    pixels[:, : Y // 2] = 255
    exif = Image.Exif()
    exif[0x0112] = 8  # rotate by 90 degrees against the clock to view
    save(folder / "cat" / "0.png", Image.fromarray(pixels), exif=exif)


def deep(*numbers: int) -> Callable[[Path], None]:
    """16 bits a pixel, in a file for each number; their upper row is black."""

    def change(folder: Path) -> None:
        for place, number in enumerate(numbers):
            pixels = np.full((Y, X), number, np.uint16)
            pixels[-1] = 0
            save(folder / "cat" / f"{place}.png", Image.fromarray(pixels))

    return change


def deep_colors(folder: Path) -> None:
    """Pillow writes none: 16 bits a channel in a PNG and a PPM."""
    pixels = (257 * 177).to_bytes(2) * 3 * X
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", X, Y, 16, 2, 0, 0, 0),
        b"IDAT": zlib.compress((b"\0" + pixels) * Y),
    }
    parts = [
        len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
        for kind, data in {**chunks, b"IEND": b""}.items()
    ]
    (folder / "cat" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    (folder / "cat" / "1.ppm").write_bytes(f"P6 {X} {Y} 65535\n".encode() + pixels * Y)


def floating(folder: Path) -> None:
    save(folder / "cat" / "0.tiff", Image.fromarray(np.full((Y, X), 0.2, np.float32)))


def drawings(mode: str, ink: Any, clear: Any, **options: Any) -> Callable[[Path], None]:
    """The left half of the first is drawn, the right is transparent; a folder of nothing else."""

    def change(folder: Path) -> None:
        for path in folder.glob("*/*.png"):
            picture = Image.new(mode, (X, Y), clear)
            picture.paste(ink, (0, 0, X // 2, Y))
            save(path, picture, **options)

    return change


def masks(folder: Path) -> None:
    """Of 0 and 1, as bytes and as 16 bits."""
    for path in folder.glob("*/*.png"):
        pixels = np.ones((Y, X), np.uint16 if path.stem == "0" else np.uint8)
        pixels[:, X // 2 :] = 0
        save(path, Image.fromarray(pixels))


def moving(folder: Path) -> None:
    frames = [Image.new("L", (X, Y), value) for value in (30, 200)]
    save(folder / "cat" / "0.gif", frames[0], save_all=True, append_images=frames[1:])


def littered(folder: Path) -> None:
    save(folder / "__MACOSX" / "cat" / "0.png")
    save(folder / "__MACOSX" / "._0.png")
    save(folder / ".thumbnails" / "0.png")
    save(folder / "cat" / "._0.png")
    (folder / "empty").mkdir()
    (folder / "notes").mkdir()
    (folder / "notes" / "read me.txt").touch()
    (folder / "cat" / "boxes.csv").touch()


def astray(folder: Path) -> None:
    save(folder / "cat" / "more" / "0.png")
    save(folder / "cat" / ".thumbnails" / "0.png")
    save(folder / "cover.png")


def unlinked(folder: Path) -> None:
    (folder / "cat" / "0.png").unlink()
    (folder / "cat" / "0.png").symlink_to("annex/0.png")
    (folder / "cat" / "folder.png").mkdir()


def broken(folder: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    cut = save(folder / "dog" / "1.jpg", Image.fromarray(noise))
    cut.write_bytes(cut.read_bytes()[:700])
    (folder / "dog" / "2.png").write_bytes(b"")
    (folder / "cat" / "page.png").write_bytes(b"<html>404</html>")
    save(folder / "cat" / "high.tiff", Image.fromarray(np.full((Y, X), 9.5, np.float32)))


def of_sizes(folder: Path) -> None:
    save(folder / "cat" / "0.png", Image.new("RGB", (640, 480)))
    save(folder / "cat" / "1.png", Image.new("RGB", (3000, 20)))


def many_sizes(folder: Path) -> None:
    for number, path in enumerate(sorted(folder.glob("*/*.png"))):
        save(path, Image.new("L", (100 + 10 * number, 200)))


def photos(folder: Path) -> None:
    for path in folder.glob("*/*.png"):
        save(path, Image.new("RGB", (640, 480)))


def huge(folder: Path) -> None:
    save(folder / "cat" / "0.png", Image.new("1", (12_000, 12_000)))


def deeper(folder: Path) -> None:
    for name in ("cat", "dog"):
        (folder / name).rename(folder / "_")
        (folder / "Images").mkdir(exist_ok=True)
        (folder / "_").rename(folder / "Images" / name)


def flat(folder: Path) -> None:
    for path in list(folder.glob("*/*.png")):
        path.rename(folder / f"{path.parent.name}{path.name}")


def foreign(folder: Path) -> None:
    for path in list(folder.glob("*/*.png")):
        path.rename(path.with_suffix(".heic"))


def in_parts(*parts: str) -> Callable[[Path], None]:
    """Two classes in each part, and nothing beside them."""

    def change(folder: Path) -> None:
        for name in ("cat", "dog"):
            shutil.rmtree(folder / name)
        for part in parts:
            pets(folder / part)

    return change


def inside(*inner: str) -> Callable[[Path], None]:
    """The pictures of every class in folders of these names inside it."""

    def change(folder: Path) -> None:
        for number, path in enumerate(sorted(folder.glob("*/*.png"))):
            target = path.parent / inner[number % len(inner)] / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)

    return change


def unsorted_test_images(folder: Path) -> None:
    in_parts("train")(folder)
    save(folder / "test" / "images" / "0.png")


class Case(NamedTuple):
    """A change to two classes of three pictures, and the error that it must raise."""

    change: Callable[[Path], None]
    settings: dict[str, Any]
    notes: tuple[str, ...] = ()  # each in one of the notes
    error: tuple[str, ...] = ()  # each in the message
    pixel: tuple[int, ...] | None = None  # the first of cat's first picture
    test: int = 1  # how many are test images


SIZE = {"size": [Y, X]}
CASES: dict[str, Case] = {
    "lies on its side": Case(turned, {}, ("1 picture turned upright",), pixel=(0,)),
    "16 bits": Case(
        deep(257 * 177), {}, ("1 picture of 16 bits a channel: 0 is read as black, 65,535",), pixel=(177,)
    ),
    "12 of 16 bits": Case(
        deep(1000, 4000), {}, ("2 pictures of 16 bits a channel: 0 is read as black, 4,095",), pixel=(62,)
    ),  # 1000 x 255 / 4095 = 62.3
    "8 of 16 bits": Case(deep(77, 200), {}, ("0 is read as black, 255 as white",), pixel=(77,)),
    "16 bits of color": Case(deep_colors, {}, ("2 pictures of 16 bits",), pixel=(177, 177, 177)),
    "floats": Case(floating, {}, ("1 picture of floats: 0 is read as black",)),
    "black on transparent": Case(
        drawings("RGBA", (0, 0, 0, 255), (255, 0, 0, 0)), {}, ("6 pictures laid on white",), pixel=(0, 0, 0)
    ),
    "gray on transparent": Case(drawings("LA", (9, 255), (0, 0)), {}, ("laid on white",), pixel=(9,)),
    "a color that is transparent": Case(
        drawings("P", 1, 0, transparency=0), {}, ("laid on white",), pixel=(0, 0, 0)
    ),
    "a gray that is transparent": Case(
        drawings("L", 9, 7, transparency=7), {}, ("laid on white",), pixel=(9,)
    ),
    "16 bits that are transparent": Case(
        drawings("I;16", 257 * 160, 7, transparency=7), {}, ("laid on white", "65,535"), pixel=(160,)
    ),
    "white on transparent": Case(
        drawings("RGBA", (255, 255, 255, 255), (0, 0, 0, 0)),
        {},
        ("6 pictures of one color now",),
        pixel=(255, 255, 255),
    ),
    "masks": Case(masks, {}, ("two values, 0 and 1, read as black and white",), pixel=(255,)),
    "moving": Case(moving, {}, ("of several frames",)),
    "littered": Case(
        littered,
        {},
        (
            "__MACOSX (of the system)",
            ".thumbnails (of the system)",
            "empty (empty)",
            "notes (without",
            "1 .csv",
        ),
    ),
    "astray": Case(
        astray, {}, ("class folders, not looked into: cat/more", "in no class folder, not read: cover.png")
    ),
    "links to nothing": Case(unlinked, {}, error=("1 of 6", "cat/0.png: No such file", "--skip-unreadable")),
    "broken": Case(
        broken,
        SIZE,
        error=(
            "4 of 9",
            "dog/1.jpg: image file is truncated",
            "dog/2.png: empty",
            "cat/page.png: no picture",
            "cat/high.tiff: pixels from 9.5 to 9.5",
            "--skip-unreadable",
        ),
    ),
    "broken and of sizes": Case(
        lambda folder: (broken(folder), of_sizes(folder)),  # type: ignore[func-returns-value]
        {},
        error=(
            "Every picture file can be read. Pictures have one size",
            "dog/2.png: empty",
            "size = [8, 12]",
        ),
    ),
    "of many sizes": Case(many_sizes, {}, error=("and 1 more sizes", "Add below [dataset]: size = [64, 40]")),
    "broken, skipped": Case(broken, {**SIZE, "skip_unreadable": True}, ("4 pictures skipped",)),
    "of sizes": Case(
        of_sizes, {}, error=("8x12 gray (4 pictures)", "480x640 RGB (cat/0.png)", "20x3000", "size = [8, 12]")
    ),
    "photos": Case(photos, {}, error=("480x640 RGB (6 pictures)", "Add below [dataset]: size = [48, 64]")),
    "of sizes, cropped": Case(
        of_sizes, SIZE, ("2 of 6 pictures cropped to 8x12 (height x width), from 480x640 (1), 20x3000 (1)",)
    ),
    "of sizes, padded": Case(of_sizes, {**SIZE, "fit": "pad"}, ("2 of 6 pictures padded in black",)),
    "of sizes, stretched": Case(of_sizes, {**SIZE, "fit": "stretch"}, ("2 of 6 pictures stretched",)),
    "a bomb": Case(huge, SIZE, error=("cat/0.png: more than",)),
    "one level deeper": Case(deeper, {}, error=("one level below", "Write path = ", "Images")),
    "flat": Case(flat, {}, error=("6 pictures in no class folder", "cat0.png", 'source = "table"')),
    "of a foreign kind": Case(foreign, {}, error=("none in", "6 .heic", ".webp")),
    "a third part": Case(
        in_parts("train", "test", "valid"), {}, ("The 6 validation images are training images",), test=6
    ),
    "a validation part": Case(
        in_parts("train", "val"), {}, ("The 6 validation images are the test images",), test=6
    ),
    "parts in capitals": Case(in_parts("Training", "VALID"), {}, ("the test images",), test=6),
    "test images of no class": Case(
        unsorted_test_images, {}, error=("images in the test part of", "cat, dog in the training part")
    ),
    "patients of classes": Case(
        inside("patient1", "patient2"),
        {},
        ("classes are the outer folders of cat/patient1, cat/patient2, dog/patient1",),
    ),
    "images of classes": Case(inside("images"), {}, ("outer folders of cat/images, dog/images",)),
    "two levels deeper": Case(inside("a/b"), {}, error=("deeper than one level", "as cat/a/b/0.png")),
}


@pytest.mark.parametrize("name", CASES)
def test_real_folders(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    pets(tmp_path)
    case.change(tmp_path)
    if case.error:
        with pytest.raises(DataError) as raised:
            load_from(tmp_path, **case.settings)
        assert [text for text in case.error if text not in str(raised.value)] == [], raised.value
        return
    data = load_from(tmp_path, **case.settings)
    assert [text for text in case.notes if text not in "\n".join(data.notes)] == [], data.notes
    assert len(data.notes) > 0
    assert data.images.shape[1:3] == (Y, X)
    assert data.class_names == ("cat", "dog")
    assert data.test.sum() == case.test
    if "laid on white" in "".join(case.notes):
        assert (data.images[:, :, X // 2 :] == 255).all()  # nothing of what is hidden
    if case.pixel is not None:
        assert data.files is not None
        assert tuple(data.images[data.files.index("cat/0.png"), 0, 0]) == case.pixel


def test_a_folder_in_order_is_read_without_a_word(tmp_path: Path) -> None:
    pets(tmp_path)
    assert load_from(tmp_path).notes == ()


@pytest.mark.parametrize("suffix", [suffix for suffixes in FORMATS.values() for suffix in suffixes])
def test_every_listed_format_is_read(tmp_path: Path, suffix: str) -> None:
    pets(tmp_path)
    (tmp_path / "cat" / "0.png").unlink()
    name = {".jpe": "JPEG", ".jfif": "JPEG", ".dib": "BMP"}.get(suffix)
    save(
        tmp_path / "cat" / f"0{suffix}", Image.new("1" if suffix == ".pbm" else "L", (X, Y), 255), format=name
    )
    data = load_from(tmp_path)
    assert data.files is not None
    image = data.images[data.files.index(f"cat/0{suffix}")]
    assert image.min() >= 250


def test_skipped_files_are_recorded_with_why_and_leave_no_row(tmp_path: Path) -> None:
    pets(tmp_path)
    broken(tmp_path)
    data = load_from(tmp_path, **SIZE, skip_unreadable=True)
    assert set(data.skipped) == {"dog/1.jpg", "dog/2.png", "cat/page.png", "cat/high.tiff"}
    assert data.files is not None
    assert sorted(data.files) == ["cat/0.png", "cat/1.png", "cat/2.png", "dog/0.png", "dog/1.png"]
    assert len(data.images) == 5


def test_each_image_has_the_name_of_its_file(tmp_path: Path) -> None:
    for value, name in enumerate(("a/x.png", "a/y.png", "a/z.png", "ß 猫/1.png", "ß 猫/2.png")):
        save(tmp_path / name, Image.new("L", (X, Y), value))
    data = load_from(tmp_path)
    names = ("a/x.png", "a/y.png", "a/z.png", "ß 猫/1.png", "ß 猫/2.png")
    assert data.files is not None
    assert [names[value] for value in data.images[:, 0, 0, 0]] == list(data.files)


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    pets(tmp_path)
    os.rename(tmp_path / "cat" / "0.png", os.fsencode(tmp_path) + b"/cat/\xff.png")  # noqa: PTH104
    data = load_from(tmp_path)
    assert data.files is not None
    assert os.fsdecode(b"cat/\xff.png") in data.files


def test_cropping_padding_and_stretching(tmp_path: Path) -> None:
    pixels = np.zeros((16, 32), np.uint8)
    pixels[:, 8:24] = 200  # the middle half is light
    for name in ("a", "b"):
        for number in range(2):
            save(tmp_path / name / f"{number}.png", Image.fromarray(pixels))
    middles = {
        fit: load_from(tmp_path, size=[16, 16], fit=fit).images[0, :, :, 0]
        for fit in ("crop", "pad", "stretch")
    }
    assert (middles["crop"] == 200).all()
    assert middles["pad"][[0, 15]].max() == 0  # above and below
    assert middles["pad"][8, 8] == 200
    assert middles["stretch"][:, [0, 15]].max() < 20 < middles["stretch"][8, 8]


TABLE = "path,label,split\ncat/0.png,10,train\ncat/1.png,9,train\ndog/0.png,10,test\n"


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    pets(folder)
    path = folder / "list.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (TABLE, "utf-8"),
        (TABLE, "utf-8-sig"),
        (TABLE.replace(",", ";"), "utf-8"),
        (TABLE.replace(",", "\t"), "utf-8"),
        (TABLE.replace("\n", "\r\n"), "utf-8"),
        (TABLE.upper().replace("CAT", "cat").replace("DOG", "dog").replace("PNG", "png"), "utf-8"),
        (TABLE.replace("path,label", "Filename,class"), "utf-8"),
        (TABLE.replace("path,label,split", "image_path,target,subset"), "utf-8"),
        (TABLE.replace("test", "validation"), "utf-8"),
        ("label,width,split,path\n10,1,0,cat/0.png\n9,1,0,cat/1.png\n\n10,1,1,dog/0.png\n", "utf-8"),
    ],
)
def test_a_table_lists_path_label_and_split(tmp_path: Path, text: str, encoding: str) -> None:
    data = load_from(write(tmp_path, text, encoding))
    assert data.class_names == ("9", "10")  # as numbers
    assert data.labels.tolist() == [1, 0, 1]
    assert data.test.tolist() == [False, False, True]
    assert data.files == ("cat/0.png", "cat/1.png", "dog/0.png")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("path,label", "Found: none in", "path is missing", "without labels path alone")),
        ("photo,label\na.png,1\n", ("Found: photo, label in", "path is missing")),
        ('{"images": [' + '{"id": 1}, ' * 10**6 + "]}", ("list.csv, which is JSON", "path,label")),
        ("a" * 10**5 + ",label\na.png,1\n", ("100,000 letters", "path is missing")),
        ("path,label\ncat\\0.png,1\n", ("a path of Windows",)),
        ("path,label\n~/cat/0.png,1\n", ("~ stands for a home folder",)),
        ("path,label\nhttps://b.c/0.png,1\n", ("an address: download",)),
        ("path,label\ncat/0.png,\n,2\n", ("no path in line 3",)),
        (
            "path,label\ncat/0.png,a\nnone.png,b\nnor this.png,b\n",
            ("2 of 3", "none.png: No such file", "nor this"),
        ),
        (TABLE.replace("test", "spare"), ("train, validation or test", "spare")),
        ("path,label\n", ("has images", "none in")),
    ],
)
def test_a_table_with_faults_says_where(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(DataError) as raised:
        load_from(write(tmp_path, text))
    assert [word for word in words if word not in str(raised.value)] == [], raised.value
    assert len(str(raised.value)) <= MOST


def test_parquet_is_read_where_pyarrow_is_there_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, TABLE).rename(tmp_path / "list.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as where it is not installed
    with pytest.raises(MissingExtraError, match=r"Parquet.*pyarrow.*save the table as CSV"):
        load_from(path)


def test_a_number_that_stands_for_millions_of_rows_is_refused(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"path": np.zeros(40_000_000, np.int8)}), tmp_path / "list.parquet")
    with pytest.raises(DataError, match="at most 50 times"):
        load_from(tmp_path / "list.parquet")


def test_a_changed_picture_of_a_table_changes_its_checksums(tmp_path: Path) -> None:
    path = write(tmp_path, TABLE)
    before = load_from(path).checksums
    save(tmp_path / "cat" / "0.png", Image.new("L", (X, Y), 1))
    assert load_from(path).checksums != before
