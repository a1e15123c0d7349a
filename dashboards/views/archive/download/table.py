"""What a run consists of and how large each part is: what an archive of it may leave out."""

from typing import NamedTuple

from deepvid import wording
from deepvid.store import Run

IMAGES = "images"  # can be left out of an archive like a stage; the labels stay

_WHAT = {
    "dataset": "labels, classes and checksums",
    "data-check": "copies, contradicting labels, and images that show little",
    "teacher": "predictions, features and parameters",
    "vae": "the autoencoder and the latents of every image",
    "hierarchy": "the teacher's tree of classes, for Sunburst and Path",
    "soft-tree": "a tree of decisions distilled from the teacher, for Path",
    "students": "a student for every image studied",
    "layers": "votes of every image's neighbors at every layer, and the layers' maps",
    "units": "how units answer, and what silencing each does",
    "unit-groups": "units that answer together",
    "unit-maps": "where units answer in images",
    "influence": "training images that speak for and against an answer",
    "counterfactuals": "the nearest images with another answer",
    "maximized": "pictures that units answer most to",
    "causes": "why each misclassified image is wrong",
    "modes": "kinds of mistakes, and whether each was confirmed",
    "explanations": "other methods' maps, and how much each costs the teacher",
}


class Part(NamedTuple):
    """One stage with all its batches and epochs. `what` says in a few words what it holds."""

    name: str
    what: str
    bytes: int


def parts(run: Run) -> list[Part]:
    """In the order of their commits; images first, for they are most of what can be spared.

    Sizes are those of the arrays, read from their metadata; files are larger by a few kB each.
    """
    sizes: dict[str, int] = {}
    for stage in run.stages.values():
        group = stage.open()
        images = group["image"].nbytes if stage.name == "dataset" and "image" in group else 0
        if images:
            sizes[IMAGES] = images
        sizes[stage.family] = sizes.get(stage.family, 0) + group.nbytes - images
    for name in run.summary.get("epochs", {}):
        if (series := run.series(name)) is not None and series.epochs:
            sizes[name] = sizes.get(name, 0) + series.open().nbytes + series.state_nbytes
    first = [IMAGES] if IMAGES in sizes else []
    return [Part(name, _what(name, run), sizes[name]) for name in dict.fromkeys([*first, *sizes])]


def _what(name: str, run: Run) -> str:
    if name == IMAGES:
        count = run.stages["dataset"].open().sizes.get("sample", 0)
        return f"{count:,} images; without them pages show no pictures"
    if name.startswith("projection-"):
        return f"the map {name.removeprefix('projection-')}"
    series = run.series(name)
    epochs = f", {wording.quantity(series.epochs, 'epoch')}" if series is not None else ""
    return _WHAT.get(name, "") + epochs
