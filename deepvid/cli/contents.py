"""What a run holds, counted for a person: whole stages, series under way, families of batches."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deepvid.store import Run, Stage


def whole_stages(run: "Run") -> dict[str, "Stage"]:
    """The stages that are one group, by name."""
    return {name: stage for name, stage in run.stages.items() if stage.family == name}


def batched(run: "Run") -> dict[str, list["Stage"]]:
    """The batches of every family that grows by them: students."""
    families = dict.fromkeys(stage.family for name, stage in run.stages.items() if stage.family != name)
    return {family: run.batches(family) for family in families}


def counted(family: str, batches: list["Stage"]) -> str:
    """As "1,171 students"."""
    return f"{sum(batch.metrics.get(family, 0) for batch in batches):,} {family}"


def run_contents(path: Path) -> str:
    """What a stopped run has, as "dataset, teacher (3 of 6 epochs), 64 students"."""
    from deepvid.store import open_run

    if not (path / "journal.jsonl").exists():
        return "nothing yet"
    run = open_run(path)
    names = list(whole_stages(run))
    for name in run.summary.get("epochs", {}):
        series = run.series(name)
        if series and name not in names:
            names.append(f"{name} ({series.epochs} of {series.planned} epochs)")
    return ", ".join([*names, *(counted(*entry) for entry in batched(run).items())]) or "nothing yet"
