"""Sizes that a file declares, held against the file before anything is allocated."""

from deepvid.errors import DataError
from deepvid.wording import size

FREE = 2**28  # bytes that any file may take
MOST = (
    50  # times its place in the file, beyond: photographs and features pack to a half, masks to a twentieth
)


def require_plausible(declared: int, packed: int, where: str) -> None:
    """Raises DataError where bytes that lie packed in a file would be `declared` many: it may be a trap."""
    if declared > max(FREE, MOST * packed):
        raise DataError(
            f"What is packed in a file takes at most {MOST} times its place there, or {size(FREE)}",
            f"{size(declared)} in {size(packed)} of {where}",
            "Do not use this file, or save its arrays unpacked, with numpy.savez",
        )
