"""All checks of a data set at once, and what they found in sentences."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from deepvid.data_check.copies import find_copies
from deepvid.data_check.kinds import KINDS
from deepvid.data_check.near_copies import ENOUGH, FEWEST, NearCopies, find_near_copies
from deepvid.data_check.quality import FEWEST as FEWEST_OF_QUALITY
from deepvid.data_check.quality import judge_quality
from deepvid.progress import SILENT, Progress
from deepvid.wording import bare, percent

EXAMPLES = 3  # that a sentence tells
NOTABLE = 3.0  # standard errors from which z is told although no pair is


class DataFindings(NamedTuple):
    """Findings about every sample; arrays are (sample,)."""

    flags: Mapping[str, np.ndarray]  # bool, by the names of `KINDS`
    copy_of: np.ndarray  # int32: the first other sample with its picture, or -1
    nearest: np.ndarray  # int32: the training image that a test image nearly is, or -1
    nearness: np.ndarray  # float32: its distance from that over the usual one, or nan
    near_copies: NearCopies | None  # None: there are too few images to tell
    unknown: tuple[str, ...]  # what could not be told, and why, in sentences without their stops

    @property
    def counts(self) -> dict[str, int]:
        """Images by kind; only kinds that were found."""
        return {name: int(flag.sum()) for name, flag in self.flags.items() if flag.any()}

    @property
    def z(self) -> float | None:
        """Of near copies; None where there are too few images to tell."""
        near = self.near_copies
        return None if near is None or np.isnan(near.z) else near.z


def check_data(
    images: np.ndarray,
    labels: np.ndarray | None,
    test: np.ndarray,
    *,
    sizes: np.ndarray | None = None,
    lookups: int = 10_000,
    seed: int,
    progress: Progress = SILENT,
) -> DataFindings:
    """`images` uint8 (sample, y, x, channel), `labels` int (sample,), `test` bool (sample,).

    `sizes` int (sample, 2) are y and x of the files that the images were made from, where they are known;
    at most `lookups` test images are looked for among the training images.
    """
    copies = find_copies(images, labels, test)
    progress.update(1, 10, "Looking for copies")
    quality = judge_quality(images, sizes)
    progress.update(2, 10, "Judging pictures")
    first = copies.first == np.arange(len(images))
    shows = ~quality.plain  # two pictures of one color are no copies of each other
    unique = first & shows & ~copies.copied
    part = progress.part(2, 10, 10)
    near = find_near_copies(images, test, unique, lookups=lookups, seed=seed, progress=part)
    nearest, nearness = np.full(len(images), -1, np.int32), np.full(len(images), np.nan, np.float32)
    if near is not None:
        nearest[near.sample], nearness[near.sample] = near.nearest, near.ratio
    flags = {
        "copied": copies.copied,
        "near_copy": nearest >= 0,
        "two_labels": copies.two_labels,
        "repeated": copies.repeated,
        **quality._asdict(),
    }
    return DataFindings(
        {name: flags[name] for name in KINDS},
        copies.copy_of,
        nearest,
        nearness,
        near,
        _unknown(near, test),
    )


def sentences(findings: DataFindings) -> list[str]:
    """A sentence for each kind that was found, without its stop, with examples by their numbers."""
    told = [
        f"{KINDS[name].sentence(count)} ({_examples(name, findings)}){_beside(name, findings)}"
        for name, count in findings.counts.items()
    ]
    z, near = findings.z, findings.near_copies
    if near is not None and z is not None and z > NOTABLE and "near_copy" not in findings.counts:
        told.append(f"Test images lie nearer to training images than these to each other: {_z(near, z)}")
    return told


def _unknown(near: NearCopies | None, test: np.ndarray) -> tuple[str, ...]:
    told = []
    if near is None and test.any() and not test.all():
        told.append(f"Whether test images are nearly training images is told from {FEWEST} different ones on")
    elif near is not None and np.isnan(near.z):
        told.append(f"A z of near copies is told from {ENOUGH} different test images on")
    if len(test) < FEWEST_OF_QUALITY:
        few = f"{FEWEST_OF_QUALITY} on; here are {len(test)}"
        told.append(f"Whether images are unlike the others is told from {few}")
    return tuple(told)


def _examples(name: str, findings: DataFindings) -> str:
    found = np.flatnonzero(findings.flags[name])
    if name == "near_copy":
        found = found[np.argsort(findings.nearness[found], kind="stable")]
    others = findings.nearest if name == "near_copy" else findings.copy_of
    paired = name in ("copied", "near_copy", "two_labels", "repeated")
    told = [f"#{one} like #{others[one]}" if paired else f"#{one}" for one in found[:EXAMPLES].tolist()]
    return ", ".join([*told, *(["…"] if len(found) > EXAMPLES else [])])


def _beside(name: str, findings: DataFindings) -> str:
    near, z = findings.near_copies, findings.z
    return f"; {_z(near, z)}" if name == "near_copy" and near is not None and z is not None else ""


def _z(near: NearCopies, z: float) -> str:
    return (
        f"{percent(near.share, digits=1)} of {near.compared:,} are nearer to one than 1 % of the training "
        f"images are to each other, z {bare(z, 1)}"
    )
