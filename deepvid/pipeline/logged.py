"""What a run lacks that another program trained."""

from deepvid.errors import StoreError
from deepvid.store import Run


def require_model(run: Run, what: str) -> None:
    """Raises `StoreError` for a run that has its classifier's answers alone: logged, or of a table."""
    if run.logged:
        raise StoreError(
            f"{what} the classifier itself",
            f"{run.id}, which another program trained and logged: it has that classifier's answers",
            "Train one here on the same images: deepvid run my.toml. A map and time travel need no more",
        )
    if run.teacher_source == "predictions":
        raise StoreError(
            f"{what} the classifier itself",
            f"{run.id}, which explains a table of its answers",
            "Explain the model itself: deepvid explain model.onnx --images photos",
        )


def require_ended(run: Run) -> None:
    """Raises `StoreError` for a run that is logged, and has no teacher before its training ends."""
    if run.logged and "teacher" not in run.stages:
        raise StoreError(
            "A logged training has its teacher once it has ended",
            f"{run.id}, which has not ended",
            f"Wait for it; if it was interrupted, continue with deepvid.log_run(..., resume={run.id!r})",
        )
