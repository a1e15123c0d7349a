"""The maps of a run's epochs beside those of methods that know one epoch alone, measured alike."""

import time
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from deepvid import config
from deepvid.config import names
from deepvid.errors import ConfigError
from deepvid.pipeline.history import Drawn, History
from deepvid.pipeline.mapper import mapped_by
from deepvid.progress import Progress
from deepvid.store import Run
from deepvid.timetravel.independent import Independent
from deepvid.timetravel.measures.table import measure_map

OTHERS: tuple[names.ProjectionMethod, ...] = get_args(names.ProjectionMethod)
Row = dict[str, Any]
"""`form`, `epoch` from 1 and the numbers of `Measured`."""


def stored_rows(run: Run, epochs: Sequence[int]) -> list[Row]:
    """What every form of the run's time travel was measured at, at these epochs, counted from 1."""
    prefix = f"{config.TimeTravel.stage}-"
    forms = [name for name in run.stages if name.startswith(prefix)]
    return [
        {"form": name.removeprefix(prefix), "epoch": epoch, **series.metrics[epoch - 1]}
        for name in forms
        if (series := run.series(name)) is not None
        for epoch in epochs
    ]


def rows_beside(
    run: Run, section: config.TimeTravel, epochs: Sequence[int], *, seed: int, progress: Progress
) -> Iterator[Row]:
    """PCA, t-SNE and UMAP of the same features at these epochs, as each is done."""
    drawn = Drawn.of(run, section, seed=seed)
    history = History(run, drawn)
    steps = len(epochs) * (1 + len(OTHERS))
    for at, epoch in enumerate(epochs):
        begin = at * (1 + len(OTHERS))
        asking = progress.part(begin, begin + 1, steps)
        past = history.past(epoch - 1, boundary=section.boundary, seed=seed, progress=asking)
        for number, method in enumerate(OTHERS, begin + 1):
            began = time.monotonic()
            fitting = progress.part(number, number + 1, steps)
            (fitted,) = Independent(method).fit([past.epoch], seed=seed, progress=fitting)
            seconds = time.monotonic() - began
            mapped = mapped_by(fitted, past, history, resolution=section.resolution)
            yield {
                "form": method,
                "epoch": epoch,
                **measure_map(mapped, None, seed=seed).numbers,
                "seconds": seconds,
            }


def epochs_asked(text: str | None, committed: int) -> list[int]:
    """Of "all", "last" (which nothing means, too) or numbers from 1, as "1,3,5". Raises ConfigError."""
    if text in (None, "last"):
        return [committed]
    if text == "all":
        return list(range(1, committed + 1))
    parts = [part.strip() for part in str(text).split(",")]
    if not {str(number) for number in range(1, committed + 1)}.issuperset(parts):
        raise ConfigError(
            f"Epochs are all, last, or numbers from 1 to {committed}",
            f"--epochs {text}",
            "Give them as --epochs 1,3",
        )
    return sorted({int(part) for part in parts})
