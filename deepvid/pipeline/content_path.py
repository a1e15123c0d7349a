"""A DVI content path as a run: written as a training that is logged, from the arrays in the folder."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from deepvid.datasets.conversion import pixels_of
from deepvid.errors import DataError
from deepvid.logger import LoggedRun
from deepvid.logger.samples import Samples, samples_of
from deepvid.progress import SILENT, Progress
from deepvid.store import remove_run
from deepvid.timetravel.content_path import ContentPath, open_content_path, read_epoch
from deepvid.timetravel.tensors import read_tensors


def import_content_path(
    folder: Path, store: Path, *, name: str | None = None, progress: Progress = SILENT
) -> Path:
    """Writes a run of all epochs of the folder; its own folder. `name`: as the content path's is called.

    Raises DataError for what the folder lacks or what is not as it should be, ConfigError for a name that
    no run can have, and Cancelled; no run is left behind then.
    """
    content = open_content_path(folder)
    first, _ = read_epoch(content, content.epochs[0])
    samples = _samples(content, len(first.head.bias), progress)
    run = LoggedRun(_named(folder) if name is None else name, samples, len(content.epochs), store)
    try:
        with run:
            for done, number in enumerate(content.epochs):
                progress.update(done, len(content.epochs), f"epoch {number}")
                run.epoch(**_epoch(content, number), metrics={"epoch": number})
    except BaseException:
        if (run.path / "journal.jsonl").exists():
            remove_run(run.path)
        raise
    return run.path


def _epoch(content: ContentPath, number: int) -> dict[str, Any]:
    """Arguments of `LoggedRun.epoch`: rows of NaN for training samples that are not in use."""
    epoch, test = read_epoch(content, number)
    features = np.full((len(content.label), test.shape[1]), np.nan, np.float32)
    features[epoch.sample], features[content.test] = epoch.features, test
    head = np.asarray(epoch.head.weight), np.asarray(epoch.head.bias)
    return {"logits": features @ head[0] + head[1], "features": features, "head": head}


def _samples(content: ContentPath, classes: int, progress: Progress) -> Samples:
    names = _class_names(content.folder, classes)
    progress.update(0, len(content.epochs), "reading the images")
    images, note = _images(content)
    samples = samples_of(images, content.label, content.test, names, where=str(content.folder))
    return samples._replace(notes=(*samples.notes, note)) if note else samples


def _images(content: ContentPath) -> tuple[np.ndarray | None, str]:
    """Pictures of all samples, or None, and what is to be said of them."""
    try:
        images = np.concatenate([_tensor(content.folder, part) for part in ("Training", "Testing")])
        if len(images) != len(content.label):
            return None, f"No pictures: {len(images):,} images of {len(content.label):,} samples"
        images, note = _displayed(images)
        pixels = pixels_of(images, str(content.folder)).images
        if pixels.shape[3] not in (1, 3):
            return None, f"No pictures: images of {pixels.shape[3]} channels"
        return pixels, note
    except (DataError, ValueError, TypeError) as error:
        found = error.found if isinstance(error, DataError) else error
        return None, f"No pictures: {found}"


def _tensor(folder: Path, part: str) -> np.ndarray:
    path = folder / f"{part}_data" / f"{part.lower()}_dataset_data.pth"
    if not path.is_file():
        raise DataError("Images lie beside their labels", f"no file {path}", "Copy the whole folder")
    tensor = read_tensors(path)
    if not isinstance(tensor, np.ndarray):
        raise DataError("Images are one tensor", f"a {type(tensor).__name__} in {path}", "Save them as one")
    return tensor


def _displayed(images: np.ndarray) -> tuple[np.ndarray, str]:
    """Floats that were standardized for the network, stretched from 0 to 1."""
    if images.dtype.kind != "f" or not np.isfinite(images).all():
        return images, ""
    low, high = float(images.min(initial=np.inf)), float(images.max(initial=-np.inf))
    whole = low >= 0 and high <= 255 and bool((images == np.round(images)).all())
    if (low >= 0 and high <= 1) or whole or low >= high:
        return images, ""
    return (images - low) / (high - low), f"Pixels from {low:.3g} to {high:.3g}, shown from black to white"


def _class_names(folder: Path, classes: int) -> list[str]:
    """Those of config.json where it has as many, else numbers."""
    try:
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        settings = {}
    for listed in _listed(settings):
        names = [str(name) for name in listed if isinstance(name, str | int | float)]
        if len(listed) == len(names) == len({name for name in names if name.strip()}) == classes:
            return names
    return [str(number) for number in range(classes)]


def _listed(settings: Any) -> Iterator[list[Any]]:
    """CLASSES of the settings, or of one of the methods in them."""
    if isinstance(settings, Mapping):
        for table in (settings, *settings.values()):
            if isinstance(table, Mapping) and isinstance(table.get("CLASSES"), list):
                yield table["CLASSES"]


def _named(folder: Path) -> str:
    """Name of the folder, in the letters that a run may have."""
    name = re.sub(r"[^a-z0-9_-]+", "_", folder.resolve().name.lower()).strip("_-")
    return name[:48] or "dvi"
