"""From a source's file names to paths: what a person gave, then the places, then a download."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from deepvid.datasets.contract import DataFolder, Request, folders
from deepvid.datasets.download import Original, download
from deepvid.errors import DataError


def find_files(
    source: str, names: Iterable[str], originals: Mapping[str, Original], request: Request
) -> list[Path]:
    """The paths of all `names`, which lie in one folder. Raises `DataError` where they do not."""
    wanted = tuple(names)
    around = folders(source, request.places) if request.path is None else [user_path(source, request)]
    for folder in around:
        if all((folder / name).is_file() for name in wanted):
            return [folder / name for name in wanted]
    if request.path is not None:
        raise absent(source, wanted, request, f"not all of them in {request.path}")
    return [_downloaded(source, name, wanted, originals, request) for name in wanted]


def find_one(source: str, names: Sequence[str], originals: Mapping[str, Original], request: Request) -> Path:
    """The first of `names`, any of which will do; or the path that a person gave."""
    around = folders(source, request.places) if request.path is None else [user_path(source, request)]
    for folder in around:
        for name in names:
            if (folder / name).exists():
                return folder / name
    if request.path is not None:
        return user_path(source, request)
    original = next((name for name in names if name in originals), names[0])
    return _downloaded(source, original, names, originals, request)


def user_path(source: str, request: Request) -> Path:
    """The path that a person gave: as it stands, beside the experiment, or inside one of the places."""
    assert request.path is not None
    path = request.path.expanduser()
    beside = [] if request.beside is None else [request.beside / path]
    candidates = [path, *beside, *(folder / path for folder in folders(source, request.places))]
    existing = next((candidate for candidate in candidates if candidate.exists()), None)
    if existing is None:
        raise DataError(
            "dataset.path is a file or folder: from the current folder, from that of the experiment's file, "
            "or inside a place that is looked in",
            f"no {path}{'' if path.is_absolute() else f'; looked in {_around(request)}'}",
            "Correct the path, or name another folder with --data or $DEEPVID_DATA",
        )
    return existing


def absent(source: str, names: Sequence[str], request: Request, found: str) -> DataError:
    """The one error for images that are nowhere."""
    return DataError(
        f"The images of {source} lie in one of the data folders, or in a folder {source} there",
        f"{found}; looked in {_looked(request)}",
        f"Put {' or '.join(names) if len(names) < 4 else ', '.join(names)} there, "
        "or name another folder with --data or $DEEPVID_DATA",
    )


def _around(request: Request) -> str:
    """Every folder that a relative path may start from."""
    folders = [DataFolder(Path.cwd(), "the current folder")]
    if request.beside is not None and request.beside.resolve() != Path.cwd():
        folders.append(DataFolder(request.beside.resolve(), "of the experiment's file"))
    return "; ".join([*map(str, folders), _looked(request)])


def _looked(request: Request) -> str:
    named = any(place.origin == "$DEEPVID_DATA" for place in request.places)
    unset = () if named else ("$DEEPVID_DATA is not set",)
    return "; ".join([*map(str, request.places), *unset])


def _downloaded(
    source: str, name: str, names: Sequence[str], originals: Mapping[str, Original], request: Request
) -> Path:
    original = originals.get(name)
    if original is None or original.address is None:
        raise absent(source, names, request, "none of them, and there is no address to get them from")
    try:
        return download(
            original.address, original.checksum, request.places[-1].path / source, request.progress
        )
    except OSError as error:
        raise absent(
            source,
            names,
            request,
            f"none of them, and {original.address} gives nothing ({_innermost(error)})",
        ) from error


def _innermost(error: OSError) -> str:
    """What the system said, without the layers that requests wraps around it."""
    wrapped = error.args[0] if error.args else error
    return str(getattr(wrapped, "reason", error)).rpartition("): ")[2]
