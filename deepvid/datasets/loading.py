"""From a data set's settings to the images of a run: read, drawn by stratified, seeded choice, and split."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from deepvid.config import Dataset
from deepvid.datasets.arrays import Arrays
from deepvid.datasets.catalogue import SOURCES
from deepvid.datasets.contract import Form, ImageData, Pictures, Request, Rows, Source, is_own, places
from deepvid.datasets.corrections import checksums, with_corrections
from deepvid.datasets.folder import Folder
from deepvid.datasets.picture import decode
from deepvid.datasets.table import Table
from deepvid.datasets.validation import check_split, checked_labels, validated
from deepvid.datasets.white import White
from deepvid.errors import DataError
from deepvid.progress import SILENT, Progress
from deepvid.wording import first_few


def load(
    config: Dataset,
    *,
    data: Path | None = None,
    beside: Path | None = None,
    seed: int,
    progress: Progress = SILENT,
) -> ImageData:
    """Finds, reads, checks and selects.

    `data` is looked in before all other places; a relative path may start `beside` the experiment's file.

    Images that nobody labeled have the classes of `config`, and `labels` of None.

    Raises `DataError` for what is absent, broken or cannot be used, `MissingExtraError` where a download
    would need more packages, and `Cancelled`.
    """
    where = str(config.path or config.source)
    request = request_of(config, data, beside, progress)
    pictures = validated(_with_classes(_read(config, request), config, where), where, request.form)
    labels, count = pictures.labels, len(pictures.images)
    shown = () if labels is None else np.unique(labels).tolist()
    rows = split(np.zeros(count, np.int32) if labels is None else labels, pictures.test, config, seed=seed)
    order = np.concatenate(rows)
    images = ImageData(
        pictures.images[order],
        None if labels is None else labels[order],
        np.repeat([False, True], [len(rows.train), len(rows.test)]),
        pictures.class_names,
        dict(pictures.checksums),
        None if pictures.files is None else tuple(pictures.files[row] for row in order),
        pictures.notes,
        pictures.skipped,
        None if np.array_equal(order, np.arange(count)) else Rows(order, count),
        pictures.white or White(),
        None if pictures.sizes is None else pictures.sizes[order],
        tuple(column.rows(order) for column in pictures.columns),
    )
    images = with_corrections(images, config, beside)
    check_split(images, where, range(len(images.class_names)) if config.classes is None else shown)
    return images


def changed(
    config: Dataset, committed: Mapping[str, str], *, data: Path | None = None, beside: Path | None = None
) -> bool:
    """Whether a person's own images are not those of the `committed` checksums any more.

    False for published images, which are verified when they are read, and where there is nothing to compare.
    """
    if config.source == "given":
        return False  # another sha256 is another run's
    source = _source(config)
    try:
        now = checksums(config, beside)
        if not is_own(source):
            return any(committed.get(name) != digest for name, digest in now.items())
        return {**source.checksums(request_of(config, data, beside)), **now} != dict(committed)
    except (DataError, OSError):
        return False  # they are gone; a run has its own copy


def further_columns(
    config: Dataset, *, data: Path | None = None, beside: Path | None = None
) -> tuple[str, ...]:
    """Names of the further columns of a table; none of another source, and of one that is gone."""
    source = _source(config) if config.source == "table" else None
    if not isinstance(source, Table):
        return ()
    try:
        return source.further(request_of(config, data, beside))
    except (DataError, OSError):
        return ()


def labeled(config: Dataset, *, data: Path | None = None) -> bool:
    """Whether the images have labels, as published ones do. Raises `DataError` where they are not there."""
    source = _source(config)
    return not is_own(source) or source.labeled(request_of(config, data, None))


def first_size(config: Dataset, *, data: Path | None = None) -> tuple[int, int] | None:
    """(y, x) of the first of a person's images, as its header says; None where that cannot be told."""
    source, request = _source(config), request_of(config, data, None)
    try:
        if isinstance(source, Arrays):
            return source.first_size(request)
        if not isinstance(source, Folder | Table):
            return None
        path = source.first_file(request)
        found = decode(path.read_bytes(), None, White()) if path else None
    except (DataError, OSError, ValueError):
        return None  # said when all of them are read
    return found and found.size


def request_of(
    config: Dataset, data: Path | None, beside: Path | None, progress: Progress = SILENT
) -> Request:
    """The request to its source."""
    form = None if config.size is None else Form(config.size, config.fit)
    return Request(config.path, places(data), progress, beside, form, config.skip_unreadable)


def read_raw(config: Dataset, data: Path | None, beside: Path | None) -> Pictures:
    """Pictures of the source, in the size that they have there. Raises as `load` does."""
    return _read(config, request_of(config, data, beside)._replace(form=None))


def _read(config: Dataset, request: Request) -> Pictures:
    try:
        return _source(config).read(request)
    except OSError as error:
        raise DataError(
            "The files of a data set can be read", str(error), "Check its path and permissions"
        ) from error


def _with_classes(pictures: Pictures, config: Dataset, where: str) -> Pictures:
    """With the classes of `config`, of which labels may show some, or none where there are no labels."""
    if pictures.labels is None and config.classes is None:
        raise DataError(
            "Every image has a class: by a folder per class, or by labels beside the images",
            f"{pictures.unlabeled} {where}",
            "Label them: move pictures into a folder a class, or list path,label in a CSV file "
            '(source = "table"). To explain a trained model without labels name its '
            "classes: dataset.classes",
        )
    if pictures.labels is None:
        return pictures._replace(class_names=config.classes or ())
    return pictures if config.classes is None else _among(pictures, config.classes, where)


def _source(config: Dataset) -> Source:
    if config.source == "logged" or config.source == "given":
        receiver = "log_run" if config.source == "logged" else "explain"
        raise DataError(
            "The images of an experiment can be read",
            f"source = {config.source!r}: a program gave them to deepvid.{receiver}",
            "Run that program again, or save them with numpy.savez and give source = 'arrays'",
        )
    return SOURCES[config.source]


def _among(pictures: Pictures, classes: tuple[str, ...], where: str) -> Pictures:
    """The same, labeled by the places of their classes in `classes`: by their names, or by their numbers.

    Names may look like numbers, as "007" and "100" of "000" to "999" do: all are one or the other.

    Raises DataError for a class that is none of these.
    """
    place = {name: number for number, name in enumerate(classes)}
    unknown = [name for name in pictures.class_names if name not in place]
    numbered = {str(number): number for number in range(len(classes))}
    if unknown and numbered.keys() >= set(pictures.class_names):
        place = numbered
    elif unknown:
        raise DataError(
            f"Every class of the images is one of the {len(classes):,} that dataset.classes names",
            f"{first_few(unknown)} in {where}, which is none of {first_few(list(classes))}",
            "Name the folders or labels as these classes are named, or correct the names",
        )
    assert pictures.labels is not None  # images without labels have all classes as they are
    places = np.array([place[name] for name in pictures.class_names], np.int32)
    labels = checked_labels(pictures.labels, pictures.class_names, where)
    return pictures._replace(labels=places[labels], class_names=classes)


class Split(NamedTuple):
    """Rows of the source, each list ascending; no row is in both."""

    train: np.ndarray
    test: np.ndarray


def split(labels: np.ndarray, test: np.ndarray | None, config: Dataset, *, seed: int) -> Split:
    """The rows that `config` asks for; `test` is the source's own split, where it has one."""
    generator = np.random.default_rng(seed)
    rows = np.arange(len(labels))
    if test is not None and not config.swap:
        return Split(
            choose(labels, rows[~test], config.train, generator),
            choose(labels, rows[test], config.test, generator),
        )
    held_out = round(len(rows) * config.test_share) if test is None else int((~test).sum())
    train = choose(labels, rows, config.train or len(rows) - held_out, generator)
    rest = np.setdiff1d(rows, train)
    return Split(train, choose(labels, rest, config.test, generator))


def choose(
    labels: np.ndarray, rows: np.ndarray, total: int | None, generator: np.random.Generator
) -> np.ndarray:
    """At most `total` of `rows` (all where it is None), every class with its share, ascending."""
    if total is None or total >= len(rows):
        return rows
    counts = np.bincount(labels[rows])
    chosen = [
        generator.permutation(rows[labels[rows] == label])[:count]
        for label, count in enumerate(allocate(counts, total))
    ]
    return np.sort(np.concatenate(chosen))


def allocate(counts: np.ndarray, total: int) -> np.ndarray:
    """How many of each class make `total` of `counts.sum()`: their shares by largest remainders.

    Where `total` allows it, every class that has any gets at least one.
    """
    quota = counts * total / counts.sum()
    least = np.minimum(counts, 1) * (total >= np.count_nonzero(counts))
    given = np.maximum(np.floor(quota).astype(int), least)
    while given.sum() < total:
        given[np.argmax(np.where(given < counts, quota - given, -np.inf))] += 1
    while given.sum() > total:
        given[np.argmax(np.where(given > least, given - quota, -np.inf))] -= 1
    return given
