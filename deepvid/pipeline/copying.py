"""A stage that another run of the store has already is copied, never referenced: a run stands alone."""

from deepvid.pipeline.stage import Stage
from deepvid.store import Run, RunWriter, list_runs, open_run


def copy_from_another_run(writer: RunWriter, stage: Stage, key: str) -> bool:
    """Copies the stage, and its series where it has one, from a run that has an equal key."""
    source = _run_with(writer.run, stage.name, key)
    if source is None:
        return False
    series = source.series(stage.name)
    if series is not None and series.key == key:
        writer.copy_series(series)
    found = source.stages[stage.name]
    writer.copy_stage(found, summary=stage.summary(found.metrics))
    return True


def _run_with(run: Run, name: str, key: str) -> Run | None:
    for listing in list_runs(run.path.parent):
        if listing.id == run.id or listing.read_only:  # an archive beside the runs is imported first
            continue
        if listing.summary.get("stages", {}).get(name, {}).get("key") == key:
            found = open_run(listing.path)
            if name in found.stages and found.stages[name].key == key:
                return found
    return None
