"""The images."""

from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from deepvid.config import names
from deepvid.config.sections.section import Count, Section

_TRAIN, _TEST = 200, 60  # images of the tiny form
_EVERY_CLASS = 345  # where there may be as many classes: one training image each


class Dataset(Section):
    """Where the images come from, and how many of them are used."""

    stage: ClassVar[str] = "dataset"
    words: ClassVar[str] = "reading the images"

    source: names.Source = "fashion_mnist_small"
    path: Path | None = Field(None, description="file (arrays, quickdraw, cifar10) or folder (folder)")
    train: Count | None = Field(None, description="training images to use, stratified; None: all")
    test: Count | None = Field(None, description="test images to use, stratified; None: all")
    test_share: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.2, description="share held out, stratified, where a source has no split of its own"
    )
    swap: bool = Field(False, description="pool both splits and draw train and test anew, stratified")

    @model_validator(mode="after")
    def _local_sources_need_a_path(self) -> "Dataset":
        if self.source in ("arrays", "folder") and self.path is None:
            raise ValueError(f"source = {self.source!r} needs a path")
        return self

    def tiny(self) -> Self:
        many = self.source in ("quickdraw", "arrays", "folder")
        train = _EVERY_CLASS if many else _TRAIN
        return self.replaced(train=min(self.train or train, train), test=min(self.test or _TEST, _TEST))
