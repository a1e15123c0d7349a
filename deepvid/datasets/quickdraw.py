"""Doodles of Quick, Draw! as one .npz file, which has to be there: nothing is downloaded."""

from collections.abc import Mapping
from dataclasses import dataclass

from deepvid.datasets.contract import Pictures, Request
from deepvid.datasets.finding import find_one
from deepvid.datasets.npz import read_npz
from deepvid.datasets.validation import checksum_of


@dataclass(frozen=True)
class QuickDraw:
    """An .npz file with `images`, `labels` and `classes`; it has no split of its own."""

    name: str
    files: tuple[str, ...]  # the first that is found, where no path is given

    def read(self, request: Request) -> Pictures:
        path = find_one(self.name, self.files, {}, request)
        arrays = read_npz(path, ("images", "labels", "classes"), progress=request.progress)
        names = tuple(map(str, arrays["classes"]))
        return Pictures(arrays["images"], arrays["labels"], None, names, checksum_of(path))

    def labeled(self, request: Request) -> bool:
        return True

    def checksums(self, request: Request) -> Mapping[str, str]:
        return checksum_of(find_one(self.name, self.files, {}, request))
