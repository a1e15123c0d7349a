"""The images."""

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from deepvid.config import names
from deepvid.config.sections.section import Count, Section

OWN: frozenset[names.Source] = frozenset({"arrays", "folder", "table"})
"""Sources of a person's own files, which have to be named."""

CSV, PARQUET = (".csv", ".tsv"), (".parquet", ".pq")
"""Suffixes of tables."""

SMALLEST, LARGEST = 8, 128
"""Pixels a side of an image."""

Side = Annotated[int, Field(ge=SMALLEST, le=LARGEST)]
Size = Annotated[
    tuple[Side, Side], BeforeValidator(lambda size: (size, size) if isinstance(size, int) else size)
]


class Dataset(Section):
    """Where the images come from, and how many of them are used."""

    stage: ClassVar[str] = "dataset"
    words: ClassVar[str] = "reading the images"

    source: names.Source | names.Logged | names.InlineData = Field(
        "fashion_mnist_small",
        description="folder, table and arrays are your own images; logged is what deepvid.log_run writes, "
        "given the images passed to deepvid.explain",
    )
    path: Path | None = Field(
        None,
        description="file or folder, from the current folder or from that of the experiment",
    )
    train: Count | None = Field(None, description="training images to use, stratified; None: all")
    test: Count | None = Field(None, description="test images to use, stratified; None: all")
    test_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.2,
        description="share held out, stratified, if a source has no split of its own; 1: every image is "
        "a test image of a teacher trained elsewhere, and models fitted to images see them all",
    )
    swap: bool = Field(False, description="pool both splits and draw train and test anew, stratified")
    size: Size | None = Field(None, description="[y, x] to resize all images to; None: they share one size")
    fit: names.Fit = Field(
        "crop", description="how to resize them: crop the excess, pad in black, or stretch"
    )
    classes: tuple[str, ...] | None = Field(
        None,
        description="names of all classes that a trained model knows, in the order of its outputs: images "
        "may show some of them only, or have no labels; None: those of the images",
    )
    sha256: str | None = Field(None, description="of the images passed in; a run fills it in")
    labels: Path | None = Field(
        None,
        description="CSV file of corrected labels, as deepvid doubts writes it: sample or file, and label",
    )
    leave_out: Path | None = Field(
        None,
        description="CSV file of images to leave out, by sample or file of a run without corrections; "
        "lines whose label is what it was leave none out",
    )
    skip_unreadable: bool = Field(
        False, description="go on without picture files that cannot be read, and record which"
    )

    @model_validator(mode="after")
    def _local_sources_need_a_path(self) -> "Dataset":
        if self.source in OWN and self.path is None:
            raise ValueError(f"source = {self.source!r} needs a path")
        return self

    @property
    def own(self) -> bool:
        """Whether only the person who has the files can read them: they are published nowhere."""
        return self.source in OWN or self.source in ("quickdraw", "given")

    @property
    def local(self) -> bool:
        """Whether it reads files of this machine that it names, or that nobody but their owner has."""
        return self.own or any(path is not None for path in (self.path, self.labels, self.leave_out))
