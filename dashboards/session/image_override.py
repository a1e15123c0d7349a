"""What a tab shows in the place of its image, until it is let go."""

from dashboards.session.session import Session
from deepvid.engine.requests import Edited


class ImageOverride:
    """Of one view. What stood there before, as an image whose latents were moved, comes back after it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._before: tuple[int, Edited | None] | None = None  # a sample, and what stood in its place

    def show(self, edited: Edited) -> None:
        """The image card shows it."""
        if self._before is None or self._before[0] != edited.sample:
            self._before = edited.sample, self._session.edited.get(edited.sample)
        self._session.edit(edited.sample, edited)

    def leave(self) -> None:
        """The image card shows what it did before."""
        if self._before is not None:
            before, self._before = self._before, None
            if before[0] in self._session.edited:
                self._session.edit(*before)
