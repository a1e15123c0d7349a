"""Doodles of Quick, Draw! as one .npz file, which has to be there: nothing is downloaded."""

import hashlib
from dataclasses import dataclass

from deepvid.datasets.contract import Pictures, Request
from deepvid.datasets.finding import find_one
from deepvid.datasets.npz import read_npz


@dataclass(frozen=True)
class QuickDraw:
    """An .npz file with `images`, `labels` and `classes`; it has no split of its own."""

    name: str
    files: tuple[str, ...]  # the first that is found, where no path is given

    def read(self, request: Request) -> Pictures:
        path = find_one(self.name, self.files, {}, request)
        arrays = read_npz(path, ("images", "labels", "classes"), progress=request.progress)
        checksums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}
        names = tuple(map(str, arrays["classes"]))
        return Pictures(arrays["images"], arrays["labels"], None, names, checksums)
