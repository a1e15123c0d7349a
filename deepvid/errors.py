"""The exception tree. Every message says what must hold, what was found, and what to do."""

from deepvid.wording import shorten

MOST = 2_000  # letters of a message: what was found may be a whole file


class DeepVIDError(Exception):
    """Root of all errors raised on purpose.

    `must`, `found` and `action` are sentences without their final stop; together they have `MOST` letters.
    """

    def __init__(self, must: str, found: str, action: str) -> None:
        must, found, action = self.must, self.found, self.action = _shortened(must, found, action)
        super().__init__(f"{must}. Found: {found}. {action}.")

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), (self.must, self.found, self.action)  # crosses process borders whole


def _shortened(*parts: str) -> list[str]:
    """The parts of a message, the longest without their middle where all are more than `MOST` letters."""
    shorter = list(parts)
    for longest in sorted(range(len(parts)), key=lambda number: -len(parts[number])):
        excess = sum(map(len, shorter)) + len(". Found: . .") - MOST
        if excess > 0:
            shorter[longest] = shorten(parts[longest], max(MOST // 4, len(parts[longest]) - excess))
    return shorter


class UserError(DeepVIDError):
    """Something the person at the keyboard can mend: the command line exits with 2."""


class ConfigError(UserError):
    """An experiment description that cannot be run; carries every fault at once."""


class DataError(UserError):
    """Images or labels that cannot be used."""


class DivergedError(UserError):
    """Training left the numbers behind."""


class MissingExtraError(UserError):
    """A command needs packages of an extra that is not installed."""

    @classmethod
    def of(cls, what: str, extra: str, module: str) -> "MissingExtraError":
        return cls(
            f"{what} needs the packages of deepvid[{extra}]",
            f"no module named {module}",
            f"Install them: pip install 'deepvid[{extra}]'",
        )


class StoreError(UserError):
    """The experiment store cannot do what was asked."""


class LockedError(StoreError):
    """Another process is writing to the run."""


class DamagedError(StoreError):
    """Bytes on disk are not the bytes that were committed."""


class NewerFormatError(StoreError):
    """Written by a later version of DeepVID."""


class Cancelled(DeepVIDError):  # noqa: N818 - a request that was honored, not a fault
    """Work stopped because somebody asked; what was committed stays."""

    def __init__(
        self,
        must: str = "The work runs until it is done or cancelled",
        found: str = "a request to stop",
        action: str = "Run the same command again to continue",
    ) -> None:
        super().__init__(must, found, action)
