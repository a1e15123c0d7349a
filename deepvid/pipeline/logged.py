"""What a run lacks that another program trained."""

from deepvid.errors import StoreError
from deepvid.store import Run


def require_model(run: Run, what: str) -> None:
    """Raises `StoreError` for a run that was logged: it has the classifier's answers alone."""
    if run.logged:
        raise StoreError(
            f"{what} of the classifier itself",
            f"{run.id}, which another program trained and logged: it has that classifier's answers",
            "Train one here on the same images: deepvid run my.toml. A map and time travel need no more",
        )


def require_ended(run: Run) -> None:
    """Raises `StoreError` for a run that is logged, and has no teacher before its training ends."""
    if run.logged and "teacher" not in run.stages:
        raise StoreError(
            "A training that is logged has its teacher when it ends",
            f"{run.id}, which has not ended",
            f"Wait for it; if it was interrupted, go on with deepvid.log_run(..., resume={run.id!r})",
        )
